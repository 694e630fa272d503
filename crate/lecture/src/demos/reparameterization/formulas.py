"""The displayed formulas of slide 1.7."""

import math

from transcribed import expectation, formula, integral, log_normal, normal, untested, write

untested(
    r"""p_\theta(\mathbf{x}|\mathbf{z}) = \mathcal{N}\bigl(\mathbf{x};\; \boldsymbol{\mu}_{\mathbf{x}|\mathbf{z}} = f_\theta(\mathbf{z}),\; \boldsymbol{\sigma}_{\mathbf{x}|\mathbf{z}}^2 = f_\theta(\mathbf{z})\bigr)""",
    "what is assumed, (6): its density has its values on slide 1.2",
)
untested(
    r"""q_\phi(\mathbf{z}|\mathbf{x}) = \mathcal{N}\bigl(\mathbf{z};\; \boldsymbol{\mu}_{\mathbf{z}|\mathbf{x}} = f_\phi(\mathbf{x}),\; \boldsymbol{\sigma}_{\mathbf{z}|\mathbf{x}}^2 = f_\phi(\mathbf{x})\bigr)""",
    "what is assumed, (7)",
)


def model(draw):
    """x = w z + noise of sigma_x, p(z) = N(0, 1), q = N(mu, sigma²)."""
    x, w, mu = draw.real("x"), draw.real("w", -1.5, 1.5), draw.real("mu", -1.2, 1.2)
    return x, w, draw.positive("sigma_x", 0.4, 1.4), mu, draw.positive("sigma", 0.4, 1.4)


@formula(
    r"""\begin{aligned}
\mathrm{ELBO} &= \mathbb{E}_q\left[\log \frac{p_\theta(\mathbf{x}, \mathbf{z})}{q_\phi(\mathbf{z}|\mathbf{x})}\right] \\
&= \mathbb{E}_q[\log p_\theta(\mathbf{x}|\mathbf{z})] - \mathrm{KL}[q_\phi(\mathbf{z}|\mathbf{x}) \,\|\, p(\mathbf{z})] \\
&= \mathbb{E}_q\bigl[\log \mathcal{N}(\mathbf{x};\, f_\theta(\mathbf{z}))\bigr] - \mathrm{KL}[q_\phi(\mathbf{z}|\mathbf{x}) \,\|\, p(\mathbf{z})]
\end{aligned}"""
)
def elbo(draw):
    x, w, sigma_x, mu, sigma = model(draw)
    log_p, log_q = lambda z: log_normal(x, w * z, sigma_x**2), lambda z: log_normal(z, mu, sigma**2)
    prior = lambda z: log_normal(z, 0, 1)
    under_q = lambda f: expectation(f, mu, sigma**2)
    kl = integral(lambda z: normal(z, mu, sigma**2) * (log_q(z) - prior(z)), mu - 14 * sigma, mu + 14 * sigma)
    return [under_q(lambda z: log_p(z) + prior(z) - log_q(z)), under_q(log_p) - kl, under_q(log_p) - kl]


@formula(
    r"""\mathbf{z} = g_\phi(\boldsymbol{\epsilon}) = \boldsymbol{\mu} + \boldsymbol{\sigma} \odot \boldsymbol{\epsilon}, \qquad \boldsymbol{\epsilon} \sim \mathcal{N}(\mathbf{0}, \mathbf{I})"""
)
def sample(draw):
    """Its mean and variance by integrals over epsilon, and z at one epsilon."""
    mu, sigma, eps = draw.real("mu"), draw.positive("sigma"), draw.real("eps")
    g = lambda eps: mu + sigma * eps
    mean = expectation(g, 0, 1)
    variance = expectation(lambda eps: (g(eps) - mean) ** 2, 0, 1)
    return [[mean, variance, g(eps)], [mu, sigma**2, mu + sigma * eps]]


def some(z):
    """A function f of slide 1.7 that is no polynomial, and its derivative."""
    return math.sin(z) + 0.3 * z**2


def slope(z):
    return math.cos(z) + 0.6 * z


@formula(
    r"""\begin{aligned}
\int q(\mathbf{z}|\mathbf{x})\, f(\mathbf{z})\, d\mathbf{z} &= \int p(\boldsymbol{\epsilon})\, f(\mathbf{z})\, d\boldsymbol{\epsilon} \\
&= \int p(\boldsymbol{\epsilon})\, f(g_\phi(\boldsymbol{\epsilon}))\, d\boldsymbol{\epsilon} \\
\mathbb{E}_{q}[f(\mathbf{z})] &= \mathbb{E}_{p(\boldsymbol{\epsilon})}[f(g_\phi(\boldsymbol{\epsilon}))]
\end{aligned}"""
)
def change_of_variable(draw):
    mu, sigma = draw.real("mu"), draw.positive("sigma")
    over_z = integral(lambda z: normal(z, mu, sigma**2) * some(z), mu - 14 * sigma, mu + 14 * sigma)
    over_eps = integral(lambda eps: normal(eps, 0, 1) * some(mu + sigma * eps), -14, 14)
    return [over_z, over_eps, expectation(some, mu, sigma**2)]


