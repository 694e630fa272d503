"""The displayed formulas of slide 1.3. Everything in one dimension but Lemma 1 and the closed forms, which have three."""

import math

import numpy as np

from transcribed import expectation, formula, integral, log_normal, normal, untested, write


def model(draw):
    """x = w z + b + noise of sigma_x, p(z) = N(mu_p, sigma_p²), q = N(mu, sigma²)."""
    names = ["x", "w", "b", "mu_p", "mu"]
    x, w, b, mu_p, mu = (draw.real(name, -1.5, 1.5) for name in names)
    sigma_x, sigma_p, sigma = (draw.positive(name, 0.4, 1.4) for name in ["sigma_x", "sigma_p", "sigma"])
    return {
        "log_likelihood": lambda z: log_normal(x, w * z + b, sigma_x**2),
        "log_prior": lambda z: log_normal(z, mu_p, sigma_p**2),
        "log_q": lambda z: log_normal(z, mu, sigma**2),
        "under_q": lambda f: integral(lambda z: normal(z, mu, sigma**2) * f(z), mu - 14 * sigma, mu + 14 * sigma),
        "q": (mu, sigma**2),
    }


def log_px(m):
    return math.log(integral(lambda z: math.exp(m["log_likelihood"](z) + m["log_prior"](z)), -30, 30))


@formula(
    r"""\mathrm{ELBO} = \mathbb{E}_{q}\bigl[\log p(\mathbf{x}|\mathbf{z}) + \log p(\mathbf{z}) - \log q(\mathbf{z}|\mathbf{x})\bigr]"""
)
def elbo(draw):
    m = model(draw)
    return [
        m["under_q"](lambda z: m["log_likelihood"](z) + m["log_prior"](z) - m["log_q"](z)),
        expectation(lambda z: m["log_likelihood"](z) + m["log_prior"](z) - m["log_q"](z), *m["q"]),
    ]


@formula(
    r"""\int q(\mathbf{z}|\mathbf{x}) \log p(\mathbf{x}|\mathbf{z})\, d\mathbf{z} = \int \mathcal{N}(\mathbf{z};\, \boldsymbol{\mu}, \boldsymbol{\sigma}^2) \log \mathcal{N}(\mathbf{x};\, \boldsymbol{\mu}_{\mathbf{x}|\mathbf{z}}, \boldsymbol{\sigma}_{\mathbf{x}|\mathbf{z}}^2)\, d\mathbf{z}"""
)
def term_2(draw):
    m = model(draw)
    return [m["under_q"](m["log_likelihood"]), expectation(m["log_likelihood"], *m["q"])]


@formula(
    r"""\int q(\mathbf{z}|\mathbf{x}) \log p(\mathbf{z})\, d\mathbf{z} = \int \mathcal{N}(\mathbf{z};\, \boldsymbol{\mu}, \boldsymbol{\sigma}^2) \log \mathcal{N}(\mathbf{z};\, \mathbf{0}, \mathbf{I})\, d\mathbf{z}"""
)
def term_3(draw):
    mu, sigma = draw.real("mu", -1.5, 1.5), draw.positive("sigma", 0.4, 1.4)
    log_prior = lambda z: log_normal(z, 0, 1)
    by_quad = integral(lambda z: normal(z, mu, sigma**2) * log_prior(z), mu - 14 * sigma, mu + 14 * sigma)
    return [by_quad, expectation(log_prior, mu, sigma**2)]


@formula(
    r"""-\int q(\mathbf{z}|\mathbf{x}) \log q(\mathbf{z}|\mathbf{x})\, d\mathbf{z} = -\int \mathcal{N}(\mathbf{z};\, \boldsymbol{\mu}, \boldsymbol{\sigma}^2) \log \mathcal{N}(\mathbf{z};\, \boldsymbol{\mu}, \boldsymbol{\sigma}^2)\, d\mathbf{z}"""
)
def term_4(draw):
    m = model(draw)
    return [-m["under_q"](m["log_q"]), -expectation(m["log_q"], *m["q"])]


def two_gaussians(draw):
    mu_1, mu_2 = draw.reals("mu_1", 3), draw.reals("mu_2", 3)
    sigma_1, sigma_2 = draw.reals("sigma_1", 3, low=0.4, high=1.6), draw.reals("sigma_2", 3, low=0.4, high=1.6)
    return mu_1, sigma_1, mu_2, sigma_2


