"""Every displayed formula of a slide, a second time: its TeX as the page has it, and its two sides evaluated from what the TeX says.

A demo's formulas.py lists them in the page's order:

    from transcribed import formula, untested, write

    @formula(r"\mathrm{KL} = \tfrac12 (\sigma^2 - 1 - \log\sigma^2)")
    def kl_at_the_prior(draw):
        sigma = draw.positive("sigma")
        density = lambda z: normal(z, 0, sigma**2)
        return [integral(lambda z: density(z) * ...), 0.5 * (sigma**2 - 1 - math.log(sigma**2))]

    untested(r"\mathbf{x} \to \mathbf{z}", "a drawing")
    write()

A function gets its arguments from `draw`, which names them and keeps them, and returns the value of every side of every equals sign in
the formula, from left to right; they must agree to one part in 1e8. Where sides are vectors they are lists. What is printed is read by
the demo's Rust test: it compares the TeX with the page's and the value with the function that the demo uses.

Plain Python with NumPy and SciPy; nothing here knows the Rust code.
"""

import json
import math
import random

import numpy as np
from scipy import integrate

CASES = 5
AGREE = 1e-8

_entries = []


class Draw:
    """Random arguments of one case, each kept under its name."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.given = {}

    def keep(self, name, value):
        assert name not in self.given, name
        self.given[name] = np.asarray(value).tolist()
        return value

    def real(self, name, low=-2.0, high=2.0):
        return self.keep(name, self.rng.uniform(low, high))

    def positive(self, name, low=0.3, high=2.0):
        return self.real(name, low, high)

    def whole(self, name, low, high):
        return self.keep(name, self.rng.randint(low, high))

    def reals(self, name, *shape, low=-2.0, high=2.0):
        return self.keep(name, np.array([self.rng.uniform(low, high) for _ in range(math.prod(shape))]).reshape(shape))


def formula(tex):
    """A displayed formula and the function that evaluates its sides."""

    def add(function):
        cases = []
        for seed in range(CASES):
            draw = Draw(f"{function.__name__} {seed}")
            sides = [np.asarray(side, float) for side in function(draw)]
            for side in sides[1:]:
                apart = np.max(np.abs(side - sides[0]) / (1 + np.abs(sides[0])))
                assert apart < AGREE, f"{function.__name__}: sides apart by {apart}: {sides}"
            cases.append({"given": draw.given, "value": sides[-1].tolist()})
        _entries.append({"tex": tex, "name": function.__name__, "cases": cases})
        return function

    return add


def inequality(tex):
    """The same where the sides, from left to right, are connected by <= (or, read from right to left, by >=): each at most the next."""

    def add(function):
        cases = []
        for seed in range(CASES):
            draw = Draw(f"{function.__name__} {seed}")
            sides = [float(side) for side in function(draw)]
            assert all(a <= b + AGREE for a, b in zip(sides, sides[1:])), f"{function.__name__}: {sides}"
            cases.append({"given": draw.given, "value": sides})
        _entries.append({"tex": tex, "name": function.__name__, "cases": cases})
        return function

    return add


def untested(tex, reason):
    """A displayed formula without a value, and why it has none."""
    _entries.append({"tex": tex, "reason": reason})


def normal(x, mean, variance):
    """N(x; mean, variance)."""
    return math.exp(-((x - mean) ** 2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)


def log_normal(x, mean, variance):
    return -0.5 * (math.log(2 * math.pi * variance) + (x - mean) ** 2 / variance)


def expectation(f, mean, variance):
    """E f(z), z ~ N(mean, variance), by the trapezoid rule over 14 standard deviations each way."""
    sigma = math.sqrt(variance)
    z = mean + sigma * np.linspace(-14, 14, 4001)
    weights = np.array([normal(one, mean, variance) for one in z])
    return float(np.sum(weights * np.array([f(one) for one in z])) * (z[1] - z[0]))


def integral(f, low=-np.inf, high=np.inf):
    """By SciPy."""
    return integrate.quad(f, low, high, epsabs=1e-12, epsrel=1e-12, limit=400)[0]


class Posteriors:
    """q(z|x_n) = N(mu_n, sigma_n²) of one latent dimension for N data points, on a grid over which sums are integrals."""

    def __init__(self, draw, count=4):
        self.mu = draw.reals("mu", count)
        self.sigma = draw.reals("sigma", count, low=0.25, high=1.0)
        self.count = count
        self.z = np.linspace(-12, 12, 24001)
        self.step = self.z[1] - self.z[0]
        self.log_q = -0.5 * (np.log(2 * np.pi * self.sigma[:, None] ** 2) + ((self.z - self.mu[:, None]) / self.sigma[:, None]) ** 2)
        self.log_prior = -0.5 * (np.log(2 * np.pi) + self.z**2)
        # (15)
        self.log_aggregate = np.logaddexp.reduce(self.log_q, axis=0) - np.log(count)

    def joint(self, values):
        """E over q(x, z) = p(x) q(z|x), p(x) = 1/N, of values [N, z] (or [z])."""
        return float(np.sum(np.exp(self.log_q) * values) * self.step / self.count)

    def aggregate(self, values):
        """E over q(z) of values [z]."""
        return float(np.sum(np.exp(self.log_aggregate) * values) * self.step)

    def index_entropy(self):
        """H(q(n|z)) of every z, with q(n|z) by Bayes' rule."""
        log_index = self.log_q - np.logaddexp.reduce(self.log_q, axis=0)
        return -np.sum(np.exp(log_index) * log_index, axis=0)

    def kl(self):
        """The average KL[q(z|x_n)||p(z)], each by its integral."""
        inside = np.exp(self.log_q) * (self.log_q - self.log_prior)
        return float(np.mean(np.sum(inside, axis=1) * self.step))


def write():
    """A line for each formula."""
    print("[" + ",\n".join(json.dumps(entry) for entry in _entries) + "]")
