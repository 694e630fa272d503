"""Slide 3.1 in TensorFlow: the bound (17), and the one from below.

mu and log_var are [N, latent], the posteriors of N data points; eps is [L, N, latent], L samples of each. Everything in nats.
"""

import math

import tensorflow as tf

from given import wave, write
from mixture import log_aggregate, log_components
from vae import log_posterior, log_prior


def mi_bound(mu, log_var, eps):
    """(17): the average KL is I(x, z) + KL[q(z)||p(z)]."""
    z = mu + tf.exp(0.5 * log_var) * eps
    log_qz_x = log_posterior(z, mu, log_var)
    log_qz = log_aggregate(z, mu, log_var)
    mi = tf.reduce_mean(log_qz_x - log_qz)
    marginal_kl = tf.reduce_mean(log_qz - log_prior(z))
    return average_kl(mu, log_var), mi, marginal_kl


def average_kl(mu, log_var):
    """The mean of KL[q(z|x_n)||p(z)], in closed form."""
    kl = 0.5 * (mu**2 + tf.exp(log_var) - 1 - log_var)
    return tf.reduce_mean(tf.reduce_sum(kl, axis=-1))


def from_below(mu, log_var, eps, width):
    """log N + E[log p(n|z)], where the decoder takes the posteriors to be `width` times as wide."""
    z = mu + tf.exp(0.5 * log_var) * eps
    log_p = tf.nn.log_softmax(log_components(z, mu, log_var + 2 * math.log(width)))  # [L, N, N]
    return math.log(len(mu)) + tf.reduce_mean(tf.linalg.diag_part(log_p))


if __name__ == "__main__":
    N, LATENT, SAMPLES = 6, 2, 5
    mu, log_var = wave((N, LATENT), 1.3, 1.5), wave((N, LATENT), 0.7, 0.8) - 0.5
    eps = wave((SAMPLES, N, LATENT), 2.9, 1.2)
    write({
        "log_aggregate": log_aggregate(mu + 0.3, mu, log_var),
        "mi_bound": mi_bound(mu, log_var, eps),
        "from_below": [from_below(mu, log_var, eps, width) for width in (0.5, 1.0, 2.0)],
    })
