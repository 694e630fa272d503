"""Slide 3.3 in TensorFlow: the three terms of (21), and the priors that are learned.

mu and log_var are [N, latent], the posteriors of N data points; eps is [L, N, latent], L samples of each. Everything in nats.
"""

import math

import tensorflow as tf

from given import wave, write
from mixture import log_aggregate, log_components
from vae import LATENT, PIXELS, encode, given_vae, log_prior


def index_information(z, mu, log_var):
    """log N - H(q(n|z)): what z tells of which x_n it is."""
    every = log_components(z, mu, log_var)
    log_qn_z = tf.nn.log_softmax(every, axis=-1)
    qn_z = tf.exp(log_qn_z)
    entropy = -tf.reduce_sum(qn_z * log_qn_z, axis=-1)
    return math.log(len(mu)) - entropy


def surgery(log_px_z, mu, log_var, eps):
    """(21): ELBO = reconstruction - mi - marginal_kl."""
    z = mu + tf.exp(0.5 * log_var) * eps
    log_qz = log_aggregate(z, mu, log_var)
    reconstruction = tf.reduce_mean(log_px_z)
    mi = tf.reduce_mean(index_information(z, mu, log_var))
    marginal_kl = tf.reduce_mean(log_qz - log_prior(z))
    elbo = reconstruction - mi - marginal_kl
    return reconstruction, mi, marginal_kl, elbo


def fitted_mixture(z, mean, log_var):
    """E log p(z) of K Gaussians, mean and log_var [K, latent], at codes z, and its gradients."""
    with tf.GradientTape() as tape:
        tape.watch([mean, log_var])
        fit = tf.reduce_mean(log_aggregate(z, mean, log_var))
    return fit, tape.gradient(fit, [mean, log_var])


def fitted_pseudo_inputs(vae, z, inputs):
    """The same of the VampPrior, inputs [K, pixel]: through the encoder, which stays as it is."""
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        mu, log_var = encode(vae, inputs)
        fit = tf.reduce_mean(log_aggregate(z, mu, log_var))
    return fit, tape.gradient(fit, inputs)


if __name__ == "__main__":
    N, SAMPLES = 6, 5
    mu, log_var = wave((N, LATENT), 1.3, 1.5), wave((N, LATENT), 0.7, 0.8) - 0.5
    eps = wave((SAMPLES, N, LATENT), 2.9, 1.2)
    log_px_z = -30 + wave((SAMPLES, N), 0.53, 4.0)
    K = 3
    z = wave((SAMPLES, LATENT), 1.9, 1.4)
    mean, mixture_log_var = wave((K, LATENT), 1.1, 1.2), wave((K, LATENT), 2.1, 0.6)
    inputs = 0.5 + 0.5 * wave((K, PIXELS), 0.43, 1.0)
    write(
        {
            "surgery": surgery(log_px_z, mu, log_var, eps),
            "mixture": fitted_mixture(z, mean, mixture_log_var),
            "pseudo_inputs": fitted_pseudo_inputs(given_vae(), z, inputs),
        }
    )
