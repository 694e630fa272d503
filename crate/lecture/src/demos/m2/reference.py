"""Section 5 in TensorFlow: the two bounds of the M2 model, and the objective of a step.

Everything in nats.
"""

import math

import tensorflow as tf

from given import number, wave, write
from vae import adam, dense, gradient_of, log_likelihood


def labelled_bound(m2, likelihood, x, y, eps):
    """-L(x, y) = E_q[log p(x|y, z)] + log p(y)
    - KL[q(z|x, y)||p(z)], with y one-hot."""
    mu, log_var = encode(m2, x, y)
    z = mu + tf.exp(0.5 * log_var) * eps
    decoded, log_scale = decode(m2, z, y)
    reconstruction = log_likelihood(
        likelihood, x, decoded, log_scale)
    log_prior = -math.log(y.shape[-1])
    kl = 0.5 * (mu**2 + tf.exp(log_var) - 1 - log_var)
    kl = tf.reduce_sum(kl, axis=-1)
    return reconstruction + log_prior - kl


def unlabelled_bound(m2, likelihood, x, eps):
    """-U(x) = sum_y q(y|x) (-L(x, y)) + H(q(y|x))."""
    log_q = tf.nn.log_softmax(classify(m2, x))
    q = tf.exp(log_q)
    every = [
        labelled_bound(m2, likelihood, x, y, eps)
        for y in each_class(like=q)
    ]
    bounds = tf.stack(every, axis=-1)  # [batch, class]
    entropy = -tf.reduce_sum(q * log_q, axis=-1)
    return tf.reduce_sum(q * bounds, axis=-1) + entropy


def objective(m2, likelihood, labelled, unlabelled, weights):
    """J/(N + M): both bounds, and alpha times log q(y|x), so
    that the labels teach the classifier too."""
    x, y, eps = labelled
    log_q = y * tf.nn.log_softmax(classify(m2, x))
    parts = [
        labelled_bound(m2, likelihood, x, y, eps),
        unlabelled_bound(m2, likelihood, *unlabelled),
        tf.reduce_sum(log_q, axis=-1),
    ]
    means = [tf.reduce_mean(part) for part in parts]
    return sum(w * mean for w, mean in zip(weights, means))


def each_class(like):
    """Every class as y of a whole batch, one-hot, one after the other."""
    batch, classes = like.shape
    return [tf.one_hot([y] * batch, classes, dtype=like.dtype) for y in range(classes)]


def classify(m2, x):
    """Logits of q(y|x)."""
    return dense(m2, "classifier.output", tf.nn.relu(dense(m2, "classifier.hidden", x)))


def joined(m2, name, v, y):
    """A dense layer over v and y side by side."""
    return dense(m2, name + ".vector", v) + y @ m2[name + ".class"]


def encode(m2, x, y):
    h = tf.nn.relu(joined(m2, "encoder.hidden", x, y))
    return dense(m2, "encoder.mu", h), dense(m2, "encoder.log_var", h)


def decode(m2, z, y):
    h = tf.nn.relu(joined(m2, "decoder.hidden", z, y))
    return dense(m2, "decoder.output", h), m2["decoder.log_scale"]


INPUTS, CLASSES, HIDDEN, LATENT, LABELLED, UNLABELLED = 4, 3, 5, 2, 2, 3
WEIGHTS = (0.3, 0.7, 0.25)


def given_m2():
    """The weights of reference_jax.py."""
    weights = {
        "classifier.hidden.weight": wave((INPUTS, HIDDEN), 0.7, 0.8),
        "classifier.hidden.bias": wave((HIDDEN,), 1.1, 0.1),
        "classifier.output.weight": wave((HIDDEN, CLASSES), 1.3, 0.9),
        "classifier.output.bias": wave((CLASSES,), 1.7, 0.2),
        "encoder.hidden.vector.weight": wave((INPUTS, HIDDEN), 0.9, 0.5),
        "encoder.hidden.vector.bias": wave((HIDDEN,), 2.3, 0.1),
        "encoder.hidden.class": wave((CLASSES, HIDDEN), 1.9, 0.6),
        "encoder.mu.weight": wave((HIDDEN, LATENT), 0.5, 0.6),
        "encoder.mu.bias": wave((LATENT,), 0.3, 0.2),
        "encoder.log_var.weight": wave((HIDDEN, LATENT), 0.6, 0.4),
        "encoder.log_var.bias": wave((LATENT,), 1.5, 0.2),
        "decoder.hidden.vector.weight": wave((LATENT, HIDDEN), 2.1, 0.7),
        "decoder.hidden.vector.bias": wave((HIDDEN,), 0.8, 0.1),
        "decoder.hidden.class": wave((CLASSES, HIDDEN), 2.7, 0.8),
        "decoder.output.weight": wave((HIDDEN, INPUTS), 0.4, 0.7),
        "decoder.output.bias": wave((INPUTS,), 1.2, 0.1),
        "decoder.log_scale": number([-0.4]),
    }
    return {name: tf.Variable(value) for name, value in weights.items()}


def results(likelihood):
    m2 = given_m2()
    x = 0.5 + 0.5 * wave((LABELLED, INPUTS), 0.37, 1.0)
    y = tf.one_hot([2, 0], CLASSES, dtype=tf.float64)
    labelled = x, y, wave((LABELLED, LATENT), 2.9, 1.2)
    unlabelled = 0.5 + 0.5 * wave((UNLABELLED, INPUTS), 0.53, 1.0), wave((UNLABELLED, LATENT), 3.1, 1.1)
    J = lambda m2: objective(m2, likelihood, labelled, unlabelled, WEIGHTS)
    x, eps = unlabelled
    every = [labelled_bound(m2, likelihood, x, y, eps) for y in each_class(tf.zeros((UNLABELLED, CLASSES), x.dtype))]
    found = {
        "labelled": labelled_bound(m2, likelihood, *labelled),
        "every": tf.reshape(tf.stack(every, axis=1), [-1]),
        "unlabelled": unlabelled_bound(m2, likelihood, *unlabelled),
        "objective": J(m2),
        "gradient": {name: tf.reshape(value, [-1]) for name, value in gradient_of(m2, J).items()},
    }
    gradient = gradient_of(m2, lambda m2: -J(m2))
    adam().apply_gradients((gradient[name], m2[name]) for name in m2)
    return found | {"objective_after_one_step": J(m2)}


if __name__ == "__main__":
    write({likelihood: results(likelihood) for likelihood in ("bernoulli", "gaussian")})
