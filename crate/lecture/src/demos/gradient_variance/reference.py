"""Slide 1.8 in TensorFlow: both gradient estimators, and the slide's simulation.

TensorFlow's random numbers are not ours: on given noise the estimates are compared digit by digit, the simulated variances
with the exact ones within their sampling error.
"""

import tensorflow as tf

from given import wave, write

DTYPE = tf.float64


def score(x, theta, baseline=0.0):
    """(10): the mean of x² (x - theta), x ~ N(theta, 1)."""
    terms = (x**2 - baseline) * (x - theta)
    return tf.reduce_mean(terms, axis=-1)


def reparameterized(eps, theta):
    """(11): the mean of 2 (theta + eps), eps ~ N(0, 1)."""
    return tf.reduce_mean(2 * (theta + eps), axis=-1)


def of_the_step(eps, theta, baseline=0.0):
    """The same two for 1[x > 0]: the mean of (1[x > 0] - b)(x - theta), and what automatic differentiation makes of 1[theta + eps > 0]."""
    theta = tf.constant(theta, DTYPE)
    with tf.GradientTape() as tape:
        tape.watch(theta)
        step = tf.cast(theta + eps > 0, DTYPE)
        mean = tf.reduce_mean(step)
    pathwise = tape.gradient(mean, theta, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return tf.reduce_mean((step - baseline) * eps), pathwise


def simulate(theta, sizes, repeats, generator):
    """The variance of `repeats` estimates, for every N."""
    variances = []
    for n in sizes:
        x = theta + generator.normal([repeats, n], dtype=DTYPE)
        eps = generator.normal([repeats, n], dtype=DTYPE)
        both = score(x, theta), reparameterized(eps, theta)
        variances.append([variance(both[0]), variance(both[1])])
    return variances


def variance(estimates):
    """Over R estimates, with the divisor R - 1."""
    repeats = len(estimates)
    return tf.math.reduce_variance(estimates) * repeats / (repeats - 1)


if __name__ == "__main__":
    theta, eps = 3.0, wave((50,), 2.9, 1.2)
    sizes, repeats = [1, 10, 100, 1000, 10000], 100
    write({
        "theta": theta,
        "score": score(theta + eps, theta),
        "score_with_baseline": score(theta + eps, theta, baseline=theta**2 + 3),
        "reparameterized": reparameterized(eps, theta),
        "of_the_step": of_the_step(eps, 0.5),
        "of_the_step_with_baseline": of_the_step(eps, 0.5, baseline=0.25),
        "variance": variance(eps),
        "sizes": sizes,
        "repeats": repeats,
        "simulated": simulate(10.0, sizes, repeats, tf.random.Generator.from_seed(1)),
    })
