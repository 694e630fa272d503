"""The displayed formulas of section 2: four pixels, two latent dimensions."""

import math

import numpy as np
from scipy import stats

from transcribed import formula, untested, write

PIXELS, LATENT = 4, 2

untested(
    r"""p(\mathbf{x}|\mathbf{z}) = \mathcal{N}(\mathbf{x};\; \mathbf{W}\mathbf{z} + \boldsymbol{\mu},\; \sigma^2 \mathbf{I})""",
    "what is assumed, (12): its density is written out further down",
)
untested(
    r"""q(\mathbf{z}|\mathbf{x}) = \mathcal{N}(\mathbf{z};\; \mathbf{V}(\mathbf{x} - \boldsymbol{\mu}),\; \mathbf{D}), \qquad \mathbf{D} \text{ diagonal}""",
    "what is assumed, (13): its KL is written out further down",
)


class Model:
    def __init__(self, draw):
        self.x, self.mu = draw.reals("x", PIXELS), draw.reals("mu", PIXELS)
        self.W, self.V = draw.reals("W", PIXELS, LATENT, low=-1, high=1), draw.reals("V", LATENT, PIXELS, low=-1, high=1)
        self.d = draw.reals("d", LATENT, low=0.2, high=1.5)
        self.sigma2 = draw.positive("sigma2", 0.3, 1.5)
        self.m = self.V @ (self.x - self.mu)

    def under_q(self, f):
        """E_q f(z) by the product rule of Gauss and Hermite, exact for polynomials."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(12)
        weights = weights / np.sum(weights)
        total = 0.0
        for a, wa in zip(nodes, weights):
            for b, wb in zip(nodes, weights):
                total = total + wa * wb * f(self.m + np.sqrt(self.d) * np.array([a, b]))
        return total

    def log_likelihood(self, z):
        return stats.multivariate_normal.logpdf(self.x, self.W @ z + self.mu, self.sigma2 * np.eye(PIXELS))

    def log_q(self, z):
        return stats.multivariate_normal.logpdf(z, self.m, np.diag(self.d))

    def log_prior(self, z):
        return stats.multivariate_normal.logpdf(z, np.zeros(LATENT), np.eye(LATENT))

    def kl(self):
        return self.under_q(lambda z: self.log_q(z) - self.log_prior(z))


@formula(
    r"""\log p(\mathbf{x}) \;\ge\; \mathrm{ELBO} = \mathbb{E}_{q(\mathbf{z}|\mathbf{x})}[\log p(\mathbf{x}|\mathbf{z})] - \mathrm{KL}[q(\mathbf{z}|\mathbf{x}) \,\|\, p(\mathbf{z})]."""
)
def elbo(draw):
    model = Model(draw)
    first = model.under_q(lambda z: model.log_likelihood(z) + model.log_prior(z) - model.log_q(z))
    C = model.W @ model.W.T + model.sigma2 * np.eye(PIXELS)
    assert stats.multivariate_normal.logpdf(model.x, model.mu, C) >= first
    return [first, model.under_q(model.log_likelihood) - model.kl()]


@formula(
    r"""\mathrm{KL}[q \,\|\, p] = \tfrac12 \bigl( -\log\det\mathbf{D} + (\mathbf{x} - \boldsymbol{\mu})^\top \mathbf{V}^\top \mathbf{V} (\mathbf{x} - \boldsymbol{\mu}) + \operatorname{tr}\mathbf{D} - M \bigr)."""
)
def kl(draw):
    model = Model(draw)
    D, about, V = np.diag(model.d), model.x - model.mu, model.V
    return [model.kl(), 0.5 * (-math.log(np.linalg.det(D)) + about @ V.T @ V @ about + np.trace(D) - LATENT)]


@formula(
    r"""\log p(\mathbf{x}|\mathbf{z}) = -\frac{D}{2} \log(2\pi\sigma^2) - \frac{1}{2\sigma^2} \lVert \mathbf{x} - \boldsymbol{\mu} - \mathbf{W}\mathbf{z} \rVert^2."""
)
def log_likelihood(draw):
    model = Model(draw)
    z = draw.reals("z", LATENT)
    squares = np.sum((model.x - model.mu - model.W @ z) ** 2)
    return [model.log_likelihood(z), -PIXELS / 2 * math.log(2 * math.pi * model.sigma2) - squares / (2 * model.sigma2)]


@formula(
    r"""\begin{aligned}
