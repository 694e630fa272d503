"""One VAE step by JAX in float64, as a reference for the engine.

Weights, data and noise are fixed formulas, so that both sides can write them down. For every likelihood: the terms of
the ELBO per example in nats, and one parameter after one and after two Adam steps (Kingma & Ba 2015, learning rate
1e-2, eps 1e-8) on loss = -mean(reconstruction - beta * kl), beta = 0.7.
"""

import json

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

PIXELS, HIDDEN, LATENT, BATCH, BETA, RATE = 6, 5, 2, 4, 0.7, 1e-2


def wave(shape, frequency, scale):
    count = 1
    for size in shape:
        count *= size
    return (scale * jnp.sin(frequency * (jnp.arange(count) + 1.0))).reshape(shape)


def parameters(outputs):
    return {
        "encoder.hidden.0.weight": wave((PIXELS, HIDDEN), 0.7, 0.5),
        "encoder.hidden.0.bias": wave((HIDDEN,), 1.1, 0.1),
        "encoder.mu.weight": wave((HIDDEN, LATENT), 1.3, 0.6),
        "encoder.mu.bias": wave((LATENT,), 1.7, 0.2),
        "encoder.log_var.weight": wave((HIDDEN, LATENT), 0.9, 0.4),
        "encoder.log_var.bias": wave((LATENT,), 2.3, 0.2),
        "decoder.hidden.0.weight": wave((LATENT, HIDDEN), 1.9, 0.7),
        "decoder.hidden.0.bias": wave((HIDDEN,), 0.5, 0.1),
        "decoder.output.weight": wave((HIDDEN, PIXELS * outputs), 0.3, 0.5),
        "decoder.output.bias": wave((PIXELS * outputs,), 0.6, 0.1),
        "decoder.log_scale": jnp.array([-0.4]),
    }


X = 0.5 + 0.5 * wave((BATCH, PIXELS), 0.37, 1.0)
EPS = wave((BATCH, LATENT), 2.9, 1.2)


def dense(p, name, x):
    return x @ p[name + ".weight"] + p[name + ".bias"]


def terms(p, likelihood):
    h = jax.nn.relu(dense(p, "encoder.hidden.0", X))
    mu, log_var = dense(p, "encoder.mu", h), dense(p, "encoder.log_var", h)
    z = mu + jnp.exp(0.5 * log_var) * EPS
    out = dense(p, "decoder.output", jax.nn.relu(dense(p, "decoder.hidden.0", z)))
    s = p["decoder.log_scale"]
    if likelihood == "bernoulli":
        log_p = X * jax.nn.log_sigmoid(out) + (1 - X) * jax.nn.log_sigmoid(-out)
    elif likelihood == "continuous_bernoulli":
        probability = jax.nn.sigmoid(out)
        normaliser = 2 * jnp.arctanh(1 - 2 * probability) / (1 - 2 * probability)
        log_p = X * jax.nn.log_sigmoid(out) + (1 - X) * jax.nn.log_sigmoid(-out) + jnp.log(normaliser)
    elif likelihood == "gaussian":
        log_p = jax.scipy.stats.norm.logpdf(X, out, jnp.exp(0.5 * s))
    elif likelihood == "gaussian_per_pixel":
        log_p = jax.scipy.stats.norm.logpdf(X, out[:, :PIXELS], jnp.exp(0.5 * out[:, PIXELS:]))
    else:
        log_p = jax.scipy.stats.laplace.logpdf(X, out, jnp.exp(s))
    kl = 0.5 * jnp.sum(mu**2 + jnp.exp(log_var) - log_var - 1, axis=1)
    return jnp.sum(log_p, axis=1), kl


def loss(p, likelihood):
    reconstruction, kl = terms(p, likelihood)
    return -jnp.mean(reconstruction - BETA * kl)


def adam(p, likelihood, steps):
    m = {k: jnp.zeros_like(v) for k, v in p.items()}
    v = {k: jnp.zeros_like(x) for k, x in p.items()}
    for t in range(1, steps + 1):
        g = jax.grad(loss)(p, likelihood)
        m = {k: 0.9 * m[k] + 0.1 * g[k] for k in p}
        v = {k: 0.999 * v[k] + 0.001 * g[k] ** 2 for k in p}
        step = lambda k: RATE * (m[k] / (1 - 0.9**t)) / (jnp.sqrt(v[k] / (1 - 0.999**t)) + 1e-8)
        p = {k: p[k] - step(k) for k in p}
    return p


result = {}
for likelihood, outputs in [("bernoulli", 1), ("continuous_bernoulli", 1), ("gaussian", 1), ("gaussian_per_pixel", 2), ("laplace", 1)]:
    p = parameters(outputs)
    reconstruction, kl = terms(p, likelihood)
    gradient = jax.grad(loss)(p, likelihood)
    once, twice = adam(p, likelihood, 1), adam(p, likelihood, 2)
    flat = lambda tree, name: [round(float(x), 10) for x in tree[name].ravel()]
    result[likelihood] = {
        "reconstruction": [round(float(x), 10) for x in reconstruction],
        "kl": [round(float(x), 10) for x in kl],
        "loss": round(float(loss(p, likelihood)), 10),
        "gradient": {name: flat(gradient, name) for name in ["encoder.hidden.0.weight", "encoder.log_var.bias", "decoder.output.bias", "decoder.log_scale"]},
        "after_one_step": {name: flat(once, name) for name in ["encoder.mu.weight", "decoder.hidden.0.weight"]},
        "loss_after_two_steps": round(float(loss(twice, likelihood)), 10),
    }
print(json.dumps(result, indent=1))
