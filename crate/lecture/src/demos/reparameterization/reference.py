"""Slide 1.7 in TensorFlow, in one latent dimension: the gradient of the ELBO three times, and a fourth by the score.

p(z) = N(0, 1), p(x|z) = N(w z, sigma_x²), q(z|x) = N(mu, exp(log_var)). Everything in nats.
"""

import math

import tensorflow as tf

from given import number, write
from vae import log_normal


def elbo(x, mu, log_var, w, log_var_x, eps, sample_z=False):
    """With p(z) = N(0, 1). A sampled z is a constant: it
    forgets the mu and sigma that it was drawn with."""
    z = mu + tf.exp(0.5 * log_var) * eps
    if sample_z:
        z = tf.stop_gradient(z)
    log_px_z = log_normal(x, w * z, log_var_x)
    kl = 0.5 * (mu**2 + tf.exp(log_var) - 1 - log_var)
    return tf.reduce_mean(log_px_z) - kl


def autodiff(x, mu, log_var, model, sample_z=False):
    """d ELBO/d mu, d ELBO/d log_var, through the graph."""
    mu, log_var = tf.Variable(mu), tf.Variable(log_var)
    with tf.GradientTape() as tape:
        value = elbo(x, mu, log_var, *model, sample_z)
    return tape.gradient(value, [mu, log_var])


def score(x, mu, log_var, w, log_var_x, z):
    """By the score: z is a sample, and what is differentiated
    is the log density of q there, weighted by log p(x|z)."""
    mu, log_var = tf.Variable(mu), tf.Variable(log_var)
    log_px_z = log_normal(x, w * z, log_var_x)
    with tf.GradientTape() as tape:
        log_q = log_normal(z, mu, log_var)
        kl = 0.5 * (mu**2 + tf.exp(log_var) - 1 - log_var)
        weighted = tf.reduce_mean(log_px_z * log_q) - kl
    return tape.gradient(weighted, [mu, log_var])


def finite_difference(x, mu, log_var, model, h=1e-4):
    """By differences, with the same eps at both ends."""
    of = lambda mu, log_var: elbo(x, mu, log_var, *model)
    d_mu = of(mu + h, log_var) - of(mu - h, log_var)
    d_log_var = of(mu, log_var + h) - of(mu, log_var - h)
    return d_mu / (2 * h), d_log_var / (2 * h)


def closed_form(x, mu, log_var, w, log_var_x):
    """Of the expectation itself, without eps."""
    precision, variance = tf.exp(-log_var_x), tf.exp(log_var)
    d_mu = w * (x - w * mu) * precision - mu
    d_log_var = 1 - variance - w**2 * variance * precision
    return d_mu, 0.5 * d_log_var


if __name__ == "__main__":
    eps = number([-1.5, -0.25, 0.5, 2.0])
    at = (number(1.1), number(-0.4), number(-0.7))
    decoder = (number(-0.8), number(2 * math.log(0.6)))
    write({
        "autodiff": {
            "sample eps": autodiff(*at, (*decoder, eps)),
            "sample z": autodiff(*at, (*decoder, eps), sample_z=True),
        },
        "score": score(*at, *decoder, at[1] + tf.exp(0.5 * at[2]) * eps),
        "finite_difference": finite_difference(*at, (*decoder, eps)),
        "closed_form": closed_form(*at, *decoder),
    })
