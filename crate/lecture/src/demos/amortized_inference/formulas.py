"""The displayed formulas of slide 1.1."""

import math

import numpy as np
from scipy import integrate, optimize

from transcribed import formula, log_normal, untested, write

untested(
    r"""q(\mathbf{Z}|\mathbf{X}; \phi) = \prod_{i=1}^{N} q_i(\mathbf{z}_i|\mathbf{x}_i; \phi)""",
    "what is assumed, (1): there is nothing on its other side to compute",
)
untested(
    r"""(\boldsymbol{\mu}_i, \log\boldsymbol{\sigma}_i^2) = f_\phi(\mathbf{x}_i) \quad \text{for every } i.""",
    "what a network is: the encoder's forward pass is held against TensorFlow's",
)


def decode(z1, z2=0.0):
    return np.array([z1 - 1.5 * np.sin(2 * z1), 1.5 * np.cos(2 * z1) + z2])


def elbo(x, sigma_x, mu, sigma):
    """Of one latent dimension, by Gauss and Hermite with 200 nodes."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    z = mu + sigma * nodes
    mean = decode(z)
    log_p = log_normal_pair(x, mean, sigma_x)
    kl = 0.5 * (mu**2 + sigma**2 - 1 - math.log(sigma**2))
    return float(np.sum(weights * log_p) / np.sum(weights)) - kl


def log_normal_pair(x, mean, sigma_x):
    return sum(-0.5 * (math.log(2 * math.pi * sigma_x**2) + (x[k] - mean[k]) ** 2 / sigma_x**2) for k in range(2))


@formula(
    r"""\log p(\mathbf{x}) - \mathrm{ELBO}(\phi) = \underbrace{\log p(\mathbf{x}) - \mathrm{ELBO}^\ast}_{\text{approximation gap}} + \underbrace{\mathrm{ELBO}^\ast - \mathrm{ELBO}(\phi)}_{\text{amortization gap}}."""
)
def gaps(draw):
    """With some Gaussian for the encoder's; the best one by SciPy from many starts. Kept: log p(x), the best ELBO, this one's."""
    z, noise = draw.rng.gauss(0, 1), [draw.rng.gauss(0, 1), draw.rng.gauss(0, 1)]
    sigma_x = draw.positive("sigma_x", 0.3, 0.8)
    x = draw.keep("x", decode(z) + sigma_x * np.array(noise))
    mu, sigma = draw.real("mu"), draw.positive("sigma", 0.2, 1.0)
    joint = lambda z: math.exp(log_normal_pair(x, decode(z), sigma_x) + log_normal(z, 0, 1))
    log_px = math.log(integrate.quad(joint, -9, 9, epsabs=0, epsrel=1e-12, limit=2000, points=np.linspace(-5, 5, 41))[0])
    loss = lambda p: -elbo(x, sigma_x, p[0], math.exp(p[1]))
    options = {"xatol": 1e-9, "fatol": 1e-13, "maxiter": 4000}
    starts = [(m, s) for m in np.linspace(-2.5, 2.5, 11) for s in (-2.0, -0.7)]
    best = -min(optimize.minimize(loss, start, method="Nelder-Mead", options=options).fun for start in starts)
    here = elbo(x, sigma_x, mu, sigma)
    assert best <= log_px and here <= best
    draw.keep("parts", [log_px, best, here])
    return [log_px - here, (log_px - best) + (best - here)]


@formula(
    r"""f(\mathbf{z}) = \bigl( z_1 - \tfrac32 \sin 2z_1,\; \tfrac32 \cos 2z_1 + z_2 \bigr), \qquad p(\mathbf{x}|\mathbf{z}) = \mathcal{N}(\mathbf{x};\, f(\mathbf{z}),\, \sigma_x^2 \mathbf{I}),"""
)
def decoder(draw):
    z, x, sigma_x = draw.reals("z", 2), draw.reals("x", 2), draw.positive("sigma_x")
    f = [z[0] - 1.5 * math.sin(2 * z[0]), 1.5 * math.cos(2 * z[0]) + z[1]]
    squares = (x[0] - f[0]) ** 2 + (x[1] - f[1]) ** 2
    log_p = -math.log(2 * math.pi * sigma_x**2) - squares / (2 * sigma_x**2)
    return [[*decode(*z), log_normal(x[0], f[0], sigma_x**2) + log_normal(x[1], f[1], sigma_x**2)], [*f, log_p]]


if __name__ == "__main__":
    write()
