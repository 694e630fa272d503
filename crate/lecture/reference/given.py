"""What the scripts beside this one share: numbers that Rust can write down too, and how goldens are printed."""

import json

import tensorflow as tf

tf.keras.backend.set_floatx("float64")


def wave(shape, frequency, scale):
    """scale · sin(frequency · (index + 1)), row by row: weights, data and noise without a generator."""
    count = 1
    for size in shape:
        count *= size
    index = tf.range(1, count + 1, dtype=tf.float64)
    return tf.reshape(scale * tf.sin(frequency * index), shape)


def number(value):
    return tf.constant(value, tf.float64)


def plain(value):
    """Tensors inside as lists of numbers, with all their digits."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, (tf.Tensor, tf.Variable)):
        return value.numpy().tolist()
    return value


def write(results):
    print(json.dumps(plain(results), indent=1))