@formula(
    r"""\int q(\mathbf{z}) \log p(\mathbf{z})\, d\mathbf{z} = \sum_{j=1}^{M} \left[ -\frac12 \log(2\pi\sigma_{1,j}^2) - \frac{\sigma_{2,j}^2}{2\sigma_{1,j}^2} - \frac{(\mu_{2,j} - \mu_{1,j})^2}{2\sigma_{1,j}^2} \right]"""
)
def lemma_1(draw):
    mu_1, sigma_1, mu_2, sigma_2 = two_gaussians(draw)
    each = zip(mu_1, sigma_1, mu_2, sigma_2)
    left = sum(expectation(lambda z: log_normal(z, m1, s1**2), m2, s2**2) for m1, s1, m2, s2 in each)
    right = np.sum(
        -0.5 * np.log(2 * math.pi * sigma_1**2) - sigma_2**2 / (2 * sigma_1**2) - (mu_2 - mu_1) ** 2 / (2 * sigma_1**2)
    )
    return [left, right]


@formula(r"""\mathbb{E}_q[\log p(z)] = -\tfrac12 \log(2\pi\sigma_1^2) - \frac{\mathbb{E}_q[(z - \mu_1)^2]}{2\sigma_1^2}.""")
def log_density(draw):
    mu_1, sigma_1, mu_2, sigma_2 = draw.real("mu_1"), draw.positive("sigma_1"), draw.real("mu_2"), draw.positive("sigma_2")
    under_q = lambda f: expectation(f, mu_2, sigma_2**2)
    moment = under_q(lambda z: (z - mu_1) ** 2)
    return [under_q(lambda z: log_normal(z, mu_1, sigma_1**2)), -0.5 * math.log(2 * math.pi * sigma_1**2) - moment / (2 * sigma_1**2)]


@formula(
    r"""\begin{aligned}
\mathbb{E}_q[(z - \mu_1)^2] &= \mathbb{E}_q\bigl[\bigl((z - \mu_2) + (\mu_2 - \mu_1)\bigr)^2\bigr] \\
&= \mathbb{E}_q[(z - \mu_2)^2] + 2 (\mu_2 - \mu_1)\, \mathbb{E}_q[z - \mu_2] + (\mu_2 - \mu_1)^2 \\
&= \sigma_2^2 + (\mu_2 - \mu_1)^2.
\end{aligned}"""
)
def second_moment(draw):
    mu_1, mu_2, sigma_2 = draw.real("mu_1"), draw.real("mu_2"), draw.positive("sigma_2")
    about = lambda centre: expectation(lambda z: (z - centre) ** 2, mu_2, sigma_2**2)
    under_q = lambda f: expectation(f, mu_2, sigma_2**2)
    return [
        about(mu_1),
        under_q(lambda z: ((z - mu_2) + (mu_2 - mu_1)) ** 2),
        about(mu_2) + 2 * (mu_2 - mu_1) * under_q(lambda z: z - mu_2) + (mu_2 - mu_1) ** 2,
        sigma_2**2 + (mu_2 - mu_1) ** 2,
    ]


@formula(
    r"""\begin{aligned}
(3) &= \sum_j \bigl[ -\tfrac12 \log 2\pi - \tfrac12 (\sigma_j^2 + \mu_j^2) \bigr] \\
(4) &= \sum_j \bigl[ \tfrac12 \log(2\pi\sigma_j^2) + \tfrac12 \bigr]
\end{aligned}"""
)
def closed_terms(draw):
    mu, sigma = draw.reals("mu", 3), draw.reals("sigma", 3, low=0.4, high=1.6)
    third = sum(expectation(lambda z: log_normal(z, 0, 1), m, s**2) for m, s in zip(mu, sigma))
    fourth = -sum(expectation(lambda z: log_normal(z, m, s**2), m, s**2) for m, s in zip(mu, sigma))
    return [
        [third, fourth],
        [
            np.sum(-0.5 * math.log(2 * math.pi) - 0.5 * (sigma**2 + mu**2)),
            np.sum(0.5 * np.log(2 * math.pi * sigma**2) + 0.5),
        ],
    ]


