"""The displayed formulas of slide 1.2."""

import math

import numpy as np
from scipy import stats

from transcribed import formula, integral, untested, write

untested(
    r"""\begin{aligned}
p(\mathbf{z}) &= \mathcal{N}(\mathbf{z};\, \mathbf{0}, \mathbf{I}) \\
p(\mathbf{x}|\mathbf{z}) &= f(\mathbf{x};\, \mathbf{z}) \\
q(\mathbf{z}|\mathbf{x}) &= \mathcal{N}(\mathbf{z};\, \boldsymbol{\mu}, \boldsymbol{\Sigma}), \qquad \boldsymbol{\Sigma} = \operatorname{diag}(\sigma_1^2, \dots, \sigma_{d_z}^2).
\end{aligned}""",
    "what is assumed; each density has its values in the formulas that use it",
)


@formula(
    r"""\begin{aligned}
\text{Bernoulli} \quad \log p(\mathbf{x}|\mathbf{z}) &= \sum_j \bigl[ x_j \log \pi_j + (1 - x_j) \log(1 - \pi_j) \bigr] \\
\text{continuous Bernoulli} \quad \log p(\mathbf{x}|\mathbf{z}) &= \sum_j \left[ x_j l_j - \log \frac{e^{l_j} - 1}{l_j} \right] \\
\text{Gaussian} \quad \log p(\mathbf{x}|\mathbf{z}) &= \sum_j \left[ -\tfrac12 \log(2\pi\sigma_j^2) - \frac{(x_j - m_j)^2}{2\sigma_j^2} \right] \\
\text{Laplace} \quad \log p(\mathbf{x}|\mathbf{z}) &= \sum_j \left[ -\log(2b) - \frac{|x_j - m_j|}{b} \right]
\end{aligned}"""
)
def log_likelihoods(draw):
    binary = draw.keep("binary", np.array([draw.rng.randint(0, 1) for _ in range(4)], float))
    x, m = draw.reals("x", 4, low=0.0, high=1.0), draw.reals("m", 4, low=0.0, high=1.0)
    logits, log_var = draw.reals("logits", 4, low=-4, high=4), draw.reals("log_var", 4, low=-3.0, high=1.0)
    b = draw.positive("b")
    pi, sigma = 1 / (1 + np.exp(-logits)), np.exp(0.5 * log_var)
    # λ^x (1 − λ)^(1 − x), normalised on [0, 1] as Loaiza-Ganem and Cunningham define it.
    unnormalised = lambda x, p: p**x * (1 - p) ** (1 - x)
    totals = np.array([integral(lambda x: unnormalised(x, p), 0, 1) for p in pi])
    left = [
        np.sum(stats.bernoulli.logpmf(binary, pi)),
        np.sum(np.log(unnormalised(x, pi) / totals)),
        np.sum(stats.norm.logpdf(x, m, sigma)),
        np.sum(stats.laplace.logpdf(x, m, b)),
    ]
    right = [
        sum(x * math.log(p) + (1 - x) * math.log(1 - p) for x, p in zip(binary, pi)),
        sum(x * l - math.log((math.exp(l) - 1) / l) for x, l in zip(x, logits)),
        sum(-0.5 * math.log(2 * math.pi * s**2) - (x - m) ** 2 / (2 * s**2) for x, m, s in zip(x, m, sigma)),
        sum(-math.log(2 * b) - abs(x - m) / b for x, m in zip(x, m)),
    ]
    return [left, right]


if __name__ == "__main__":
    write()
