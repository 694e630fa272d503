"""Slide 3.2 in TensorFlow: the measure of posterior collapse, and a step of the objective with free bits."""

import tensorflow as tf

from given import number, wave, write
from vae import adam, decode, encode, given_data, given_vae, gradient_of, log_likelihood


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


def free_bits(kl, kappa):
    """The KL term when the first kappa nats of every latent
    dimension are free; kl is [batch, latent]."""
    average = tf.reduce_mean(kl, axis=0)
    return tf.reduce_sum(tf.maximum(average, kappa))


BETA, KAPPA = 1.5, 0.018


def kl_per_dimension(mu, log_var):
    return 0.5 * (mu**2 + tf.exp(log_var) - 1 - log_var)


def loss(vae):
    x, eps = given_data()
    mu, log_var = encode(vae, x)
    z = mu + tf.exp(0.5 * log_var) * eps
    reconstruction = log_likelihood("gaussian", x, *decode(vae, z))
    kl = kl_per_dimension(mu, log_var)
    return BETA * free_bits(kl, KAPPA) - tf.reduce_mean(reconstruction)


def step_with_free_bits():
    """A step of Adam from the given weights. One dimension's average KL is below kappa and the other's above."""
    vae = given_vae()
    average = tf.reduce_mean(kl_per_dimension(*encode(vae, given_data()[0])), axis=0)
    gradient = gradient_of(vae, loss)
    flat = lambda tensors, names: {name: tf.reshape(tensors[name], [-1]) + 0.0 for name in names}
    found = {
        "average_kl": average,
        "loss": loss(vae),
        "gradient": flat(gradient, ["encoder.mu.weight", "encoder.log_var.bias"]),
    }
    adam().apply_gradients((gradient[name], vae[name]) for name in vae)
    found["after_one_step"] = flat(vae, ["encoder.mu.weight", "decoder.hidden.0.weight"])
    return found


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
        "free_bits": step_with_free_bits(),
    })
