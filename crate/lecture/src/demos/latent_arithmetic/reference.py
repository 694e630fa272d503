"""Slide 1.6 in TensorFlow: the slide's interpolate, the path on the sphere, and an analogy."""

import tensorflow as tf

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


if __name__ == "__main__":
    z1, z2, z3 = wave((5,), 1.1, 1.3), wave((5,), 0.7, 0.9), wave((5,), 2.3, 0.4)
    write({
        "interpolate": interpolate(z1, z2, steps=4),
        "interpolate_spherical": interpolate_spherical(z1, z2, steps=4),
        "analogy": analogy(z1, z2, z3),
    })
