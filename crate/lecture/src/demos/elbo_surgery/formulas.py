"""The displayed formulas of slide 3.3, with four data points, posteriors of one dimension, and x = w z + noise of sigma_x."""

import numpy as np

from scipy import stats

from transcribed import Posteriors, expectation, formula, inequality, log_normal, write


class Model(Posteriors):
    def __init__(self, draw):
        super().__init__(draw)
        self.x, self.w, self.sigma_x = draw.reals("x", 4), draw.real("w", -1.5, 1.5), draw.positive("sigma_x")
        self.log_likelihood = -0.5 * (
            np.log(2 * np.pi * self.sigma_x**2) + ((self.x[:, None] - self.w * self.z) / self.sigma_x) ** 2
        )

    def elbo(self):
        """In its first form, E_q[log p(x, z) − log q(z|x)], averaged over the data."""
        return self.joint(self.log_likelihood + self.log_prior - self.log_q)


@formula(
    r"""\mathrm{ELBO} = \frac1N \sum_{n=1}^{N} \Bigl( \mathbb{E}_{q}[\log p_\theta(\mathbf{x}_n|\mathbf{z}_n)] - \mathrm{KL}[q_\phi(\mathbf{z}_n|\mathbf{x}_n) \,\|\, p(\mathbf{z}_n)] \Bigr)"""
)
def average(draw):
    model = Model(draw)
    terms = []
    for x, mu, sigma in zip(model.x, model.mu, model.sigma):
        under_q = lambda f: expectation(f, mu, sigma**2)
        kl = under_q(lambda z: log_normal(z, mu, sigma**2) - log_normal(z, 0, 1))
        terms.append(under_q(lambda z: log_normal(x, model.w * z, model.sigma_x**2)) - kl)
    return [model.elbo(), sum(terms) / 4]


@formula(
    r"""\frac1N \sum_{n=1}^{N} \mathrm{KL}[q_\phi(\mathbf{z}_n|\mathbf{x}_n) \,\|\, p(\mathbf{z}_n)] = I(\mathbf{x}, \mathbf{z}) + \mathrm{KL}[q_\phi(\mathbf{z}) \,\|\, p(\mathbf{z})]"""
)
def average_kl(draw):
    q = Posteriors(draw)
    return [q.kl(), q.joint(q.log_q - q.log_aggregate) + q.aggregate(q.log_aggregate - q.log_prior)]


@formula(r"""q(n|\mathbf{z}) = \frac{q(\mathbf{z}|\mathbf{x}_n)}{\sum_{m=1}^{N} q(\mathbf{z}|\mathbf{x}_m)}.""")
def index_posterior(draw):
    """Of every n at one z; the left side by Bayes' rule with p(n) = 1/N and the aggregate of (15)."""
    mu, sigma, z = draw.reals("mu", 4), draw.reals("sigma", 4, low=0.25, high=1.0), draw.real("z")
    q = np.exp([log_normal(z, m, s**2) for m, s in zip(mu, sigma)])
    return [0.25 * q / np.mean(q), q / np.sum(q)]


@formula(
    r"""\begin{aligned}
\log \frac{q(\mathbf{z}|\mathbf{x}_n)}{q(\mathbf{z})} &= \log \frac{N\, q(\mathbf{z}|\mathbf{x}_n)}{\sum_m q(\mathbf{z}|\mathbf{x}_m)} \\
&= \log N + \log q(n|\mathbf{z}) \\
I(\mathbf{x}, \mathbf{z}) &= \log N + \mathbb{E}_{q(n, \mathbf{z})}[\log q(n|\mathbf{z})] \\
&= \log N - \mathbb{E}_{q(\mathbf{z})}[\mathbb{H}(q(n|\mathbf{z}))]
\end{aligned}"""
)
def index_information(draw):
    """The first two lines integrated over q(n, z), which is the third one's left side."""
    q = Posteriors(draw)
    total = np.logaddexp.reduce(q.log_q, axis=0)
    log_index = q.log_q - total
    log_n = np.log(4)
    return [
        [q.joint(q.log_q - q.log_aggregate), q.joint(q.log_q - q.log_aggregate)],
        [q.joint(log_n + q.log_q - total), log_n + q.joint(log_index)],
        [q.joint(log_n + log_index), log_n - q.aggregate(q.index_entropy())],
    ]