@formula(
    r"""\begin{aligned}
\frac{\partial}{\partial \mu} \mathbb{E}_q[f(z)] &= \mathbb{E}_{p(\epsilon)}[f'(\mu + \sigma\epsilon)] \\
\frac{\partial}{\partial \log\sigma^2} \mathbb{E}_q[f(z)] &= \mathbb{E}_{p(\epsilon)}\bigl[f'(\mu + \sigma\epsilon)\; \tfrac12 \sigma\epsilon\bigr]
\end{aligned}"""
)
def derivatives(draw):
    """The left sides by Richardson's extrapolation of central differences."""
    mu, log_var = draw.real("mu"), draw.real("log_var", -1.5, 1.0)
    at = lambda mu, log_var: expectation(some, mu, math.exp(log_var))
    central = lambda f, h: (f(h) - f(-h)) / (2 * h)
    slope_of = lambda f: (4 * central(f, 0.5e-3) - central(f, 1e-3)) / 3
    sigma = math.exp(0.5 * log_var)
    return [
        [slope_of(lambda h: at(mu + h, log_var)), slope_of(lambda h: at(mu, log_var + h))],
        [
            expectation(lambda eps: slope(mu + sigma * eps), 0, 1),
            expectation(lambda eps: slope(mu + sigma * eps) * 0.5 * sigma * eps, 0, 1),
        ],
    ]


@formula(
    r"""\begin{aligned}
\frac{\partial}{\partial \mu} \mathbb{E}_q[f(z)] &= \mathbb{E}_q\Bigl[f(z)\, \frac{z - \mu}{\sigma^2}\Bigr] \\
\frac{\partial}{\partial \log\sigma^2} \mathbb{E}_q[f(z)] &= \mathbb{E}_q\Bigl[f(z)\, \tfrac12 \Bigl(\frac{(z - \mu)^2}{\sigma^2} - 1\Bigr)\Bigr]
\end{aligned}"""
)
def by_the_score(draw):
    """The left sides as in derivatives."""
    mu, log_var = draw.real("mu"), draw.real("log_var", -1.5, 1.0)
    at = lambda mu, log_var: expectation(some, mu, math.exp(log_var))
    central = lambda f, h: (f(h) - f(-h)) / (2 * h)
    slope_of = lambda f: (4 * central(f, 0.5e-3) - central(f, 1e-3)) / 3
    variance = math.exp(log_var)
    return [
        [slope_of(lambda h: at(mu + h, log_var)), slope_of(lambda h: at(mu, log_var + h))],
        [
            expectation(lambda z: some(z) * (z - mu) / variance, mu, variance),
            expectation(lambda z: some(z) * 0.5 * ((z - mu) ** 2 / variance - 1), mu, variance),
        ],
    ]


untested(
    r"""\frac1L \sum_{l=1}^{L} \log p\bigl(\mathbf{x}_i \,|\, \mathbf{z}_i^{(l)} = \boldsymbol{\mu}_i + \boldsymbol{\sigma}_i \odot \boldsymbol{\epsilon}_i^{(l)}\bigr),""",
    "an estimate, random by nature: it is compared with TensorFlow's from the same noise",
)


@formula(
    r"""\frac{\partial\,\mathrm{ELBO}}{\partial\mu} = \frac{w (x - w\mu)}{\sigma_x^2} - \mu, \qquad
\frac{\partial\,\mathrm{ELBO}}{\partial\log\sigma^2} = -\frac{w^2 \sigma^2}{2\sigma_x^2} + \tfrac12 (1 - \sigma^2)."""
)
def closed_form(draw):
    x, w, sigma_x, mu, sigma = model(draw)

    def elbo(mu, log_var):
        log_q = lambda z: log_normal(z, mu, math.exp(log_var))
        inside = lambda z: log_normal(x, w * z, sigma_x**2) + log_normal(z, 0, 1) - log_q(z)
        return expectation(inside, mu, math.exp(log_var))

    central = lambda f, h: (f(h) - f(-h)) / (2 * h)
    slope_of = lambda f: (4 * central(f, 0.5e-3) - central(f, 1e-3)) / 3
    log_var = math.log(sigma**2)
    return [
        [slope_of(lambda h: elbo(mu + h, log_var)), slope_of(lambda h: elbo(mu, log_var + h))],
        [w * (x - w * mu) / sigma_x**2 - mu, -(w**2) * sigma**2 / (2 * sigma_x**2) + 0.5 * (1 - sigma**2)],
    ]


if __name__ == "__main__":
    write()
