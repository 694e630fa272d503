"""Slide 1.6 in TensorFlow: the slide's interpolate, the path on the sphere, and an analogy; and by SciPy the prior's norm."""

import tensorflow as tf
from scipy.stats import chi

from given import number, wave, write


def interpolate(start, end, steps):
    """Start and end, and `steps` codes between them."""
    return tf.linspace(start, end, steps + 2)


def interpolate_spherical(start, end, steps):
    """The same on the arc between the two directions."""
    t = tf.linspace(number(0.0), 1.0, steps + 2)[:, None]
    lengths = tf.norm(start) * tf.norm(end)
    omega = tf.acos(tf.reduce_sum(start * end) / lengths)
    a, b = tf.sin((1 - t) * omega), tf.sin(t * omega)
    return (a * start + b * end) / tf.sin(omega)


def analogy(z1, z2, z3):
    """What z1 is to z2, applied to z3."""
    return z1 - z2 + z3


def prior_norm(r, d):
    """Density and distribution function of the norm of z ~ N(0, I) of d dimensions at r, and its mean."""
    return [chi.pdf(r, d), chi.cdf(r, d), chi.mean(d)]


if __name__ == "__main__":
    z1, z2, z3 = wave((5,), 1.1, 1.3), wave((5,), 0.7, 0.9), wave((5,), 2.3, 0.4)
    write({
        "interpolate": interpolate(z1, z2, steps=4),
        "interpolate_spherical": interpolate_spherical(z1, z2, steps=4),
        "analogy": analogy(z1, z2, z3),
        "prior_norm": [[float(one) for one in prior_norm(r, d)] for d in (1, 2, 16, 50) for r in (0.4, 1.3, 4.0, 7.5)],
    })
