"""Section 3 in TensorFlow: the bound (17), the measure of posterior collapse, and the three terms of (21).

python3 tests/reference/information_tensorflow.py > tests/reference/information_tensorflow.json      (in float64)

Expected by crate/lecture/tests/information_tensorflow.rs and crate/lecture/src/demos/elbo_surgery/training/terms.rs. mu and log_var
are [N, latent], the posteriors of N data points; eps is [L, N, latent], L samples of each. Everything in nats.
"""

import math

import tensorflow as tf

from given import number, wave, write
from vae_tensorflow import log_normal, log_posterior, log_prior


def log_components(z, mu, log_var):
    """log q(z|x_n) for every n: [..., latent] -> [..., N]."""
    return tf.reduce_sum(log_normal(z[..., None, :], mu, log_var), axis=-1)


def log_aggregate(z, mu, log_var):
    """log q(z), (15): the mean of q(z|x_n) over n."""
    every = log_components(z, mu, log_var)
    total = tf.reduce_logsumexp(every, axis=-1)
    return total - math.log(len(mu))


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


def collapse_curve(kl, epsilons, delta=0.01):
    """The share of latent dimensions within epsilon of the
    prior for 99 % of the data; kl is [N, latent]."""
    within = tf.cast(kl < epsilons[:, None, None], kl.dtype)
    of_data = tf.reduce_mean(within, axis=1)
    collapsed = tf.cast(of_data >= 1 - delta, kl.dtype)
    return tf.reduce_mean(collapsed, axis=1)


def active_units(mu):
    """Dimensions whose mean moves: Var_x(mu_i) > 0.01."""
    variance = tf.math.reduce_variance(mu, axis=0)
    return tf.reduce_sum(tf.cast(variance > 0.01, tf.int32))


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


if __name__ == "__main__":
    N, LATENT, SAMPLES = 6, 2, 5
    mu, log_var = wave((N, LATENT), 1.3, 1.5), wave((N, LATENT), 0.7, 0.8) - 0.5
    eps = wave((SAMPLES, N, LATENT), 2.9, 1.2)
    log_px_z = -30 + wave((SAMPLES, N), 0.53, 4.0)
    # Three dimensions: one that everybody uses, one that 2 of 200 use, one that nobody does.
    rows = 200
    means = tf.stack([wave((rows,), 1.7, 1.4), wave((rows,), 0.9, 1e-3), wave((rows,), 1.1, 1e-3)], axis=1)
    outliers = tf.constant([[17, 1], [143, 1]])
    means = tf.tensor_scatter_nd_update(means, outliers, number([0.8, -0.8]))
    widths = tf.stack([wave((rows,), 0.6, 0.3) - 2.0, wave((rows,), 0.8, 1e-3), wave((rows,), 0.4, 1e-3)], axis=1)
    kl_table = 0.5 * (means**2 + tf.exp(widths) - 1 - widths)
    epsilons = number([1e-8, 1e-6, 1e-4, 1e-2, 0.3, 1.0, 3.0])
    write({
        "log_aggregate": log_aggregate(mu + 0.3, mu, log_var),
        "mi_bound": mi_bound(mu, log_var, eps),
        "surgery": surgery(log_px_z, mu, log_var, eps),
        "epsilons": epsilons,
        "collapse_curve": collapse_curve(kl_table, epsilons),
        "collapse_curve_strict": collapse_curve(kl_table, epsilons, delta=0.005),
        "active_units": active_units(means),
    })
