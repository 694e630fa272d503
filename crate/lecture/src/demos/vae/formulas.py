"""The displayed formulas of slide 1.4."""

import math

import numpy as np

from transcribed import expectation, formula, inequality, integral, log_normal, normal, untested, write

untested(
    r"""\mathbf{x} \;\xrightarrow{\; f_\phi \;}\; (\boldsymbol{\mu}, \log\boldsymbol{\sigma}^2) \;\xrightarrow{\; \boldsymbol{\epsilon} \;}\; \mathbf{z} = \boldsymbol{\mu} + \boldsymbol{\sigma} \odot \boldsymbol{\epsilon} \;\xrightarrow{\; f_\theta \;}\; p(\mathbf{x}|\mathbf{z})""",
    "a drawing of what is computed from what; its middle is equation (8)",
)


def linear_gaussian(draw):
    """x = w z + noise of sigma_x, p(z) = N(0, 1), q = N(mu, sigma²): everything has a closed form elsewhere."""
    x, w, mu = draw.real("x"), draw.real("w"), draw.real("mu", -1.0, 1.0)
    return x, w, draw.positive("sigma_x"), mu, draw.positive("sigma", 0.3, 1.2)


@formula(
    r"""\mathcal{L}_\beta = \mathbb{E}_{q}[\log p_\theta(\mathbf{x}|\mathbf{z})] - \beta\, \mathrm{KL}[q_\phi(\mathbf{z}|\mathbf{x}) \,\|\, p(\mathbf{z})], \qquad \mathcal{L}_1 = \mathrm{ELBO}"""
)
def weighted_objective(draw):
    """At beta = 1 the left side is the ELBO in its first form, E_q[log p(x, z) − log q(z|x)]; other weights follow by the KL by
    quadrature."""
    x, w, sigma_x, mu, sigma = linear_gaussian(draw)
    beta = draw.positive("beta", 0.0, 3.0)
    log_q = lambda z: log_normal(z, mu, sigma**2)
    joint = lambda z: log_normal(x, w * z, sigma_x**2) + log_normal(z, 0, 1)
    elbo = expectation(lambda z: joint(z) - log_q(z), mu, sigma**2)
    kl = integral(lambda z: normal(z, mu, sigma**2) * (log_q(z) - log_normal(z, 0, 1)), mu - 14 * sigma, mu + 14 * sigma)
    reconstruction = expectation(lambda z: log_normal(x, w * z, sigma_x**2), mu, sigma**2)
    return [[elbo - (beta - 1) * kl, elbo], [reconstruction - beta * kl, reconstruction - kl]]


@inequality(
    r"""\log p(\mathbf{x}) \;\ge\; \mathbb{E}\left[ \log \frac1K \sum_{k=1}^{K} \frac{p_\theta(\mathbf{x}|\mathbf{z}_k)\, p(\mathbf{z}_k)}{q_\phi(\mathbf{z}_k|\mathbf{x})} \right] \;\ge\; \mathrm{ELBO}, \qquad \mathbf{z}_k \sim q_\phi(\mathbf{z}|\mathbf{x}),"""
)
def importance_bound(draw):
    """With K = 2, the expectation over both samples on a grid."""
    x, w, sigma_x, mu, sigma = linear_gaussian(draw)
    eps = np.linspace(-10, 10, 801)
    mass = np.exp(-0.5 * eps**2) / math.sqrt(2 * math.pi) * (eps[1] - eps[0])
    z = mu + sigma * eps
    log_weight = np.array([log_normal(x, w * z, sigma_x**2) + log_normal(z, 0, 1) - log_normal(z, mu, sigma**2) for z in z])
    both = np.logaddexp(log_weight[:, None], log_weight[None, :]) - math.log(2)
    bound = float(mass @ both @ mass)
    evidence = integral(lambda z: normal(x, w * z, sigma_x**2) * normal(z, 0, 1), -14, 14)
    return [float(mass @ log_weight), bound, math.log(evidence)]


if __name__ == "__main__":
    write()
