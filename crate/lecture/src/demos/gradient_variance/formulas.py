"""The displayed formulas of slide 1.8."""

import math

from transcribed import expectation, formula, integral, normal, write

REACH = 14


def difference(f, at):
    """Richardson's extrapolation of central differences."""
    central = lambda h: (f(at + h) - f(at - h)) / (2 * h)
    return (4 * central(0.5e-3) - central(1e-3)) / 3


@formula(
    r"""\begin{aligned}
\frac{\partial}{\partial\theta} \mathbb{E}_p[x^2] &= \int x^2\, \frac{\partial}{\partial\theta} p(x)\, dx \\
&= \int x^2\, p(x)\, \frac{\partial}{\partial\theta} \log p(x)\, dx \\
&= \mathbb{E}_p\left[x^2\, \frac{\partial}{\partial\theta} \log p(x)\right] \\
&= \mathbb{E}_p\bigl[x^2 (x - \theta)\bigr]
\end{aligned}"""
)
def score(draw):
    theta = draw.real("theta", -3, 3)
    low, high = theta - REACH, theta + REACH
    p_slope = lambda x: difference(lambda theta: normal(x, theta, 1), theta)
    log_slope = lambda x: p_slope(x) / normal(x, theta, 1) if normal(x, theta, 1) > 1e-30 else 0.0
    return [
        difference(lambda theta: expectation(lambda x: x**2, theta, 1), theta),
        integral(lambda x: x**2 * p_slope(x), low, high),
        integral(lambda x: x**2 * normal(x, theta, 1) * log_slope(x), low, high),
        expectation(lambda x: x**2 * (x - theta), theta, 1),
    ]


@formula(
    r"""\begin{aligned}
\frac{\partial}{\partial\theta} \mathbb{E}_q\bigl[(\theta + \epsilon)^2\bigr] &= \mathbb{E}_q\left[\frac{\partial}{\partial\theta} (\theta + \epsilon)^2\right] \\
&= \mathbb{E}_q\bigl[2 (\theta + \epsilon)\bigr]
\end{aligned}"""
)
def reparameterized(draw):
    theta = draw.real("theta", -3, 3)
    left = difference(lambda theta: expectation(lambda eps: (theta + eps) ** 2, 0, 1), theta)
    inside = expectation(lambda eps: difference(lambda theta: (theta + eps) ** 2, theta), 0, 1)
    return [left, inside, expectation(lambda eps: 2 * (theta + eps), 0, 1)]


@formula(
    r"""\mathbb{E}\bigl[(\theta + \epsilon)^4 \epsilon^2\bigr] - (2\theta)^2 = \theta^4 + 18\theta^2 + 15 - 4\theta^2,"""
)
def score_variance(draw):
    theta = draw.real("theta", -3, 3)
    left = expectation(lambda eps: (theta + eps) ** 4 * eps**2, 0, 1) - (2 * theta) ** 2
    return [left, theta**4 + 18 * theta**2 + 15 - 4 * theta**2]


@formula(
    r"""\begin{aligned}
\mathrm{Var}_{\text{score}} &= \frac{\theta^4 + 14\theta^2 + 15}{N}, &
\mathrm{Var}_{\text{reparam}} &= \frac{4}{N}, &
\text{ratio} &= \frac{\theta^4 + 14\theta^2 + 15}{4}
\end{aligned}"""
)
def variances(draw):
    theta, n = draw.real("theta", -3, 3), draw.whole("n", 1, 1000)

    def variance(f):
        mean = expectation(f, 0, 1)
        return expectation(lambda eps: (f(eps) - mean) ** 2, 0, 1) / n

    of_score, of_other = variance(lambda eps: (theta + eps) ** 2 * eps), variance(lambda eps: 2 * (theta + eps))
    return [
        [of_score, of_other, of_score / of_other],
        [(theta**4 + 14 * theta**2 + 15) / n, 4 / n, (theta**4 + 14 * theta**2 + 15) / 4],
    ]


def distribution(x):
    """Phi, the distribution function of N(0, 1)."""
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def above(f, theta):
    """E_p[1[x > 0] f(x)]."""
    return integral(lambda x: f(x) * normal(x, theta, 1), 0, REACH)


def below(f, theta):
    """E_p[1[x <= 0] f(x)]."""
    return integral(lambda x: f(x) * normal(x, theta, 1), -REACH, 0)


@formula(
    r"""\frac{\partial}{\partial\theta} \mathbb{E}_p\bigl[\mathbf{1}[x > 0]\bigr] = \frac{\partial}{\partial\theta} \Phi(\theta) = \Phi'(\theta) = \mathbb{E}_p\bigl[\mathbf{1}[x > 0]\, (x - \theta)\bigr]"""
)
def step(draw):
    theta = draw.real("theta", -3, 3)
    return [
        difference(lambda theta: above(lambda x: 1.0, theta), theta),
        difference(distribution, theta),
        normal(theta, 0, 1),
        above(lambda x: x - theta, theta),
    ]


@formula(
    r"""\begin{aligned}
\mathrm{Var}_{\text{score}} &= \frac{b - \Phi'(\theta)^2}{N}, &
\mathrm{Var}_{\text{score with } b} &= \frac{b\, (1 - b) - \Phi'(\theta)^2}{N}, &
\mathrm{Var}_{\text{reparam}} &= 0
\end{aligned}"""
)
def step_variances(draw):
    """The slope of the step is 0 at every x but one."""
    theta, n = draw.real("theta", -3, 3), draw.whole("n", 1, 1000)
    density = normal(theta, 0, 1)
    b = distribution(theta) - theta * density

    def variance(baseline):
        mean = above(lambda x: (1 - baseline) * (x - theta), theta) + below(lambda x: -baseline * (x - theta), theta)
        square = lambda step: lambda x: ((step - baseline) * (x - theta) - mean) ** 2
        return (above(square(1), theta) + below(square(0), theta)) / n

    return [
        [variance(0.0), variance(b), 0.0],
        [(b - density**2) / n, (b * (1 - b) - density**2) / n, 0.0],
    ]


if __name__ == "__main__":
    write()
