"""Slides 1.2 and 1.4 in TensorFlow: the likelihoods, one pass through a VAE, one step of Adam, and the bound by K samples.

python3 tests/reference/vae_tensorflow.py > tests/reference/vae_tensorflow.json      (in float64)

Expected, like the numbers of vae_step_jax.py, by crate/lecture/tests/vae_reference.rs. Everything in nats per example.
"""

import math

import tensorflow as tf

from given import number, wave, write


def log_likelihood(likelihood, x, decoded, log_scale):
    """log p(x|z), summed over pixels: (2) and (6)."""
    if likelihood == "bernoulli":
        logits = decoded
        per_pixel = x * logits - tf.nn.softplus(logits)
    elif likelihood == "gaussian":
        per_pixel = log_normal(x, decoded, log_scale)
    elif likelihood == "gaussian_per_pixel":
        mu_x, log_var_x = tf.split(decoded, 2, axis=-1)
        smallest = 2 * math.log(1 / 32)
        log_var_x = tf.maximum(log_var_x, smallest)
        per_pixel = log_normal(x, mu_x, log_var_x)
    elif likelihood == "laplace":
        log_b = log_scale
        distance = tf.abs(x - decoded) * tf.exp(-log_b)
        per_pixel = -math.log(2) - log_b - distance
    return tf.reduce_sum(per_pixel, axis=-1)


def log_normal(x, mu, log_var):
    """log N(x; mu, exp(log_var)), number by number."""
    squares = (x - mu) ** 2 * tf.exp(-log_var)
    return -0.5 * (math.log(2 * math.pi) + log_var + squares)


def log_prior(z):
    """log N(z; 0, I), summed over dimensions."""
    return -0.5 * tf.reduce_sum(math.log(2 * math.pi) + z**2, axis=-1)


def log_posterior(z, mu, log_var):
    """log N(z; mu, diag exp(log_var)), summed over dimensions."""
    return tf.reduce_sum(log_normal(z, mu, log_var), axis=-1)


def dense(vae, name, x):
    return x @ vae[name + ".weight"] + vae[name + ".bias"]


def encode(vae, x):
    """Equation (7)."""
    h = tf.nn.relu(dense(vae, "encoder.hidden.0", x))
    return dense(vae, "encoder.mu", h), dense(vae, "encoder.log_var", h)


def decode(vae, z):
    """Equation (6); what the output means is the likelihood's business. The scale is one for all pixels."""
    h = tf.nn.relu(dense(vae, "decoder.hidden.0", z))
    return dense(vae, "decoder.output", h), vae["decoder.log_scale"]


def terms(vae, likelihood, x, eps):
    """One pass: log p(x|z) at a sample z, KL[q(z|x)||p(z)]."""
    mu, log_var = encode(vae, x)
    z = mu + tf.exp(0.5 * log_var) * eps
    decoded, log_scale = decode(vae, z)
    reconstruction = log_likelihood(
        likelihood, x, decoded, log_scale)
    kl = 0.5 * (mu**2 + tf.exp(log_var) - 1 - log_var)
    return reconstruction, tf.reduce_sum(kl, axis=-1)


def loss_of(vae, likelihood, x, eps, beta):
    reconstruction, kl = terms(vae, likelihood, x, eps)
    return -tf.reduce_mean(reconstruction - beta * kl)


def gradient_of(vae, loss):
    """Of loss(vae), for every parameter; 0 for one that is not used."""
    with tf.GradientTape() as tape:
        value = loss(vae)
    gradients = tape.gradient(value, list(vae.values()), unconnected_gradients="zero")
    return dict(zip(vae, gradients))


def step(vae, optimizer, likelihood, x, eps, beta):
    """One update of all weights, up the mean ELBO."""
    with tf.GradientTape() as tape:
        reconstruction, kl = terms(vae, likelihood, x, eps)
        elbo = reconstruction - beta * kl
        loss = -tf.reduce_mean(elbo)
    weights = list(vae.values())
    gradients = tape.gradient(
        loss, weights, unconnected_gradients="zero")
    optimizer.apply_gradients(zip(gradients, weights))


def iwae_bound(vae, likelihood, x, eps):
    """log 1/K sum_k p(x|z_k) p(z_k) / q(z_k|x), for eps of
    shape [K, batch, latent]."""
    mu, log_var = encode(vae, x)
    z = mu + tf.exp(0.5 * log_var) * eps
    log_px_z = log_likelihood(likelihood, x, *decode(vae, z))
    log_qz = log_posterior(z, mu, log_var)
    log_weights = log_px_z + log_prior(z) - log_qz
    total = tf.reduce_logsumexp(log_weights, axis=0)
    return total - math.log(len(eps))


PIXELS, HIDDEN, LATENT, BATCH, BETA, RATE = 6, 5, 2, 4, 0.7, 1e-2
LIKELIHOODS = ["bernoulli", "gaussian", "gaussian_per_pixel", "laplace"]


def given_vae(outputs=1):
    """The weights of vae_step_jax.py."""
    weights = {
        "encoder.hidden.0.weight": wave((PIXELS, HIDDEN), 0.7, 0.5),
        "encoder.hidden.0.bias": wave((HIDDEN,), 1.1, 0.1),
        "encoder.mu.weight": wave((HIDDEN, LATENT), 1.3, 0.6),
        "encoder.mu.bias": wave((LATENT,), 1.7, 0.2),
        "encoder.log_var.weight": wave((HIDDEN, LATENT), 0.9, 0.4),
        "encoder.log_var.bias": wave((LATENT,), 2.3, 0.2),
        "decoder.hidden.0.weight": wave((LATENT, HIDDEN), 1.9, 0.7),
        "decoder.hidden.0.bias": wave((HIDDEN,), 0.5, 0.1),
        "decoder.output.weight": wave((HIDDEN, PIXELS * outputs), 0.3, 0.5),
        "decoder.output.bias": wave((PIXELS * outputs,), 0.6, 0.1),
        "decoder.log_scale": number([-0.4]),
    }
    return {name: tf.Variable(value) for name, value in weights.items()}


def given_data():
    return 0.5 + 0.5 * wave((BATCH, PIXELS), 0.37, 1.0), wave((BATCH, LATENT), 2.9, 1.2)


def adam():
    return tf.keras.optimizers.Adam(RATE, epsilon=1e-8)


def results(likelihood):
    vae = given_vae(2 if likelihood == "gaussian_per_pixel" else 1)
    x, eps = given_data()
    reconstruction, kl = terms(vae, likelihood, x, eps)
    loss = lambda vae: loss_of(vae, likelihood, x, eps, BETA)
    gradient = gradient_of(vae, loss)
    flat = lambda tensors, names: {name: tf.reshape(tensors[name], [-1]) + 0.0 for name in names}
    found = {
        "reconstruction": reconstruction,
        "kl": kl,
        "loss": loss(vae),
        "gradient": flat(
            gradient, ["encoder.hidden.0.weight", "encoder.log_var.bias", "decoder.output.bias", "decoder.log_scale"]
        ),
        "iwae": iwae_bound(vae, likelihood, x, wave((3, BATCH, LATENT), 1.9, 1.1)),
    }
    optimizer = adam()
    step(vae, optimizer, likelihood, x, eps, BETA)
    found["after_one_step"] = flat(vae, ["encoder.mu.weight", "decoder.hidden.0.weight"])
    step(vae, optimizer, likelihood, x, eps, BETA)
    found["loss_after_two_steps"] = loss(vae)
    return found


if __name__ == "__main__":
    write({likelihood: results(likelihood) for likelihood in LIKELIHOODS})
