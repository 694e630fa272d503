"""The displayed formulas of section 4."""

import math

import numpy as np

from transcribed import Posteriors, expectation, formula, integral, write


class Model(Posteriors):
    """With x = w z + noise of sigma_x for the decoder."""

    def __init__(self, draw):
        super().__init__(draw)
        x, w, sigma_x = draw.reals("x", 4), draw.real("w", -1.5, 1.5), draw.positive("sigma_x")
        log_likelihood = -0.5 * (np.log(2 * np.pi * sigma_x**2) + ((x[:, None] - w * self.z) / sigma_x) ** 2)
        self.reconstruction = self.joint(log_likelihood)
        self.elbo = self.joint(log_likelihood + self.log_prior - self.log_q)
        self.information = self.joint(self.log_q - self.log_aggregate)
        self.marginal = self.aggregate(self.log_aggregate - self.log_prior)
        self.omega = draw.real("omega", 0, 1)
        draw.keep("terms", [self.reconstruction, self.kl(), self.marginal])


@formula(
    r"""\mathrm{ELBO} + (1 - \omega)\, I(\mathbf{x}, \mathbf{z}) = \mathbb{E}[\log p_\theta(\mathbf{x}|\mathbf{z})] - \omega\, \overline{\mathrm{KL}} - (1 - \omega)\, \mathrm{KL}[q_\phi(\mathbf{z}) \,\|\, p(\mathbf{z})]"""
)
def objective(draw):
    m = Model(draw)
    left = m.elbo + (1 - m.omega) * m.information
    return [left, m.reconstruction - m.omega * m.kl() - (1 - m.omega) * m.marginal]


@formula(
    r"""\begin{aligned}
\mathrm{ELBO} + (1 - \omega)\, I
&= \mathbb{E}[\log p_\theta(\mathbf{x}|\mathbf{z})] - \overline{\mathrm{KL}} + (1 - \omega) \bigl( \overline{\mathrm{KL}} - \mathrm{KL}[q_\phi(\mathbf{z}) \,\|\, p(\mathbf{z})] \bigr) \\
&= \mathbb{E}[\log p_\theta(\mathbf{x}|\mathbf{z})] - \omega\, \overline{\mathrm{KL}} - (1 - \omega)\, \mathrm{KL}[q_\phi(\mathbf{z}) \,\|\, p(\mathbf{z})]
\end{aligned}"""
)
def derivation(draw):
    m = Model(draw)
    kl, rest = m.kl(), 1 - m.omega
    return [
        m.elbo + rest * m.information,
        m.reconstruction - kl + rest * (kl - m.marginal),
        m.reconstruction - m.omega * kl - rest * m.marginal,
    ]


@formula(
    r"""\mathrm{KL}[q_\phi(\mathbf{z}) \,\|\, p(\mathbf{z})] \approx \frac1B \sum_{i=1}^{B} \log \frac{\frac1B \sum_{k=1}^{B} q_\phi(\mathbf{z}_i|\mathbf{x}_k)}{p(\mathbf{z}_i)}, \qquad \mathbf{z}_i \sim q_\phi(\mathbf{z}|\mathbf{x}_i)."""
)
def batch_estimate(draw):
    """The right side, from given codes of two dimensions; the left is estimated by it and not equal."""
    mu, log_var, z = draw.reals("mu", 5, 2), draw.reals("log_var", 5, 2, low=-2, high=0), draw.reals("z", 5, 2)
    log_normals = lambda z, mu, log_var: -0.5 * np.sum(np.log(2 * np.pi) + log_var + (z - mu) ** 2 / np.exp(log_var), axis=-1)
    total = 0.0
    for i in range(5):
        mixture = sum(math.exp(log_normals(z[i], mu[k], log_var[k])) for k in range(5)) / 5
        prior = math.exp(log_normals(z[i], np.zeros(2), np.zeros(2)))
        total += math.log(mixture / prior)
    return [total / 5]


