"""One step of every objective of section 4 by JAX in float64, as a reference for the engine.

Weights, data and noise are the formulas of shared/vae_run/reference_jax.py; the prior's points are one more. For every divergence D, on
loss = -mean(log p(x|z) - omega * KL - (1 - omega) * lambda * D) with omega = 0.3, lambda = 5: D, the loss, gradients,
and one parameter after one and after two Adam steps (learning rate 1e-2, eps 1e-8).
"""

import json

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

PIXELS, HIDDEN, LATENT, BATCH = 6, 5, 2, 4
OMEGA, LAMBDA, RATE = 0.3, 5.0, 1e-2
TWO_S2, C = 1.5, 2.5


def wave(shape, frequency, scale):
    count = 1
    for size in shape:
        count *= size
    return (scale * jnp.sin(frequency * (jnp.arange(count) + 1.0))).reshape(shape)


PARAMETERS = {
    "encoder.hidden.0.weight": wave((PIXELS, HIDDEN), 0.7, 0.5),
    "encoder.hidden.0.bias": wave((HIDDEN,), 1.1, 0.1),
    "encoder.mu.weight": wave((HIDDEN, LATENT), 1.3, 0.6),
    "encoder.mu.bias": wave((LATENT,), 1.7, 0.2),
    "encoder.log_var.weight": wave((HIDDEN, LATENT), 0.9, 0.4),
    "encoder.log_var.bias": wave((LATENT,), 2.3, 0.2),
    "decoder.hidden.0.weight": wave((LATENT, HIDDEN), 1.9, 0.7),
    "decoder.hidden.0.bias": wave((HIDDEN,), 0.5, 0.1),
    "decoder.output.weight": wave((HIDDEN, PIXELS), 0.3, 0.5),
    "decoder.output.bias": wave((PIXELS,), 0.6, 0.1),
}
X = 0.5 + 0.5 * wave((BATCH, PIXELS), 0.37, 1.0)
EPS = wave((BATCH, LATENT), 2.9, 1.2)
PRIOR = wave((BATCH, LATENT), 3.7, 1.3)


def rbf(a, b):
    return jnp.exp(-jnp.sum((a - b) ** 2) / TWO_S2)


def imq(a, b):
    return C / (C + jnp.sum((a - b) ** 2))


def mmd2(kernel, unbiased):
    def of(z, mu, log_var):
        pairs = lambda a, b: jax.vmap(lambda p: jax.vmap(lambda q: kernel(p, q))(b))(a)
        n = len(z)
        off = 1 - jnp.eye(n)
        within = lambda k: jnp.sum(k * off) / (n * (n - 1)) if unbiased else jnp.mean(k)
        return within(pairs(z, z)) + within(pairs(PRIOR, PRIOR)) - 2 * jnp.mean(pairs(z, PRIOR))

    return of


def marginal_kl(z, mu, log_var):
    log_normal = lambda at, mean, log_v: jnp.sum(jax.scipy.stats.norm.logpdf(at, mean, jnp.exp(0.5 * log_v)))
    components = jax.vmap(lambda at: jax.vmap(lambda m, v: log_normal(at, m, v))(mu, log_var))(z)
    log_q = jax.scipy.special.logsumexp(components, axis=1) - jnp.log(len(mu))
    return jnp.mean(log_q - jax.vmap(lambda at: log_normal(at, 0.0, jnp.zeros(LATENT)))(z))


def terms(p, divergence):
    dense = lambda name, x: x @ p[name + ".weight"] + p[name + ".bias"]
    h = jax.nn.relu(dense("encoder.hidden.0", X))
    mu, log_var = dense("encoder.mu", h), dense("encoder.log_var", h)
    z = mu + jnp.exp(0.5 * log_var) * EPS
    out = dense("decoder.output", jax.nn.relu(dense("decoder.hidden.0", z)))
    reconstruction = jnp.sum(X * jax.nn.log_sigmoid(out) + (1 - X) * jax.nn.log_sigmoid(-out), axis=1)
    kl = 0.5 * jnp.sum(mu**2 + jnp.exp(log_var) - log_var - 1, axis=1)
    return reconstruction, kl, divergence(z, mu, log_var)


def loss(p, divergence):
    reconstruction, kl, d = terms(p, divergence)
    return -jnp.mean(reconstruction - OMEGA * kl - (1 - OMEGA) * LAMBDA * d)


def adam(p, divergence, steps):
    m = {k: jnp.zeros_like(v) for k, v in p.items()}
    v = {k: jnp.zeros_like(x) for k, x in p.items()}
    for t in range(1, steps + 1):
        g = jax.grad(loss)(p, divergence)
        m = {k: 0.9 * m[k] + 0.1 * g[k] for k in p}
        v = {k: 0.999 * v[k] + 0.001 * g[k] ** 2 for k in p}
        step = lambda k: RATE * (m[k] / (1 - 0.9**t)) / (jnp.sqrt(v[k] / (1 - 0.999**t)) + 1e-8)
        p = {k: p[k] - step(k) for k in p}
    return p


DIVERGENCES = {
    "rbf_unbiased": mmd2(rbf, True),
    "rbf_biased": mmd2(rbf, False),
    "imq_unbiased": mmd2(imq, True),
    "imq_biased": mmd2(imq, False),
    "marginal_kl": marginal_kl,
}
result = {}
for name, divergence in DIVERGENCES.items():
    gradient = jax.grad(loss)(PARAMETERS, divergence)
    once, twice = adam(PARAMETERS, divergence, 1), adam(PARAMETERS, divergence, 2)
    flat = lambda tree, name: [round(float(x), 10) for x in tree[name].ravel()]
    result[name] = {
        "divergence": round(float(terms(PARAMETERS, divergence)[2]), 10),
        "loss": round(float(loss(PARAMETERS, divergence)), 10),
        "gradient": {k: flat(gradient, k) for k in ["encoder.mu.weight", "encoder.log_var.bias"]},
        "after_one_step": {k: flat(once, k) for k in ["encoder.mu.weight", "decoder.hidden.0.weight"]},
        "loss_after_two_steps": round(float(loss(twice, divergence)), 10),
    }
print(json.dumps(result, indent=1))
