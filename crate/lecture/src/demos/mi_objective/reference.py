"""Section 4 in TensorFlow: the objective ELBO + (1 - omega) I(x, z), and the two divergences that may stand in it.

For every divergence the loss with omega = 0.3 and lambda = 5, gradients, and what one and two steps of Adam make of it.
"""

import tensorflow as tf

from given import wave, write
from mixture import log_aggregate
from vae import BATCH, LATENT, adam, decode, encode, given_data, given_vae, gradient_of, log_likelihood, log_prior


def mi_augmented(reconstruction, kl, divergence, omega, weight):
    """ELBO + (1 - omega) I(x, z), with weight (lambda) times a
    divergence D(q(z), p(z)) for the marginal KL."""
    marginal = (1 - omega) * weight * divergence
    return reconstruction - omega * kl - marginal


def mmd2(z, y, kernel, unbiased):
    """E k(z, z') - 2 E k(z, y) + E k(y, y') for z ~ q(z) and
    y ~ p(z). Unbiased: no point is paired with itself."""

    def mean_within(points):
        n = len(points)
        k = kernel(squared_distances(points, points))
        if unbiased:
            return (tf.reduce_sum(k) - n) / (n * (n - 1))
        return tf.reduce_mean(k)

    across = tf.reduce_mean(kernel(squared_distances(z, y)))
    return mean_within(z) + mean_within(y) - 2 * across


def squared_distances(a, b):
    return tf.reduce_sum((a[:, None] - b) ** 2, axis=-1)


def rbf(distance2, two_s2=1.5):
    return tf.exp(-distance2 / two_s2)


def imq(distance2, c=2.5):
    return c / (c + distance2)


def marginal_kl(z, mu, log_var):
    """log q(z)/p(z), q(z) the mixture of this batch."""
    return log_aggregate(z, mu, log_var) - log_prior(z)


OMEGA, LAMBDA = 0.3, 5.0
PRIOR = wave((BATCH, LATENT), 3.7, 1.3)
DIVERGENCES = {
    "rbf_unbiased": lambda z, mu, log_var: mmd2(z, PRIOR, rbf, unbiased=True),
    "rbf_biased": lambda z, mu, log_var: mmd2(z, PRIOR, rbf, unbiased=False),
    "imq_unbiased": lambda z, mu, log_var: mmd2(z, PRIOR, imq, unbiased=True),
    "imq_biased": lambda z, mu, log_var: mmd2(z, PRIOR, imq, unbiased=False),
    "marginal_kl": marginal_kl,
}


def loss_and_divergence(vae, divergence):
    x, eps = given_data()
    mu, log_var = encode(vae, x)
    z = mu + tf.exp(0.5 * log_var) * eps
    reconstruction = log_likelihood("bernoulli", x, *decode(vae, z))
    kl = 0.5 * tf.reduce_sum(mu**2 + tf.exp(log_var) - 1 - log_var, axis=-1)
    d = divergence(z, mu, log_var)
    return -tf.reduce_mean(mi_augmented(reconstruction, kl, d, OMEGA, LAMBDA)), tf.reduce_mean(d)


def results(divergence):
    vae = given_vae()
    loss = lambda vae: loss_and_divergence(vae, divergence)[0]
    value, d = loss_and_divergence(vae, divergence)
    gradient = gradient_of(vae, loss)
    flat = lambda tensors, names: {name: tf.reshape(tensors[name], [-1]) + 0.0 for name in names}
    found = {
        "divergence": d,
        "loss": value,
        "gradient": flat(gradient, ["encoder.mu.weight", "encoder.log_var.bias"]),
    }
    optimizer = adam()
    for count in (1, 2):
        gradient = gradient_of(vae, loss)
        optimizer.apply_gradients((gradient[name], vae[name]) for name in vae)
        if count == 1:
            found["after_one_step"] = flat(vae, ["encoder.mu.weight", "decoder.hidden.0.weight"])
    found["loss_after_two_steps"] = loss(vae)
    return found


if __name__ == "__main__":
    write({name: results(divergence) for name, divergence in DIVERGENCES.items()})