@formula(
    r"""\begin{aligned}
(3) + (4) &= \frac12 \sum_j \bigl( 1 + \log\sigma_j^2 - \mu_j^2 - \sigma_j^2 \bigr) \\
&= -\mathrm{KL}[q(\mathbf{z}|\mathbf{x}) \,\|\, p(\mathbf{z})].
\end{aligned}"""
)
def negative_kl(draw):
    mu, sigma = draw.reals("mu", 3), draw.reals("sigma", 3, low=0.4, high=1.6)
    sum_of = lambda f: sum(expectation(f(m, s), m, s**2) for m, s in zip(mu, sigma))
    third, fourth = sum_of(lambda m, s: lambda z: log_normal(z, 0, 1)), -sum_of(lambda m, s: lambda z: log_normal(z, m, s**2))
    kl = sum_of(lambda m, s: lambda z: log_normal(z, m, s**2) - log_normal(z, 0, 1))
    return [third + fourth, 0.5 * np.sum(1 + np.log(sigma**2) - mu**2 - sigma**2), -kl]


@formula(
    r"""\begin{aligned}
(2) &= -\tfrac12 \log(2\pi\sigma_x^2) - \frac{\mathbb{E}_q[(x - w z - b)^2]}{2\sigma_x^2} \\
&= -\tfrac12 \log(2\pi\sigma_x^2) - \frac{(x - w\mu - b)^2 + w^2 \sigma^2}{2\sigma_x^2}.
\end{aligned}"""
)
def linear_term_2(draw):
    m = model(draw)
    x, w, b, sigma_x, mu, sigma = (draw.given[name] for name in ["x", "w", "b", "sigma_x", "mu", "sigma"])
    closed = -0.5 * math.log(2 * math.pi * sigma_x**2) - ((x - w * mu - b) ** 2 + w**2 * sigma**2) / (2 * sigma_x**2)
    squares = m["under_q"](lambda z: (x - w * z - b) ** 2)
    return [m["under_q"](m["log_likelihood"]), -0.5 * math.log(2 * math.pi * sigma_x**2) - squares / (2 * sigma_x**2), closed]


untested(
    r"""\mathbb{E}_q[\log p(\mathbf{x}|\mathbf{z})] \approx \frac1L \sum_{l=1}^{L} \log p(\mathbf{x}|\mathbf{z}^{(l)}), \qquad \mathbf{z}^{(l)} \sim q(\mathbf{z}|\mathbf{x}).""",
    "an estimate, random by nature: that it is unbiased with the error it claims is a law of the demo's tests",
)


@formula(
    r"""\begin{aligned}
\mathrm{ELBO} &= \mathbb{E}_{q}\left[\log \frac{p(\mathbf{x}, \mathbf{z})}{q(\mathbf{z}|\mathbf{x})}\right] \\
&= \mathbb{E}_{q}\left[\log \frac{p(\mathbf{z}|\mathbf{x})\, p(\mathbf{x})}{q(\mathbf{z}|\mathbf{x})}\right] \\
&= \log p(\mathbf{x}) - \mathbb{E}_{q}\left[\log \frac{q(\mathbf{z}|\mathbf{x})}{p(\mathbf{z}|\mathbf{x})}\right],
\end{aligned}"""
)
def elbo_and_posterior(draw):
    m = model(draw)
    evidence = log_px(m)
    joint = lambda z: m["log_likelihood"](z) + m["log_prior"](z)
    posterior = lambda z: joint(z) - evidence
    under_q = m["under_q"]
    return [
        under_q(lambda z: joint(z) - m["log_q"](z)),
        under_q(lambda z: posterior(z) + evidence - m["log_q"](z)),
        evidence - under_q(lambda z: m["log_q"](z) - posterior(z)),
    ]


@formula(
    r"""\log p(\mathbf{x}) - \mathrm{ELBO} = \mathrm{KL}[q(\mathbf{z}|\mathbf{x}) \,\|\, p(\mathbf{z}|\mathbf{x})] \ge 0."""
)
def gap(draw):
    m = model(draw)
    evidence = log_px(m)
    joint = lambda z: m["log_likelihood"](z) + m["log_prior"](z)
    left = evidence - m["under_q"](lambda z: joint(z) - m["log_q"](z))
    right = expectation(lambda z: m["log_q"](z) - (joint(z) - evidence), *m["q"])
    assert right >= 0
    return [left, right]


if __name__ == "__main__":
    write()
