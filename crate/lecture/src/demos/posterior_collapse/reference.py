"""Slide 3.2 in TensorFlow: the measure of posterior collapse."""

import tensorflow as tf

from given import number, wave, write


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


if __name__ == "__main__":
    # Three dimensions: one that everybody uses, one that 2 of 200 use, one that nobody does.
    rows = 200
    means = tf.stack([wave((rows,), 1.7, 1.4), wave((rows,), 0.9, 1e-3), wave((rows,), 1.1, 1e-3)], axis=1)
    outliers = tf.constant([[17, 1], [143, 1]])
    means = tf.tensor_scatter_nd_update(means, outliers, number([0.8, -0.8]))
    widths = tf.stack([wave((rows,), 0.6, 0.3) - 2.0, wave((rows,), 0.8, 1e-3), wave((rows,), 0.4, 1e-3)], axis=1)
    kl_table = 0.5 * (means**2 + tf.exp(widths) - 1 - widths)
    epsilons = number([1e-8, 1e-6, 1e-4, 1e-2, 0.3, 1.0, 3.0])
    write({
        "epsilons": epsilons,
        "collapse_curve": collapse_curve(kl_table, epsilons),
        "collapse_curve_strict": collapse_curve(kl_table, epsilons, delta=0.005),
        "active_units": active_units(means),
    })