@formula(
    r"""\mathrm{MMD}^2(q, p) = \mathbb{E}\, k(\mathbf{z}, \mathbf{z}') - 2\, \mathbb{E}\, k(\mathbf{z}, \mathbf{y}) + \mathbb{E}\, k(\mathbf{y}, \mathbf{y}'), \qquad \mathbf{z}, \mathbf{z}' \sim q(\mathbf{z}), \;\; \mathbf{y}, \mathbf{y}' \sim p(\mathbf{z})."""
)
def mmd2(draw):
    """q = N(mu, sigma²) and p = N(0, 1) in one dimension with the Gaussian kernel. The left side is the integral of (q̂ − p̂)² under the
    kernel's spectrum, the right side three expectations over the difference of two independent draws."""
    mu, sigma, two_s2 = draw.real("mu"), draw.positive("sigma"), draw.positive("two_s2", 0.5, 3.0)
    kernel = lambda d: math.exp(-(d**2) / two_s2)
    mean_kernel = lambda mean, variance: expectation(kernel, mean, variance)
    right = mean_kernel(0, 2 * sigma**2) - 2 * mean_kernel(mu, sigma**2 + 1) + mean_kernel(0, 2)
    # k(d) = E cos(t d) with t ~ N(0, 2/(2 s²)): then MMD² = E |characteristic function of q − that of p|².
    q = lambda t: np.exp(1j * mu * t - 0.5 * sigma**2 * t**2)
    p = lambda t: np.exp(-0.5 * t**2)
    left = expectation(lambda t: abs(q(t) - p(t)) ** 2, 0, 2 / two_s2)
    return [left, right]


@formula(
    r"""k(\mathbf{a}, \mathbf{b}) = \exp\left(-\frac{\lVert \mathbf{a} - \mathbf{b} \rVert^2}{2 s^2}\right), \qquad k(\mathbf{a}, \mathbf{b}) = \frac{c}{c + \lVert \mathbf{a} - \mathbf{b} \rVert^2}."""
)
def kernels(draw):
    """The left sides as mixtures: of cosines, and of Gaussian kernels, ∫ exp(−u (1 + |a − b|²/c)) du."""
    a, b = draw.reals("a", 3), draw.reals("b", 3)
    s, c = draw.positive("s"), draw.positive("c")
    squared = float(np.sum((a - b) ** 2))
    cosines = expectation(lambda t: math.cos(t * math.sqrt(squared)), 0, 1 / s**2)
    gaussians = integral(lambda u: math.exp(-u * (1 + squared / c)), 0, np.inf)
    return [[cosines, gaussians], [math.exp(-squared / (2 * s**2)), c / (c + squared)]]


@formula(
    r"""\widehat{\mathrm{MMD}}^2 = \frac{1}{B(B-1)} \sum_{i \neq i'} k(\mathbf{z}_i, \mathbf{z}_{i'}) - \frac{2}{B^2} \sum_{i,i'} k(\mathbf{z}_i, \mathbf{y}_{i'}) + \frac{1}{B(B-1)} \sum_{i \neq i'} k(\mathbf{y}_i, \mathbf{y}_{i'})."""
)
def unbiased(draw):
    n, z, y = 6, draw.reals("z", 6, 2), draw.reals("y", 6, 2)
    two_s2 = draw.positive("two_s2", 0.5, 3.0)
    k = lambda a, b: math.exp(-np.sum((a - b) ** 2) / two_s2)
    apart = lambda p: sum(k(p[i], p[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    across = sum(k(z[i], y[j]) for i in range(n) for j in range(n))
    return [apart(z) - 2 / n**2 * across + apart(y)]


@formula(
    r"""\mathbb{E}[\log p_\theta(\mathbf{x}|\mathbf{z})] - \omega\, \overline{\mathrm{KL}} - (1 - \omega)\, \lambda\, \mathrm{MMD}^2(q_\phi, p)."""
)
def likelihood_free(draw):
    reconstruction, kl, mmd2 = draw.real("reconstruction", -30, -10), draw.positive("kl", 0, 5), draw.positive("mmd2", 0, 0.1)
    omega, weight = draw.real("omega", 0, 1), draw.positive("lambda", 1, 200)
    return [reconstruction - omega * kl - (1 - omega) * weight * mmd2]


if __name__ == "__main__":
    write()
