"""The displayed formulas of slide 1.1."""

import math

import numpy as np
from scipy import integrate, optimize

from transcribed import formula, inequality, log_normal, untested, write

untested(
    r"""q(\mathbf{Z}|\mathbf{X}; \phi) = \prod_{i=1}^{N} q_i(\mathbf{z}_i|\mathbf{x}_i; \phi)""",
    "what is assumed, (1): there is nothing on its other side to compute",
)
untested(
    r"""(\boldsymbol{\mu}_i, \log\boldsymbol{\sigma}_i^2) = f_\phi(\mathbf{x}_i) \quad \text{for every } i.""",
    "what a network is: the encoder's forward pass is held against TensorFlow's",
)


def decode(z1, z2=0.0):
    return np.array(np.broadcast_arrays(z1 - 1.5 * np.sin(2 * z1), 1.5 * np.cos(2 * z1) + z2))


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


def elbo_two(x, sigma_x, p):
    """Of two latent dimensions, by Gauss and Hermite; p: means, log standard deviations L_jj and, if there is one, L_21."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(48)
    few, few_weights = np.polynomial.hermite_e.hermegauss(3)  # of z_2, in which the integrand is quadratic
    lower = p[4] if len(p) == 5 else 0.0
    z1 = (p[0] + math.exp(p[2]) * nodes)[:, None]
    z2 = p[1] + lower * nodes[:, None] + math.exp(p[3]) * few[None, :]
    log_joint = log_normal_pair(x, decode(z1, z2), sigma_x) - math.log(2 * math.pi) - 0.5 * (z1**2 + z2**2)
    weights = weights[:, None] * few_weights / (2 * math.pi)
    return float(np.sum(weights * log_joint)) + math.log(2 * math.pi) + 1 + p[2] + p[3]


@inequality(
    r"""\max_{\boldsymbol{\mu}, \boldsymbol{\sigma}} \mathrm{ELBO} \le \max_{\boldsymbol{\mu}, \mathbf{L}} \mathrm{ELBO} \le \log p(\mathbf{x}), \qquad \mathbf{L} \text{ lower triangular}."""
)
def families(draw):
    """Of two latent dimensions; both maxima by SciPy from many starts, the evidence by the trapezoid rule over the plane."""
    z, noise = [draw.rng.gauss(0, 1), draw.rng.gauss(0, 1)], [draw.rng.gauss(0, 1), draw.rng.gauss(0, 1)]
    sigma_x = draw.positive("sigma_x", 0.3, 0.8)
    x = draw.keep("x", decode(*z) + sigma_x * np.array(noise))
    first, second = np.linspace(-7, 7, 2801)[:, None], np.linspace(-7, 7, 701)
    joint = np.exp(log_normal_pair(x, decode(first, second), sigma_x) - 0.5 * (first**2 + second**2)) / (2 * math.pi)
    evidence = np.sum(joint) * (14 / 2800) * (14 / 700)
    starts = [[m, 0.0, s, -0.7] for m in np.linspace(-2.5, 2.5, 11) for s in (-2.0, -0.7)]

    def highest(more):
        loss = lambda p: -elbo_two(x, sigma_x, p)
        return max(-optimize.minimize(loss, start + more, method="BFGS", options={"gtol": 1e-8}).fun for start in starts)

    return [highest([]), highest([0.0]), math.log(evidence)]


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
