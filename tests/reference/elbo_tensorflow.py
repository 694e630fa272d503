"""Slides 1.3 and 1.7 in TensorFlow, in one latent dimension: the ELBO in closed form and by Monte Carlo, and its gradient.

python3 tests/reference/elbo_tensorflow.py > tests/reference/elbo_tensorflow.json      (in float64)

Expected by crate/lecture/tests/elbo_tensorflow.rs, and by elbo.rs and reparameterization.rs beside it.
p(z) = N(mu_p, sigma_p²), p(x|z) = N(w z, sigma_x²), q(z|x) = N(mu, exp(log_var)). Everything in nats.
"""

import math

import tensorflow as tf

from given import number, write


def log_normal(x, mu, log_var):
    return -0.5 * (math.log(2 * math.pi) + log_var + (x - mu) ** 2 * tf.exp(-log_var))


def lemma_1(mu_q, log_var_q, mu_p, log_var_p):
    """Equation (5): the expectation of log p under q."""
    second_moment = tf.exp(log_var_q) + (mu_q - mu_p) ** 2
    squares = second_moment * tf.exp(-log_var_p)
    return -0.5 * (math.log(2 * math.pi) + log_var_p + squares)


def terms(x, mu, log_var, mu_p, log_var_p, w, log_var_x):
    """(2), (3), (4) in closed form; their sum is the ELBO."""
    log_var_wz = log_var + tf.math.log(w**2)
    term_2 = lemma_1(w * mu, log_var_wz, x, log_var_x)
    term_3 = lemma_1(mu, log_var, mu_p, log_var_p)
    term_4 = -lemma_1(mu, log_var, mu, log_var)
    return term_2, term_3, term_4


def monte_carlo(
    x, mu, log_var, mu_p, log_var_p, w, log_var_x, eps
):
    """The ELBO as a mean over z = mu + sigma eps, with its
    standard error."""
    z = mu + tf.exp(0.5 * log_var) * eps
    log_px_z = log_normal(x, w * z, log_var_x)
    log_pz = log_normal(z, mu_p, log_var_p)
    log_qz_x = log_normal(z, mu, log_var)
    sample = log_px_z + log_pz - log_qz_x
    mean, count = tf.reduce_mean(sample), len(eps)
    squares = tf.reduce_sum((sample - mean) ** 2)
    return mean, tf.sqrt(squares / (count - 1) / count)


def elbo(x, mu, log_var, w, log_var_x, eps, sample_z=False):
    """With p(z) = N(0, 1). A sampled z is a constant: it
    forgets the mu and sigma that it was drawn with."""
    z = mu + tf.exp(0.5 * log_var) * eps
    if sample_z:
        z = tf.stop_gradient(z)
    log_px_z = log_normal(x, w * z, log_var_x)
    kl = 0.5 * (mu**2 + tf.exp(log_var) - 1 - log_var)
    return tf.reduce_mean(log_px_z) - kl


def autodiff(x, mu, log_var, model, sample_z=False):
    """d ELBO/d mu, d ELBO/d log_var, through the graph."""
    mu, log_var = tf.Variable(mu), tf.Variable(log_var)
    with tf.GradientTape() as tape:
        value = elbo(x, mu, log_var, *model, sample_z)
    return tape.gradient(value, [mu, log_var])


def finite_difference(x, mu, log_var, model, h=1e-4):
    """By differences, with the same eps at both ends."""
    of = lambda mu, log_var: elbo(x, mu, log_var, *model)
    d_mu = of(mu + h, log_var) - of(mu - h, log_var)
    d_log_var = of(mu, log_var + h) - of(mu, log_var - h)
    return d_mu / (2 * h), d_log_var / (2 * h)


def closed_form(x, mu, log_var, w, log_var_x):
    """Of the expectation itself, without eps."""
    precision, variance = tf.exp(-log_var_x), tf.exp(log_var)
    d_mu = w * (x - w * mu) * precision - mu
    d_log_var = 1 - variance - w**2 * variance * precision
    return d_mu, 0.5 * d_log_var


if __name__ == "__main__":
    log_var_of = lambda sigma: number(2 * math.log(sigma))
    eps = number([-1.5, -0.25, 0.5, 2.0])
    model = (number(0.3), log_var_of(1.2), number(-0.8), log_var_of(0.6))
    point = (number(1.1), number(-0.4), log_var_of(0.7))
    at = (number(1.1), number(-0.4), number(-0.7))
    decoder = (number(-0.8), log_var_of(0.6))
    write({
        "terms": terms(*point, *model),
        "monte_carlo": monte_carlo(*point, *model, eps),
        "autodiff": {
            "sample eps": autodiff(*at, (*decoder, eps)),
            "sample z": autodiff(*at, (*decoder, eps), sample_z=True),
        },
        "finite_difference": finite_difference(*at, (*decoder, eps)),
        "closed_form": closed_form(*at, *decoder),
    })
