"""Slide 1.3 in TensorFlow, in one latent dimension: the ELBO in closed form and by Monte Carlo.

p(z) = N(mu_p, sigma_p²), p(x|z) = N(w z, sigma_x²), q(z|x) = N(mu, exp(log_var)). Everything in nats.
"""

import math

import tensorflow as tf

from given import number, write
from vae import log_normal


def lemma_1(mu_q, log_var_q, mu_p, log_var_p):
    """Equation (5): the expectation of log p under q."""
    second_moment = tf.exp(log_var_q) + (mu_q - mu_p) ** 2
    squares = second_moment * tf.exp(-log_var_p)
    return -0.5 * (math.log(2 * math.pi) + log_var_p + squares)


def terms(x, mu, log_var, mu_p, log_var_p, w, log_var_x):
    """(2), (3), (4) in closed form; their sum is the ELBO."""
    log_var_wz = log_var + tf.math.log(w**2)
    term_2 = lemma_1(w * mu, log_var_wz, x, log_var_x)
    term_3 = lemma_1(mu, log_var, mu_p, log_var_p)
    term_4 = -lemma_1(mu, log_var, mu, log_var)
    return term_2, term_3, term_4


def monte_carlo(
    x, mu, log_var, mu_p, log_var_p, w, log_var_x, eps
):
    """The ELBO as a mean over z = mu + sigma eps, with its
    standard error."""
    z = mu + tf.exp(0.5 * log_var) * eps
    log_px_z = log_normal(x, w * z, log_var_x)
    log_pz = log_normal(z, mu_p, log_var_p)
    log_qz_x = log_normal(z, mu, log_var)
    sample = log_px_z + log_pz - log_qz_x
    mean, count = tf.reduce_mean(sample), len(eps)
    squares = tf.reduce_sum((sample - mean) ** 2)
    return mean, tf.sqrt(squares / (count - 1) / count)


if __name__ == "__main__":
    log_var_of = lambda sigma: number(2 * math.log(sigma))
    eps = number([-1.5, -0.25, 0.5, 2.0])
    model = (number(0.3), log_var_of(1.2), number(-0.8), log_var_of(0.6))
    point = (number(1.1), number(-0.4), log_var_of(0.7))
    write({
        "terms": terms(*point, *model),
        "monte_carlo": monte_carlo(*point, *model, eps),
    })
