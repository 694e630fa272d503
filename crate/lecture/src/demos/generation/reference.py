"""Slide 1.5 in TensorFlow: Algorithms 1 and 2.

The weights are those of given_vae. The noise of the pixels is what math::rng::Rng::new(7) draws first, which the test draws again.
"""

import tensorflow as tf

from given import number, wave, write
from vae import BATCH, LATENT, LIKELIHOODS, decode, encode, given_data, given_vae


def algorithm_1(vae, likelihood, x, eps):
    """From the posterior of images x."""
    mu, log_var = encode(vae, x)
    z = mu + tf.exp(0.5 * log_var) * eps
    return z, *p_x(vae, likelihood, z)


def algorithm_2(vae, likelihood, eps):
    """From the prior: z ~ N(0, I)."""
    z = eps
    return z, *p_x(vae, likelihood, z)


def p_x(vae, likelihood, z):
    """Mean and scale of p(x|z), pixel by pixel."""
    decoded, log_scale = decode(vae, z)
    if likelihood == "bernoulli":
        p = tf.sigmoid(decoded)
        return p, tf.sqrt(p * (1 - p))
    if likelihood == "gaussian_per_pixel":
        mu_x, log_var_x = tf.split(decoded, 2, axis=-1)
        return mu_x, tf.maximum(tf.exp(0.5 * log_var_x), 1 / 32)
    if likelihood == "gaussian":
        log_scale = 0.5 * log_scale
    return decoded, tf.exp(log_scale) * tf.ones_like(decoded)


def sample(likelihood, mean, scale, normal, uniform):
    """x ~ p(x|z), with the noise from outside."""
    if likelihood == "bernoulli":
        return tf.cast(uniform < mean, mean.dtype)
    if likelihood == "laplace":
        centred = uniform - 0.5
        tail = tf.math.log(1 - 2 * tf.abs(centred))
        return mean - scale * tf.sign(centred) * tail
    return mean + scale * normal


MEAN, SCALE = number([0.2, 0.5, 0.8, 0.35, 0.6, 0.9]), number([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
NORMAL = number([0.158643983642301, 0.297885487176372, -1.426753256280533, 0.702187750497265, -2.515258995020244, 0.550561809913148])
UNIFORM = number([0.055360436478333, 0.172115854448118, 0.717576128358659, 0.427209819291505, 0.96365952188123, 0.465703689140478])


def results(likelihood):
    vae = given_vae(2 if likelihood == "gaussian_per_pixel" else 1)
    x, eps = given_data()
    named = lambda values: dict(zip(["z", "mean", "scale"], values))
    return {
        "algorithm_1": named(algorithm_1(vae, likelihood, x, eps)),
        "algorithm_2": named(algorithm_2(vae, likelihood, wave((BATCH, LATENT), 3.7, 1.3))),
        "sample": sample(likelihood, MEAN, SCALE, NORMAL, UNIFORM),
    }


if __name__ == "__main__":
    write({"noise": {"normal": NORMAL, "uniform": UNIFORM}} | {name: results(name) for name in LIKELIHOODS})
