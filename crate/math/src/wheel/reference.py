"""log p(x) and the ELBO of the best diagonal and of the best full Gaussian of the wheel (slide 1.1) by scipy.

The test beside this holds what it prints. Integrals by adaptive quadrature, the maximum by a brute-force grid and
Nelder-Mead; nothing is shared with the Rust code but the model's formula.
"""
import numpy as np
from scipy.integrate import quad, dblquad
from scipy.optimize import minimize
from scipy.stats import norm


def f(z1, z2=0.0):
    return z1 - 1.5 * np.sin(2 * z1), 1.5 * np.cos(2 * z1) + z2


def log_joint(x, z1, z2, two, s):
    m = f(z1, z2)
    value = norm.logpdf(x[0], m[0], s) + norm.logpdf(x[1], m[1], s) + norm.logpdf(z1)
    return value + norm.logpdf(z2) if two else value


def log_px(x, two, s):
    if two:
        g = lambda z2, z1: np.exp(log_joint(x, z1, z2, True, s))
        return np.log(dblquad(g, -6, 6, -7, 7, epsabs=1e-10)[0])
    g = lambda z1: np.exp(log_joint(x, z1, 0.0, False, s))
    return np.log(quad(g, -8, 8, limit=2000, epsabs=1e-13, points=np.linspace(-3, 3, 25))[0])


def elbo(x, p, two, s):
    """p: means, log L_jj², and with a full covariance L_21."""
    eps, w = np.polynomial.hermite_e.hermegauss(40)
    w = w / w.sum()
    if two:
        z1 = p[0] + np.exp(p[2] / 2) * eps[:, None]
        z2 = p[1] + np.exp(p[3] / 2) * eps[None, :] + (p[4] * eps[:, None] if len(p) == 5 else 0.0)
        w = w[:, None] * w[None, :]
        entropy = 0.5 * (p[2] + p[3]) + np.log(2 * np.pi) + 1
    else:
        z1, z2 = p[0] + np.exp(p[1] / 2) * eps, 0.0
        entropy = 0.5 * p[1] + 0.5 * np.log(2 * np.pi) + 0.5
    return (w * log_joint(x, z1, z2, two, s)).sum() + entropy


def best(x, two, s, full=False):
    found = []
    for m in np.linspace(-3, 3, 25):
        for l in (-4.0, -2.0, -0.5):
            start = ([m, 0.0, l, -1.0] + [0.0] * full) if two else [m, l]
            r = minimize(lambda p: -elbo(x, p, two, s), start, method="BFGS", options={"gtol": 1e-9})
            found.append(-r.fun)
    return max(found)


points = [(False, 0.4, (0.4, 1.3)), (False, 0.5, (0.0, -0.97)), (True, 0.5, (-1.8, -1.1)), (True, 0.3, (2.4, 1.9)), (True, 1.0, (0.6, -1.4))]
for two, s, x in points:
    found = [log_px(x, two, s), best(x, two, s)] + ([best(x, two, s, full=True)] if two else [])
    print(2 if two else 1, s, x, *("%.10f" % value for value in found))
