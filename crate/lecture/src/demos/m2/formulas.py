"""The displayed formulas of section 5: one latent dimension, three classes, x = w z + c_y + noise of sigma_x."""

import math

import numpy as np

from transcribed import expectation, formula, integral, log_normal, normal, untested, write

CLASSES = 3

untested(
    r"""(\mathbf{X}, \mathbf{Y}) = \{(\mathbf{x}_1, y_1), \dots, (\mathbf{x}_N, y_N)\}, \qquad \mathbf{X} = \{\mathbf{x}_{N+1}, \dots, \mathbf{x}_{N+M}\},""",
    "what is observed",
)
untested(
    r"""\begin{aligned}
p(\mathbf{x}, y, \mathbf{z}) &= p(\mathbf{z})\, p(y)\, p(\mathbf{x}|\mathbf{z}, y) \\
p(\mathbf{z}) &= \mathcal{N}(\mathbf{0}, \mathbf{I}), \qquad p(y) = \mathrm{Cat}(\boldsymbol{\pi}_0), \qquad p(\mathbf{x}|\mathbf{z}, y) = f_\theta(\mathbf{x};\, \mathbf{z}, y)
\end{aligned}""",
    "what is assumed: the product is what the two bounds are computed from",
)
untested(
    r"""\begin{aligned}
q(\mathbf{z}, y|\mathbf{x}) &= q(\mathbf{z}|\mathbf{x}, y)\, q(y|\mathbf{x}) \\
q(\mathbf{z}|\mathbf{x}, y) &= \mathcal{N}\bigl(\boldsymbol{\mu} = f_\phi(\mathbf{x}, y),\; \boldsymbol{\sigma}^2 = f_\phi(\mathbf{x}, y)\bigr), \qquad q(y|\mathbf{x}) = \mathrm{Cat}\bigl(\boldsymbol{\pi} = f_\phi(\mathbf{x})\bigr)
\end{aligned}""",
    "what is assumed: both networks are held against TensorFlow's and JAX's",
)


class Model:
    def __init__(self, draw):
        self.x, self.w, self.sigma_x = draw.real("x"), draw.real("w", -1.5, 1.5), draw.positive("sigma_x")
        self.c = draw.reals("c", CLASSES)
        self.mu, self.sigma = draw.reals("mu", CLASSES, low=-1, high=1), draw.reals("sigma", CLASSES, low=0.3, high=1.2)
        self.log_py = -math.log(CLASSES)
        logits = draw.reals("logits", CLASSES)
        self.log_q = logits - np.logaddexp.reduce(logits)

    def log_likelihood(self, y, z):
        return log_normal(self.x, self.w * z + self.c[y], self.sigma_x**2)

    def under_q(self, y, f):
        return expectation(f, self.mu[y], self.sigma[y] ** 2)

    def log_qz(self, y, z):
        return log_normal(z, self.mu[y], self.sigma[y] ** 2)

    def kl(self, y):
        return self.under_q(y, lambda z: self.log_qz(y, z) - log_normal(z, 0, 1))

    def first_form(self, y):
        """E[log p(x|y,z) + log p(y) + log p(z) − log q(z|x,y)]."""
        inside = lambda z: self.log_likelihood(y, z) + self.log_py + log_normal(z, 0, 1) - self.log_qz(y, z)
        return self.under_q(y, inside)

    def labelled(self, y):
        return self.under_q(y, lambda z: self.log_likelihood(y, z)) + self.log_py - self.kl(y)

    def log_joint(self, y):
        """log p(x, y)."""
        return self.log_py + math.log(integral(lambda z: math.exp(self.log_likelihood(y, z) + log_normal(z, 0, 1)), -14, 14))


@formula(
    r"""\begin{aligned}
\log p(\mathbf{x}, y) &= \log \mathbb{E}_{q(\mathbf{z}|\mathbf{x}, y)}\left[\frac{p(\mathbf{x}|y, \mathbf{z})\, p(y)\, p(\mathbf{z})}{q(\mathbf{z}|\mathbf{x}, y)}\right] \\
&\ge \mathbb{E}_{q(\mathbf{z}|\mathbf{x}, y)}\bigl[\log p(\mathbf{x}|y, \mathbf{z}) + \log p(y) + \log p(\mathbf{z}) - \log q(\mathbf{z}|\mathbf{x}, y)\bigr] \\
&= \mathbb{E}_{q(\mathbf{z}|\mathbf{x}, y)}[\log p(\mathbf{x}|y, \mathbf{z})] + \log p(y) - \mathrm{KL}[q(\mathbf{z}|\mathbf{x}, y) \,\|\, p(\mathbf{z})] \;=\; -\mathcal{L}(\mathbf{x}, y)
\end{aligned}"""
)
def labelled(draw):
    m = Model(draw)
    y = draw.whole("y", 0, CLASSES - 1)
    draw.keep("terms", [m.under_q(y, lambda z: m.log_likelihood(y, z)), m.log_py, m.kl(y)])
    ratio = lambda z: math.exp(m.log_likelihood(y, z) + m.log_py + log_normal(z, 0, 1) - m.log_qz(y, z))
    by_q = integral(lambda z: normal(z, m.mu[y], m.sigma[y] ** 2) * ratio(z), -10, 10)
    assert abs(m.log_joint(y) - math.log(by_q)) < 1e-9
    assert m.log_joint(y) >= m.first_form(y)
    return [m.first_form(y), m.labelled(y)]


@formula(
    r"""\begin{aligned}
\log p(\mathbf{x}) &\ge \mathbb{E}_{q(\mathbf{z}, y|\mathbf{x})}\bigl[\log p(\mathbf{x}|y, \mathbf{z}) + \log p(y) + \log p(\mathbf{z}) - \log q(\mathbf{z}|\mathbf{x}, y) - \log q(y|\mathbf{x})\bigr] \\
&= \sum_y q(y|\mathbf{x}) \bigl( -\mathcal{L}(\mathbf{x}, y) - \log q(y|\mathbf{x}) \bigr) \\
&= \sum_y q(y|\mathbf{x}) \bigl( -\mathcal{L}(\mathbf{x}, y) \bigr) + \mathbb{H}\bigl(q(y|\mathbf{x})\bigr) \;=\; -\mathcal{U}(\mathbf{x})
\end{aligned}"""
)
def unlabelled(draw):
    m = Model(draw)
    q = np.exp(m.log_q)
    bounds = draw.keep("bounds", np.array([m.labelled(y) for y in range(CLASSES)]))
    draw.keep("log_q", m.log_q)
    first = sum(q[y] * (m.first_form(y) - m.log_q[y]) for y in range(CLASSES))
    assert np.logaddexp.reduce([m.log_joint(y) for y in range(CLASSES)]) >= first
    entropy = -sum(q * m.log_q)
    return [first, sum(q[y] * (bounds[y] - m.log_q[y]) for y in range(CLASSES)), sum(q * bounds) + entropy]


untested(
    r"""\mathcal{J} = \sum_{\text{labelled}} -\mathcal{L}(\mathbf{x}, y) + \sum_{\text{unlabelled}} -\mathcal{U}(\mathbf{x}) + \alpha \cdot \frac1N \sum_{\text{labelled}} \log q(y|\mathbf{x})""",
    "the objective of a step: its value and its gradients are held against TensorFlow's and JAX's",
)


if __name__ == "__main__":
    write()
