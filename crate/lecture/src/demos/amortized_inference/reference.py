"""Slide 1.1 in TensorFlow: the ELBO of the wheel, mean-field and amortized inference, log p(x) by quadrature.

Everything in nats per point.
"""

import math

import tensorflow as tf

from given import number, wave, write
from vae import dense, log_normal, log_prior

RADIUS, TURN = 1.5, 2.0


def decode(z):
    """f(z): a point on a wheel that turns as it travels."""
    right = z[..., 0] - RADIUS * tf.sin(TURN * z[..., 0])
    up = RADIUS * tf.cos(TURN * z[..., 0])
    if z.shape[-1] == 2:
        up += z[..., 1]
    return tf.stack([right, up], axis=-1)


def cholesky(log_var, lower=None):
    """L of the covariance L L': diagonal, or with L_21 below."""
    diagonal = tf.linalg.diag(tf.exp(0.5 * log_var))
    if lower is None:
        return diagonal
    below = tf.constant([[0.0, 0.0], [1.0, 0.0]], tf.float64)
    return diagonal + lower[:, :, None] * below


def elbo(x, q, sigma_x, eps, weights):
    """E_q[log p(x|z)] - KL[q(z|x)||p(z)] of every point; E is
    taken at nodes eps: quadrature, or one random sample.
    q: mu, log_var and, with a full covariance, L_21."""
    mu, log_var, *lower = q
    L = cholesky(log_var, *lower)
    z = mu[:, None] + tf.einsum("nij,kj->nki", L, eps)
    log_px_z = weights * log_likelihood(x[:, None], z, sigma_x)
    trace = tf.reduce_sum(L**2, axis=[1, 2])
    kl = 0.5 * (tf.reduce_sum(mu**2 - 1 - log_var, -1) + trace)
    return tf.reduce_sum(log_px_z, axis=-1) - kl


def log_likelihood(x, z, sigma_x):
    """log p(x|z) = log N(x; f(z), sigma_x² I)."""
    log_var_x = 2 * tf.math.log(sigma_x)
    per_axis = log_normal(x, decode(z), log_var_x)
    return tf.reduce_sum(per_axis, axis=-1)


def step(x, free, encoder, phi, optimizers, *expectation):
    """One step of both: `free` holds a Gaussian for every
    point, the encoder has one phi for all points."""
    with tf.GradientTape(persistent=True) as tape:
        mean_field = elbo(x, free, *expectation)
        amortized = elbo(x, encoder(phi, x), *expectation)
        losses = [-tf.reduce_sum(mean_field),
                  -tf.reduce_mean(amortized)]
    for loss, w, adam in zip(losses, [free, phi], optimizers):
        adam.apply_gradients(zip(tape.gradient(loss, w), w))


def log_px(x, sigma_x):
    """log of the integral of p(x|z) p(z), for one latent z."""
    z = tf.linspace(number(-9.0), 9.0, 1801)[:, None]
    log_px_z = log_likelihood(x[:, None], z, sigma_x)
    log_joint = log_px_z + log_prior(z)
    step = math.log(18 / 1800)
    return tf.reduce_logsumexp(log_joint, axis=-1) + step


def hermite(count):
    """Nodes and weights of the expectation under N(0, 1) (Golub and Welsch 1969)."""
    beside = tf.sqrt(tf.range(1, count, dtype=tf.float64))
    jacobi = tf.linalg.diag(beside, k=1, num_rows=count, num_cols=count)
    nodes, vectors = tf.linalg.eigh(jacobi + tf.transpose(jacobi))
    return nodes, vectors[0] ** 2


def product_rule(latent):
    """The 20 nodes of z_1, times two of z_2: eps [node, latent], weights [node]."""
    nodes, weights = hermite(20)
    if latent == 1:
        return nodes[:, None], weights
    second, second_weights = hermite(2)
    pairs = tf.stack(tf.meshgrid(nodes, second, indexing="ij"), axis=-1)
    return tf.reshape(pairs, [-1, 2]), tf.reshape(weights[:, None] * second_weights, [-1])


POINTS, HIDDEN, RATE = 3, 4, 1e-2
X = wave((POINTS, 2), 1.3, 1.4)
SIGMA_X = number(0.5)


def given_encoder(latent, below):
    phi = {
        "hidden.weight": wave((2, HIDDEN), 0.7, 0.8),
        "hidden.bias": wave((HIDDEN,), 1.1, 0.1),
        "mu.weight": wave((HIDDEN, latent), 1.3, 0.6),
        "mu.bias": wave((latent,), 1.7, 0.2),
        "log_var.weight": wave((HIDDEN, latent + below), 0.9, 0.4),
        "log_var.bias": wave((latent + below,), 2.3, 0.2),
    }
    return {name: tf.Variable(value) for name, value in phi.items()}


def results(latent, below=0):
    """`below`: entries of L below its diagonal, 1 with a full covariance."""
    q = [wave((POINTS, latent), 0.9, 0.8), wave((POINTS, latent), 1.7, 0.5) - 1.0]
    q += [wave((POINTS, 1), 2.1, 0.6)] * below
    phi = given_encoder(latent, below)
    names = list(phi)

    def encoder(phi, x):
        named = dict(zip(names, phi))
        h = tf.nn.relu(dense(named, "hidden", x))
        spread = dense(named, "log_var", h)
        return [dense(named, "mu", h), spread[:, :latent]] + [spread[:, latent:]] * below

    eps, weights = product_rule(latent)
    found = {
        "elbo": elbo(X, q, SIGMA_X, eps, weights),
        "amortized_elbo": elbo(X, encoder(list(phi.values()), X), SIGMA_X, eps, weights),
    }
    if latent == 1:
        found["log_px"] = log_px(X, SIGMA_X)
    optimizers = [tf.keras.optimizers.Adam(RATE, epsilon=1e-8) for _ in range(2)]
    # Every point's own Gaussian starts at the prior; a full one at the second of three starts, since at the prior, where z_1 leans
    # to neither side, the slope of L_21 is 0 and Adam's step in single precision is that of its rounding.
    widths = [latent, latent] + [1] * below
    mu, log_var, *lower = [tf.zeros((POINTS, width), tf.float64) for width in widths]
    if below:
        mu += [[tf.math.ndtri(number(0.25)), 0.0]]
        log_var += [[-2 * math.log(3), 0.0]]
    free = [tf.Variable(one) for one in (mu, log_var, *lower)]
    for _ in range(2):
        step(X, free, encoder, list(phi.values()), optimizers, SIGMA_X, eps, weights)
    found["after_two_steps"] = {
        **dict(zip(["mu", "log_var", "lower"], free)),
        "phi": {name: tf.reshape(value, [-1]) for name, value in phi.items()},
        "mean_field_elbo": elbo(X, free, SIGMA_X, eps, weights),
        "amortized_elbo": elbo(X, encoder(list(phi.values()), X), SIGMA_X, eps, weights),
    }
    return found


if __name__ == "__main__":
    write({"latent_1": results(1), "latent_2": results(2), "latent_2_full": results(2, below=1)})