\mathbb{E}_q \lVert \mathbf{x} - \boldsymbol{\mu} - \mathbf{W}\mathbf{z} \rVert^2 &= \mathbb{E}\, \lVert (\mathbf{x} - \boldsymbol{\mu} - \mathbf{W}\mathbf{m}) - \mathbf{W}\boldsymbol{\delta} \rVert^2 \\
&= \lVert \mathbf{x} - \boldsymbol{\mu} - \mathbf{W}\mathbf{m} \rVert^2 + \mathbb{E}\bigl[\boldsymbol{\delta}^\top \mathbf{W}^\top \mathbf{W} \boldsymbol{\delta}\bigr].
\end{aligned}"""
)
def squared_error(draw):
    model = Model(draw)
    W, about = model.W, model.x - model.mu
    spread = model.under_q(lambda z: (z - model.m) @ W.T @ W @ (z - model.m))
    shifted = model.under_q(lambda z: np.sum(((about - W @ model.m) - W @ (z - model.m)) ** 2))
    return [model.under_q(lambda z: np.sum((about - W @ z) ** 2)), shifted, np.sum((about - W @ model.m) ** 2) + spread]


@formula(
    r"""\begin{aligned}
\mathbb{E}\bigl[\boldsymbol{\delta}^\top \mathbf{W}^\top \mathbf{W} \boldsymbol{\delta}\bigr] &= \mathbb{E}\bigl[\operatorname{tr}(\boldsymbol{\delta}^\top \mathbf{W}^\top \mathbf{W} \boldsymbol{\delta})\bigr] \\
&= \mathbb{E}\bigl[\operatorname{tr}(\mathbf{W} \boldsymbol{\delta} \boldsymbol{\delta}^\top \mathbf{W}^\top)\bigr] \\
&= \operatorname{tr}\bigl(\mathbf{W}\, \mathbb{E}[\boldsymbol{\delta} \boldsymbol{\delta}^\top]\, \mathbf{W}^\top\bigr) \\
&= \operatorname{tr}(\mathbf{W} \mathbf{D} \mathbf{W}^\top).
\end{aligned}"""
)
def trace_trick(draw):
    model = Model(draw)
    W = model.W
    delta = lambda z: z - model.m
    return [
        model.under_q(lambda z: delta(z) @ W.T @ W @ delta(z)),
        model.under_q(lambda z: np.trace([[delta(z) @ W.T @ W @ delta(z)]])),
        model.under_q(lambda z: np.trace(W @ np.outer(delta(z), delta(z)) @ W.T)),
        np.trace(W @ model.under_q(lambda z: np.outer(delta(z), delta(z))) @ W.T),
        np.trace(W @ np.diag(model.d) @ W.T),
    ]


@formula(
    r"""\mathbb{E}_q[\log p(\mathbf{x}|\mathbf{z})] = -\frac{D}{2} \log(2\pi\sigma^2) - \frac{1}{2\sigma^2} \Bigl[ \operatorname{tr}(\mathbf{W} \mathbf{D} \mathbf{W}^\top) + \lVert \mathbf{W} \mathbf{V} (\mathbf{x} - \boldsymbol{\mu}) - (\mathbf{x} - \boldsymbol{\mu}) \rVert^2 \Bigr]."""
)
def reconstruction(draw):
    model = Model(draw)
    W, V, about = model.W, model.V, model.x - model.mu
    bracket = np.trace(W @ np.diag(model.d) @ W.T) + np.sum((W @ V @ about - about) ** 2)
    closed = -PIXELS / 2 * math.log(2 * math.pi * model.sigma2) - bracket / (2 * model.sigma2)
    return [model.under_q(model.log_likelihood), closed]


def data(draw, count=12):
    """Points with a different variance along each axis of a random rotation."""
    numbers = np.random.default_rng(draw.rng.randrange(2**32))
    rotation = np.linalg.qr(numbers.normal(size=(PIXELS, PIXELS)))[0]
    X = numbers.normal(size=(count, PIXELS)) * np.array([3.0, 1.5, 0.5, 0.3]) @ rotation.T + numbers.normal(size=PIXELS)
    return draw.keep("X", X)


def moments(X):
    mean = np.mean(X, axis=0)
    return mean, (X - mean).T @ (X - mean) / len(X)


@formula(
    r"""\log p(\mathbf{X}) = -\frac{N}{2} \bigl[ D \log 2\pi + \log\det\mathbf{C} + \operatorname{tr}(\mathbf{C}^{-1} \mathbf{S}) \bigr]."""
)
def log_px(draw):
    """S about the model's own mean, as the text says."""
    X, W, mu = data(draw), draw.reals("W", PIXELS, LATENT), draw.reals("mu", PIXELS)
    sigma2 = draw.positive("sigma2", 0.3, 1.5)
    C = W @ W.T + sigma2 * np.eye(PIXELS)
    S = (X - mu).T @ (X - mu) / len(X)
    bracket = PIXELS * math.log(2 * math.pi) + math.log(np.linalg.det(C)) + np.trace(np.linalg.inv(C) @ S)
    return [np.sum(stats.multivariate_normal.logpdf(X, mu, C)), -len(X) / 2 * bracket]


