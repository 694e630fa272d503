"""JAX on the same VAE: the whole step jitted, on the CPU. Arguments: pixels, hidden, latent, batch, ms to prime, ms to measure."""

import json
import sys
import time

import jax
import jax.numpy as jnp

jax.config.update("jax_platforms", "cpu")
pixels, hidden, latent, batch = map(int, sys.argv[1:5])
prime_ms, span_ms = map(float, sys.argv[5:7])
rows = 1500
keys = iter(jax.random.split(jax.random.key(0), 20))


def layer(inputs, outputs):
    bound = (6 / (inputs + outputs)) ** 0.5
    return jax.random.uniform(next(keys), (inputs, outputs), minval=-bound, maxval=bound), jnp.zeros(outputs)


def dense(x, layer):
    return x @ layer[0] + layer[1]


def loss(theta, x, eps):
    h = jax.nn.relu(dense(x, theta[0]))
    mu, log_var = dense(h, theta[1]), dense(h, theta[2])
    z = mu + jnp.exp(log_var / 2) * eps
    logits = dense(jax.nn.relu(dense(z, theta[3])), theta[4])
    reconstruction = (x * logits - jax.nn.softplus(logits)).sum(1)
    kl = 0.5 * (mu**2 + jnp.exp(log_var) - log_var - 1).sum(1)
    return (kl - reconstruction).mean()


@jax.jit
def step(theta, m, v, t, data, key):
    of_batch, of_noise = jax.random.split(jax.random.fold_in(key, t))
    x = data[jax.random.randint(of_batch, (batch,), 0, rows)]
    value, gradient = jax.value_and_grad(loss)(theta, x, jax.random.normal(of_noise, (batch, latent)))
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradient)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradient)
    root = jnp.sqrt(1 - 0.999**t)
    rate = 0.002 * root / (1 - 0.9**t)
    theta = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8 * root), theta, m, v)
    return value, theta, m, v


data = jax.random.uniform(next(keys), (rows, pixels))
theta = [layer(pixels, hidden), layer(hidden, latent), layer(hidden, latent), layer(latent, hidden), layer(hidden, pixels)]
zeros = jax.tree.map(jnp.zeros_like, theta)
state = (theta, zeros, zeros)
key = next(keys)
made = 0


def timed(steps):
    global state, made
    since = time.perf_counter()
    for _ in range(steps):
        made += 1
        value, *state = step(*state, jnp.float32(made), data, key)
    value.block_until_ready()
    return 1e3 * (time.perf_counter() - since)


first = timed(1)
begin, best, steps = time.perf_counter(), float("inf"), 1
while 1e3 * (time.perf_counter() - begin) < prime_ms / 3:
    best = min(best, timed(steps) / steps)
    steps = max(1, min(2 * steps, round(50 / best)))
count = max(2, round(span_ms / best))
print(json.dumps({"first": first, "step": timed(count) / count}))
