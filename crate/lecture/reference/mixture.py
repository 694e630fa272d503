"""The mixture of N posteriors, q(z): mu and log_var are [N, latent]."""

import math

import tensorflow as tf

from vae import log_normal


def log_components(z, mu, log_var):
    """log q(z|x_n) for every n: [..., latent] -> [..., N]."""
    return tf.reduce_sum(log_normal(z[..., None, :], mu, log_var), axis=-1)


def log_aggregate(z, mu, log_var):
    """log q(z), (15): the mean of q(z|x_n) over n."""
    every = log_components(z, mu, log_var)
    total = tf.reduce_logsumexp(every, axis=-1)
    return total - math.log(len(mu))