def by_em(X):
    """The maximum by expectation and maximisation (Tipping and Bishop 1999, appendix B), which knows no eigenvalue."""
    mean, S = moments(X)
    W, sigma2 = np.eye(PIXELS)[:, :LATENT] + 0.1, 1.0
    for _ in range(5000):
        M = W.T @ W + sigma2 * np.eye(LATENT)
        SW = S @ W
        new = SW @ np.linalg.inv(sigma2 * np.eye(LATENT) + np.linalg.inv(M) @ W.T @ SW)
        sigma2 = np.trace(S - SW @ np.linalg.inv(M) @ new.T) / PIXELS
        W = new
    return mean, W, sigma2


@formula(
    r"""\boldsymbol{\mu}_{\mathrm{ML}} = \overline{\mathbf{x}}, \qquad \mathbf{W}_{\mathrm{ML}} = \mathbf{U}_M (\boldsymbol{\Lambda}_M - \sigma^2 \mathbf{I})^{1/2} \mathbf{R}, \qquad \sigma_{\mathrm{ML}}^2 = \frac{1}{D - M} \sum_{j \gt M} l_j."""
)
def maximum(draw):
    """W up to a rotation R: as W Wᵀ."""
    X = data(draw)
    mean, W, sigma2 = by_em(X)
    values, vectors = np.linalg.eigh(moments(X)[1])
    values, vectors = values[::-1], vectors[:, ::-1]
    noise = np.sum(values[LATENT:]) / (PIXELS - LATENT)
    best = vectors[:, :LATENT] @ np.sqrt(np.diag(values[:LATENT]) - noise * np.eye(LATENT))
    flat = lambda mean, W, sigma2: np.concatenate([mean, (W @ W.T).ravel(), [sigma2]])
    return [flat(mean, W, sigma2), flat(np.mean(X, axis=0), best, noise)]


@formula(
    r"""\max \log p(\mathbf{X}) = -\frac{N}{2} \Bigl[ D \log 2\pi + \sum_{j \le M} \log l_j + (D - M) \log\sigma_{\mathrm{ML}}^2 + D \Bigr]."""
)
def maximum_log_px(draw):
    X = data(draw)
    mean, W, sigma2 = by_em(X)
    reached = np.sum(stats.multivariate_normal.logpdf(X, mean, W @ W.T + sigma2 * np.eye(PIXELS)))
    values = np.linalg.eigvalsh(moments(X)[1])[::-1]
    noise = np.mean(values[LATENT:])
    bracket = PIXELS * math.log(2 * math.pi) + np.sum(np.log(values[:LATENT])) + (PIXELS - LATENT) * math.log(noise) + PIXELS
    return [reached, -len(X) / 2 * bracket]


@formula(
    r"""\mathbf{V} = (\mathbf{W}^\top \mathbf{W} + \sigma^2 \mathbf{I})^{-1} \mathbf{W}^\top, \qquad \mathbf{D} = \sigma^2 (\mathbf{W}^\top \mathbf{W} + \sigma^2 \mathbf{I})^{-1}."""
)
def exact_posterior(draw):
    """The left sides by conditioning the joint normal of (z, x). W has orthogonal columns, so that D is diagonal."""
    scale = draw.reals("scale", LATENT, low=0.5, high=2.0)
    W = draw.keep("W", np.linalg.qr(np.random.default_rng(draw.rng.randrange(2**32)).normal(size=(PIXELS, LATENT)))[0] * scale)
    sigma2 = draw.positive("sigma2", 0.3, 1.5)
    C = W @ W.T + sigma2 * np.eye(PIXELS)
    inner = np.linalg.inv(W.T @ W + sigma2 * np.eye(LATENT))
    flat = lambda V, D: np.concatenate([V.ravel(), np.ravel(D)])
    return [
        flat(W.T @ np.linalg.inv(C), np.eye(LATENT) - W.T @ np.linalg.inv(C) @ W),
        flat(inner @ W.T, sigma2 * inner),
    ]


@formula(r"""\#\{\, j \le M : \; l_j \le \sigma^2 \,\}.""")
def collapsed(draw):
    """Of all four directions, counted in two ways."""
    X = data(draw)
    sigma2 = draw.positive("sigma2", 0.02, 4.0)
    values = np.linalg.eigvalsh(moments(X)[1])
    return [np.searchsorted(values, sigma2, side="right"), sum(1 for value in values if value <= sigma2)]


if __name__ == "__main__":
    write()
