"""What several scripts need of a VAE: its likelihoods and densities, its two networks, and one with given weights."""

import math

import tensorflow as tf

from given import number, wave


def log_likelihood(likelihood, x, decoded, log_scale):
    """log p(x|z), summed over pixels: (2) and (6)."""
    if likelihood == "bernoulli":
        logits = decoded
        per_pixel = x * logits - tf.nn.softplus(logits)
    elif likelihood == "continuous_bernoulli":
        logits = decoded
        total = tf.math.expm1(logits) / logits
        per_pixel = x * logits - tf.math.log(total)
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


def gradient_of(vae, loss):
    """Of loss(vae), for every parameter; 0 for one that is not used."""
    with tf.GradientTape() as tape:
        value = loss(vae)
    gradients = tape.gradient(value, list(vae.values()), unconnected_gradients="zero")
    return dict(zip(vae, gradients))


PIXELS, HIDDEN, LATENT, BATCH, RATE = 6, 5, 2, 4, 1e-2
LIKELIHOODS = ["bernoulli", "gaussian", "gaussian_per_pixel", "laplace"]


def given_vae(outputs=1):
    """The weights of JAX's script too."""
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
