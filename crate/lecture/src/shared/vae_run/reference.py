"""Slides 1.2 and 1.4 in TensorFlow: one pass through a VAE, one step of Adam, the bound by K samples, and three estimators of the
gradient with respect to the encoder's output.

Everything in nats per example.
"""

import math

import tensorflow as tf

from given import wave, write
from vae import (
    BATCH, LATENT, LIKELIHOODS, adam, decode, encode, given_data, given_vae, gradient_of, log_likelihood, log_posterior, log_prior
)

BETA = 0.7


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


def gradient_estimates(vae, likelihood, x, eps):
    """Of E_q[log p(x|z)], by each of the S samples eps of
    shape [S, batch, latent]; (10) and (11)."""
    mu, log_var = encode(vae, x)
    sigma = tf.exp(0.5 * log_var)
    with tf.GradientTape() as tape:
        z = mu + sigma * eps
        tape.watch(z)
        log_px_z = log_likelihood(likelihood, x, *decode(vae, z))
    through = tape.gradient(log_px_z, z)
    score_mu = eps / sigma
    score_log_var = 0.5 * (eps**2 - 1)
    f = log_px_z[..., tf.newaxis]
    others = (tf.reduce_sum(f, axis=0) - f) / (len(eps) - 1)
    return {
        "mu": [f * score_mu, (f - others) * score_mu, through],
        "log_var": [f * score_log_var, (f - others) * score_log_var,
                    through * 0.5 * sigma * eps],
    }


def total_variance(estimates):
    """Of one sample, summed over dimensions, averaged over x."""
    variance = tf.math.reduce_variance(estimates, axis=0)
    variance *= len(estimates) / (len(estimates) - 1)
    return tf.reduce_mean(tf.reduce_sum(variance, axis=-1))


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
    estimates = gradient_estimates(vae, likelihood, x, wave((7, BATCH, LATENT), 2.1, 1.3))
    found["gradient_variances"] = [total_variance(one) for of in ["mu", "log_var"] for one in estimates[of]]
    optimizer = adam()
    step(vae, optimizer, likelihood, x, eps, BETA)
    found["after_one_step"] = flat(vae, ["encoder.mu.weight", "decoder.hidden.0.weight"])
    step(vae, optimizer, likelihood, x, eps, BETA)
    found["loss_after_two_steps"] = loss(vae)
    return found


if __name__ == "__main__":
    write({likelihood: results(likelihood) for likelihood in [*LIKELIHOODS, "continuous_bernoulli"]})
