"""The ELBO of slides 1.3 and 1.7 in one latent dimension, as the slides write it: closed form, Monte Carlo, gradients.

p(z) = N(mu_p, sigma_p²), p(x|z) = N(w z, sigma_x²), q(z|x) = N(mu, exp(log_var)). Everything in nats.
`python3 elbo_tensorflow.py` prints the numbers that crate/lecture/tests/elbo.rs and reparameterization.rs expect.
"""

import math

import tensorflow as tf


def log_normal(x, mu, log_var):
    return -0.5 * (math.log(2 * math.pi) + log_var + (x - mu) ** 2 * tf.exp(-log_var))


def lemma_1(mu_q, log_var_q, mu_p, log_var_p):
    """Equation (5): the expectation of log p under q."""
    second_moment = tf.exp(log_var_q) + (mu_q - mu_p) ** 2
    return -0.5 * (math.log(2 * math.pi) + log_var_p + second_moment * tf.exp(-log_var_p))


def terms(x, mu, log_var, mu_p, log_var_p, w, log_var_x):
    """(2), (3) and (4) in closed form; their sum is the ELBO."""
    term_2 = lemma_1(w * mu, log_var + tf.math.log(w**2), x, log_var_x)
    term_3 = lemma_1(mu, log_var, mu_p, log_var_p)
    term_4 = -lemma_1(mu, log_var, mu, log_var)
    return term_2, term_3, term_4


def monte_carlo(x, mu, log_var, mu_p, log_var_p, w, log_var_x, eps):
    """The ELBO as a mean over z = mu + sigma eps, with its standard error."""
    z = mu + tf.exp(0.5 * log_var) * eps
    sample = log_normal(x, w * z, log_var_x) + log_normal(z, mu_p, log_var_p) - log_normal(z, mu, log_var)
    mean = tf.reduce_mean(sample)
    count = len(eps)
    return mean, tf.sqrt(tf.reduce_sum((sample - mean) ** 2) / (count - 1) / count)


def gradients(x, mu, log_var, w, log_var_x, eps, sample_z):
    """d ELBO/d mu and d ELBO/d log_var by autodiff. A sampled z is a constant: it does not remember mu and sigma."""
    mu, log_var = tf.Variable(mu), tf.Variable(log_var)
    with tf.GradientTape() as tape:
        z = mu + tf.exp(0.5 * log_var) * eps
        if sample_z:
            z = tf.stop_gradient(z)
        reconstruction = tf.reduce_mean(log_normal(x, w * z, log_var_x))
        kl = 0.5 * (mu**2 + tf.exp(log_var) - 1 - log_var)
        elbo = reconstruction - kl
    return tape.gradient(elbo, [mu, log_var])


if __name__ == "__main__":
    number = lambda value: tf.constant(value, tf.float64)
    log_var_of = lambda sigma: number(2 * math.log(sigma))
    eps = number([-1.5, -0.25, 0.5, 2.0])
    model = (number(0.3), log_var_of(1.2), number(-0.8), log_var_of(0.6))
    point = (number(1.1), number(-0.4), log_var_of(0.7))
    print("terms", [t.numpy() for t in terms(*point, *model)])
    print("monte_carlo", [t.numpy() for t in monte_carlo(*point, *model, eps)])
    for sample_z in (False, True):
        pair = gradients(number(1.1), number(-0.4), number(-0.7), number(-0.8), log_var_of(0.6), eps, sample_z)
        print("gradients", "sample z" if sample_z else "sample eps", [g.numpy() for g in pair])
