"""The page's own model, read from its file by NumPy alone: how far the prior is from the aggregate posterior of all 1,797 digits.

Both numbers by the trapezoid rule on a grid of the plane, so that they have no sampling error: KL[p(z)||q(z)] in nats, and the share
of the prior where q(z) < p(z)/10. Prints shipped.json.
"""

import json

import numpy as np
from default_model import digits, encode


def log_aggregate(z, mu, log_var):
    """log 1/N sum_n N(z; mu_n, diag sigma_n²) of every z, some at a time."""
    rows = []
    for some in np.array_split(z, 200):
        squares = (some[:, None] - mu) ** 2 * np.exp(-log_var)
        logs = -0.5 * np.sum(squares + log_var + np.log(2 * np.pi), axis=-1)
        rows.append(np.logaddexp.reduce(logs, axis=1) - np.log(len(mu)))
    return np.concatenate(rows)


mu, log_var = encode(digits(1797))

side = np.linspace(-6, 6, 241)
z = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
log_p = -0.5 * np.sum(z**2 + np.log(2 * np.pi), axis=-1)
mass = np.exp(log_p) * (side[1] - side[0]) ** 2
log_q = log_aggregate(z, mu, log_var)
result = {
    "prior_gap": float(np.sum(mass * (log_p - log_q))),
    "far_share": float(100 * np.sum(mass[log_q < log_p - np.log(10)])),
}
print(json.dumps(result, indent=1))