@formula(
    r"""\begin{aligned}
\mathrm{ELBO} = \; &\frac1N \sum_{n=1}^{N} \mathbb{E}_q[\log p_\theta(\mathbf{x}_n|\mathbf{z}_n)] && \text{① average reconstruction} \\
&- \bigl( \log N - \mathbb{E}_{q(\mathbf{z})}[\mathbb{H}(q(n|\mathbf{z}))] \bigr) && \text{② mutual information} \\
&- \mathrm{KL}[q_\phi(\mathbf{z}) \,\|\, p(\mathbf{z})] && \text{③ marginal KL}
\end{aligned}"""
)
def surgery(draw):
    model = Model(draw)
    first = model.joint(model.log_likelihood)
    second = np.log(4) - model.aggregate(model.index_entropy())
    third = model.aggregate(model.log_aggregate - model.log_prior)
    return [model.elbo(), first - second - third]


@inequality(
    r"""0 \;\le\; \log N - \mathbb{E}_{q(\mathbf{z})}[\mathbb{H}(q(n|\mathbf{z}))] \;\le\; \log N."""
)
def ceiling(draw):
    q = Posteriors(draw)
    return [0, np.log(4) - q.aggregate(q.index_entropy()), np.log(4)]


def log_normals(z, mu, sigma):
    """log N(z_j; mu_j, sigma_j²) of every dimension."""
    return -0.5 * (np.log(2 * np.pi * sigma**2) + ((z - mu) / sigma) ** 2)


@formula(r"""p(\mathbf{z}) = \frac1K \sum_{k=1}^{K} \mathcal{N}(\mathbf{z};\, \boldsymbol{\mu}_k, \boldsymbol{\sigma}_k^2),""")
def mixture_prior(draw):
    """Of three Gaussians of two dimensions; the left side by SciPy's density of each with its covariance matrix."""
    mu, sigma = draw.reals("mu", 3, 2), draw.reals("sigma", 3, 2, low=0.3, high=1.2)
    z = draw.reals("z", 2)
    left = sum(stats.multivariate_normal(m, np.diag(s**2)).pdf(z) for m, s in zip(mu, sigma)) / 3
    return [left, np.mean([np.prod(np.exp(log_normals(z, m, s))) for m, s in zip(mu, sigma)])]


@formula(r"""p(\mathbf{z}) = \frac1K \sum_{k=1}^{K} q_\phi(\mathbf{z}|\mathbf{u}_k).""")
def vamp_prior(draw):
    """Three pseudo-inputs of four pixels and a linear encoder into two dimensions; the left side is the sum over k of p(k) p(z|k), its
    logarithm summed stably."""
    u = draw.reals("u", 3, 4, low=0.0, high=1.0)
    weight, bias = draw.reals("weight", 4, 2, low=-1.0, high=1.0), draw.reals("bias", 2)
    log_var_weight, log_var_bias = draw.reals("log_var_weight", 4, 2, low=-1.0, high=1.0), draw.reals("log_var_bias", 2)
    z = draw.reals("z", 2)
    mu, log_var = u @ weight + bias, u @ log_var_weight + log_var_bias
    log_q = np.array([np.sum(log_normals(z, m, np.exp(0.5 * v))) for m, v in zip(mu, log_var)])
    return [np.exp(np.logaddexp.reduce(np.log(1 / 3) + log_q)), np.mean(np.exp(log_q))]


@formula(r"""\mathrm{ELBO} = -(\text{distortion} + \text{rate}),""")
def plane(draw):
    """The left side in its first form; rate and distortion of each data point by its own integral."""
    model = Model(draw)
    rate = distortion = 0.0
    for x, mu, sigma in zip(model.x, model.mu, model.sigma):
        under_q = lambda f: expectation(f, mu, sigma**2) / 4
        rate += under_q(lambda z: log_normal(z, mu, sigma**2) - log_normal(z, 0, 1))
        distortion -= under_q(lambda z: log_normal(x, model.w * z, model.sigma_x**2))
    return [model.elbo(), -(distortion + rate)]


if __name__ == "__main__":
    write()
