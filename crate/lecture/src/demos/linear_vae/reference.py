"""Section 2 in TensorFlow: the linear VAE's ELBO in closed form, and the maximum of probabilistic PCA.

Everything in nats per data point.
"""

import math

import tensorflow as tf

from given import number, wave, write


def linear_kl(V, log_d, S):
    """KL[q(z|x)||p(z)] of (13), averaged over the data, from
    S = E (x - mu)(x - mu)'."""
    codes = tf.linalg.trace(V @ S @ tf.transpose(V))
    widths = tf.reduce_sum(tf.exp(log_d) - log_d - 1)
    return 0.5 * (codes + widths)


def linear_reconstruction(W, V, log_d, log_sigma2, S):
    """E_q[log p(x|z)] of (12), averaged over the data, by the
    trace trick."""
    dim = len(W)
    D = tf.linalg.diag(tf.exp(log_d))
    A = W @ V - tf.eye(dim, dtype=W.dtype)
    spread = tf.linalg.trace(W @ D @ tf.transpose(W))
    error = tf.linalg.trace(A @ S @ tf.transpose(A))
    squares = (spread + error) * tf.exp(-log_sigma2)
    scale = dim * (math.log(2 * math.pi) + log_sigma2)
    return -0.5 * (scale + squares)


def log_px_max(S, latent, sigma2):
    """The largest log p(x) of probabilistic PCA at sigma2: what
    has an eigenvalue below sigma2 is left to the noise."""
    values = tf.linalg.eigvalsh(S)[::-1]
    leading = tf.range(len(values)) < latent
    signal = tf.math.log(values) + 1
    noise = tf.math.log(sigma2) + values / sigma2
    terms = tf.where(leading & (values > sigma2), signal, noise)
    return -0.5 * tf.reduce_sum(math.log(2 * math.pi) + terms)


def sigma2_ml(S, latent):
    """The mean of the eigenvalues that are left over."""
    return tf.reduce_mean(tf.linalg.eigvalsh(S)[::-1][latent:])


if __name__ == "__main__":
    DIM, LATENT, POINTS = 5, 2, 12
    x = wave((POINTS, DIM), 1.3, 1.1) + wave((POINTS, DIM), 0.37, 0.6)
    mean = tf.reduce_mean(x, axis=0)
    covariance = tf.transpose(x - mean) @ (x - mean) / POINTS
    model = {
        "weights": wave((DIM, LATENT), 0.7, 0.8),
        "mu": wave((DIM,), 1.9, 0.3),
        "recognition": wave((LATENT, DIM), 1.1, 0.5),
        "log_d": wave((LATENT,), 2.3, 0.6) - 1.0,
        "log_sigma2": number(-0.4),
    }
    model = {name: tf.Variable(value) for name, value in model.items()}
    with tf.GradientTape() as tape:
        W, mu, V, log_d, log_sigma2 = [variable + 0.0 for variable in model.values()]
        S = tf.transpose(x - mu) @ (x - mu) / POINTS
        kl = linear_kl(V, log_d, S)
        reconstruction = linear_reconstruction(W, V, log_d, log_sigma2, S)
        elbo = reconstruction - kl
    sigma2 = sigma2_ml(covariance, LATENT)
    write({
        "kl": kl,
        "reconstruction": reconstruction,
        "gradient": dict(zip(model, tape.gradient(elbo, list(model.values())))),
        "sigma2_ml": sigma2,
        "log_px_max": log_px_max(covariance, LATENT, sigma2),
        "log_px_max_at": {str(at): log_px_max(covariance, LATENT, number(at)) for at in (0.1, 0.6, 0.9)},
        "eigenvalues": tf.linalg.eigvalsh(covariance)[::-1],
    })
