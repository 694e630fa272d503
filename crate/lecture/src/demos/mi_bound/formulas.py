"""The displayed formulas of slide 3.1, with four posteriors of one dimension."""

import numpy as np

from transcribed import Posteriors, formula, normal, untested, write

untested(
    r"""q_\phi(\mathbf{x}, \mathbf{z}) = p(\mathbf{x})\, q_\phi(\mathbf{z}|\mathbf{x})""",
    "what is defined, (14): its two factors have their values in (16) and (17)",
)


def densities(draw):
    """q(z|x_n) of four posteriors at one z."""
    mu, sigma, z = draw.reals("mu", 4), draw.reals("sigma", 4, low=0.25, high=1.0), draw.real("z")
    return np.array([normal(z, m, s**2) for m, s in zip(mu, sigma)])


@formula(
    r"""q_\phi(\mathbf{z}) = \mathbb{E}_{p(\mathbf{x})}[q_\phi(\mathbf{z}|\mathbf{x})] \approx \frac1N \sum_{n=1}^{N} q_\phi(\mathbf{z}|\mathbf{x}_n)"""
)
def aggregate(draw):
    """With the empirical p(x) the approximation is an equality."""
    q = densities(draw)
    return [np.sum(q * 0.25), sum(q) / 4]


@formula(
    r"""q_\phi(\mathbf{x}, \mathbf{z}) = q_\phi(\mathbf{x}|\mathbf{z})\, q_\phi(\mathbf{z}) \approx p_\theta(\mathbf{x}|\mathbf{z})\, q_\phi(\mathbf{z})"""
)
def joint(draw):
    """Of every x_n. The approximation by a decoder is one, and has no value."""
    q = densities(draw)
    return [0.25 * q, (q / np.sum(q)) * np.mean(q)]


@formula(
    r"""I(\mathbf{x}, \mathbf{z}) = \mathbb{E}_{q_\phi(\mathbf{x}, \mathbf{z})}\left[\log \frac{q_\phi(\mathbf{x}, \mathbf{z})}{p(\mathbf{x})\, q_\phi(\mathbf{z})}\right] = \mathbb{E}_{q_\phi(\mathbf{x}, \mathbf{z})}\left[\log \frac{q_\phi(\mathbf{z}|\mathbf{x})}{q_\phi(\mathbf{z})}\right]."""
)
def mutual_information(draw):
    """The first side by entropies: I = H(z) − H(z|x)."""
    q = Posteriors(draw)
    entropies = -q.aggregate(q.log_aggregate) + q.joint(q.log_q)
    p_x = -np.log(q.count)
    return [
        entropies,
        q.joint((p_x + q.log_q) - (p_x + q.log_aggregate)),
        q.joint(q.log_q - q.log_aggregate),
    ]


@formula(
    r"""\begin{aligned}
\mathbb{E}_{p(\mathbf{x})} \mathrm{KL}[q_\phi(\mathbf{z}|\mathbf{x}) \,\|\, p(\mathbf{z})]
&= \mathbb{E}_{q_\phi(\mathbf{x}, \mathbf{z})}\left[\log \frac{q_\phi(\mathbf{z}|\mathbf{x})}{p(\mathbf{z})}\right] \\
&= \mathbb{E}_{q_\phi(\mathbf{x}, \mathbf{z})}\left[\log \frac{q_\phi(\mathbf{z}|\mathbf{x})}{q_\phi(\mathbf{z})} + \log \frac{q_\phi(\mathbf{z})}{p(\mathbf{z})}\right] \\
&= \mathbb{E}_{q_\phi(\mathbf{x}, \mathbf{z})}\left[\log \frac{q_\phi(\mathbf{z}|\mathbf{x})}{q_\phi(\mathbf{z})}\right] + \mathbb{E}_{q_\phi(\mathbf{z})}\left[\log \frac{q_\phi(\mathbf{z})}{p(\mathbf{z})}\right] \\
&= I(\mathbf{x}, \mathbf{z}) + \mathrm{KL}[q_\phi(\mathbf{z}) \,\|\, p(\mathbf{z})] \;\ge\; I(\mathbf{x}, \mathbf{z})
\end{aligned}"""
)
def bound(draw):
    q = Posteriors(draw)
    information = q.joint(q.log_q - q.log_aggregate)
    marginal = q.aggregate(q.log_aggregate - q.log_prior)
    assert information + marginal >= information
    return [
        q.kl(),
        q.joint(q.log_q - q.log_prior),
        q.joint((q.log_q - q.log_aggregate) + (q.log_aggregate - q.log_prior)),
        q.joint(q.log_q - q.log_aggregate) + q.aggregate(q.log_aggregate - q.log_prior),
        information + marginal,
    ]


@formula(
    r"""\begin{aligned}
I(\mathbf{x}, \mathbf{z}) &= \mathbb{H}(\mathbf{x}) + \mathbb{E}_{q_\phi(\mathbf{x}, \mathbf{z})}[\log q_\phi(\mathbf{x}|\mathbf{z})] \\
&= \mathbb{H}(\mathbf{x}) + \mathbb{E}_{q_\phi(\mathbf{x}, \mathbf{z})}[\log p_\theta(\mathbf{x}|\mathbf{z})] + \mathbb{E}_{q_\phi(\mathbf{z})} \mathrm{KL}[q_\phi(\mathbf{x}|\mathbf{z}) \,\|\, p_\theta(\mathbf{x}|\mathbf{z})] \\
&\ge \mathbb{H}(\mathbf{x}) + \mathbb{E}_{q_\phi(\mathbf{x}, \mathbf{z})}[\log p_\theta(\mathbf{x}|\mathbf{z})]
\end{aligned}"""
)
def from_below(draw):
    """The decoder inverts an encoder w times as wide; of x only its name n is left, and H(x) = log N."""
    q, w = Posteriors(draw), draw.real("w", 0.5, 4.0)
    entropy = np.log(q.count)
    normalised = lambda logits: logits - np.logaddexp.reduce(logits, axis=0)
    inverse = normalised(q.log_q)
    distance = (q.z - q.mu[:, None]) / (w * q.sigma[:, None])
    decoder = normalised(-np.log(w * q.sigma[:, None]) - 0.5 * distance**2)
    divergence = np.sum(np.exp(inverse) * (inverse - decoder), axis=0)
    below = draw.keep("below", entropy + q.joint(decoder))
    information = q.joint(q.log_q - q.log_aggregate)
    assert information >= below
    return [information, entropy + q.joint(inverse), entropy + q.joint(decoder) + q.aggregate(divergence)]


if __name__ == "__main__":
    write()
