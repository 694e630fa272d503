"""The displayed formulas of slide 3.2."""

import numpy as np

from transcribed import expectation, formula, log_normal, untested, write


@formula(
    r"""\mathrm{ELBO} = \mathbb{E}_{p(\mathbf{x})}\bigl[ \mathbb{E}_q[\log p_\theta(\mathbf{x}|\mathbf{z})] - \mathrm{KL}[q_\phi(\mathbf{z}|\mathbf{x}) \,\|\, p(\mathbf{z})] \bigr]"""
)
def averaged_elbo(draw):
    """Over three x, each with a posterior of its own, and x = w z + noise of sigma_x; the left side by the ELBO's first form."""
    x, mu, sigma = draw.reals("x", 3), draw.reals("mu", 3), draw.reals("sigma", 3, low=0.3, high=1.2)
    w, sigma_x = draw.real("w", -1.5, 1.5), draw.positive("sigma_x")
    left, right = [], []
    for x, mu, sigma in zip(x, mu, sigma):
        log_p, log_q = lambda z: log_normal(x, w * z, sigma_x**2), lambda z: log_normal(z, mu, sigma**2)
        under_q = lambda f: expectation(f, mu, sigma**2)
        left.append(under_q(lambda z: log_p(z) + log_normal(z, 0, 1) - log_q(z)))
        right.append(under_q(log_p) - under_q(lambda z: log_q(z) - log_normal(z, 0, 1)))
    return [np.mean(left), np.mean(right)]


untested(
    r"""q_\phi(\mathbf{z}|\mathbf{x}) \approx p(\mathbf{z}) \quad \text{for every } \mathbf{x}.""",
    "what collapse means, in words; the next formula measures it",
)


@formula(
    r"""\Pr_{\mathbf{x}}\bigl( \mathrm{KL}[q(z_j|\mathbf{x}) \,\|\, p(z_j)] \lt \epsilon \bigr) \ge 1 - \delta, \qquad \delta = 0.01,"""
)
def collapsed(draw):
    """Of 200 data points and three dimensions, which are collapsed: 1 or 0. The left by counting, the right by the quantile."""
    scale = np.array([0.02, 0.1, 0.6])
    epsilon = draw.positive("epsilon", 0.005, 0.2)
    kl = draw.keep("kl", np.array([[s * draw.rng.random() ** 3 for s in scale] for _ in range(200)]))
    counted = np.mean(kl < epsilon, axis=0) >= 1 - 0.01
    # At least 198 of 200 lie below epsilon where the 198th smallest does.
    by_order = np.sort(kl, axis=0)[197] < epsilon
    return [counted.astype(float), by_order.astype(float)]


@formula(
    r"""\mathcal{L}_{\beta,\kappa} = \mathbb{E}_{p(\mathbf{x})}\bigl[ \mathbb{E}_q[\log p_\theta(\mathbf{x}|\mathbf{z})] \bigr] - \beta \sum_j \max\bigl( \kappa,\, \mathbb{E}_{p(\mathbf{x})} \mathrm{KL}[q(z_j|\mathbf{x}) \,\|\, p(z_j)] \bigr)"""
)
def free_bits(draw):
    """Three data points, two dimensions of which one is nearly the prior. The left side is the objective at weight beta, less what
    dimensions below kappa pay beyond their own KL."""
    reconstruction = draw.reals("reconstruction", 3, low=-3.0, high=-1.0)
    mu = draw.keep("mu", np.array([[draw.rng.uniform(-1.5, 1.5), draw.rng.uniform(-0.2, 0.2)] for _ in range(3)]))
    sigma = draw.reals("sigma", 3, 2, low=0.8, high=1.1)
    beta, kappa = draw.positive("beta", 0.2, 3.0), draw.positive("kappa", 0.05, 0.3)
    kl = lambda m, s: expectation(lambda z: log_normal(z, m, s**2) - log_normal(z, 0, 1), m, s**2)
    average = np.mean([[kl(m, s) for m, s in zip(*row)] for row in zip(mu, sigma)], axis=0)
    closed = np.mean(0.5 * (mu**2 + sigma**2 - 1 - np.log(sigma**2)), axis=0)
    left = np.mean(reconstruction) - beta * np.sum(average) - beta * np.sum(np.clip(kappa - average, 0, None))
    return [left, np.mean(reconstruction) - beta * np.sum(np.maximum(kappa, closed))]


@formula(r"""\beta_t = \beta \min\bigl( 1,\, (t \;\text{mod}\; 2 t_w) / t_w \bigr), \qquad t \lt 8 t_w,""")
def cyclical(draw):
    """The left side walks through the cycles step by step."""
    beta, t_w = draw.positive("beta", 0.2, 3.0), draw.whole("t_w", 2, 40)
    t = draw.whole("t", 0, 8 * t_w - 1)
    weight, within = 0.0, 0
    for _ in range(t):
        within += 1
        weight = beta if within >= t_w else weight + beta / t_w
        if within == 2 * t_w:
            weight, within = 0.0, 0
    return [weight, beta * min(1, (t % (2 * t_w)) / t_w)]


if __name__ == "__main__":
    write()
