"""One M2 step by JAX in float64, as a reference for the engine.

Weights, data and noise are fixed formulas, so that both sides can write them down. y enters as a one-hot vector joined to
x or z, and the sum over y is a Python loop. For both likelihoods: every -L(x, y), -U(x), the objective

    J/(N+M) = w_L mean -L + w_U mean -U + w_alpha mean log q(y|x)      (weights 0.3, 0.7, 0.25)

its gradient, and parameters after one Adam step (Kingma & Ba 2015, learning rate 1e-2, eps 1e-8) on -J/(N+M).
"""

import json

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

INPUTS, CLASSES, HIDDEN, LATENT, LABELLED, UNLABELLED, RATE = 4, 3, 5, 2, 2, 3, 1e-2
WEIGHTS = (0.3, 0.7, 0.25)


def wave(shape, frequency, scale):
    count = 1
    for size in shape:
        count *= size
    return (scale * jnp.sin(frequency * (jnp.arange(count) + 1.0))).reshape(shape)


PARAMETERS = {
    "classifier.hidden.weight": wave((INPUTS, HIDDEN), 0.7, 0.8),
    "classifier.hidden.bias": wave((HIDDEN,), 1.1, 0.1),
    "classifier.output.weight": wave((HIDDEN, CLASSES), 1.3, 0.9),
    "classifier.output.bias": wave((CLASSES,), 1.7, 0.2),
    "encoder.hidden.vector.weight": wave((INPUTS, HIDDEN), 0.9, 0.5),
    "encoder.hidden.vector.bias": wave((HIDDEN,), 2.3, 0.1),
    "encoder.hidden.class": wave((CLASSES, HIDDEN), 1.9, 0.6),
    "encoder.mu.weight": wave((HIDDEN, LATENT), 0.5, 0.6),
    "encoder.mu.bias": wave((LATENT,), 0.3, 0.2),
    "encoder.log_var.weight": wave((HIDDEN, LATENT), 0.6, 0.4),
    "encoder.log_var.bias": wave((LATENT,), 1.5, 0.2),
    "decoder.hidden.vector.weight": wave((LATENT, HIDDEN), 2.1, 0.7),
    "decoder.hidden.vector.bias": wave((HIDDEN,), 0.8, 0.1),
    "decoder.hidden.class": wave((CLASSES, HIDDEN), 2.7, 0.8),
    "decoder.output.weight": wave((HIDDEN, INPUTS), 0.4, 0.7),
    "decoder.output.bias": wave((INPUTS,), 1.2, 0.1),
    "decoder.log_scale": jnp.array([-0.4]),
}

X_LABELLED = 0.5 + 0.5 * wave((LABELLED, INPUTS), 0.37, 1.0)
X_UNLABELLED = 0.5 + 0.5 * wave((UNLABELLED, INPUTS), 0.53, 1.0)
Y = [2, 0]
EPS_LABELLED = wave((LABELLED, LATENT), 2.9, 1.2)
EPS_UNLABELLED = wave((UNLABELLED, LATENT), 3.1, 1.1)


def dense(p, name, x):
    return x @ p[name + ".weight"] + p[name + ".bias"]


def joined(p, name, v, y):
    weight = jnp.concatenate([p[name + ".vector.weight"], p[name + ".class"]])
    one_hot = jnp.zeros(CLASSES).at[y].set(1.0)
    return jnp.concatenate([v, one_hot]) @ weight + p[name + ".vector.bias"]


def bound(p, likelihood, x, y, eps):
    """-L(x, y) of one example."""
    h = jax.nn.relu(joined(p, "encoder.hidden", x, y))
    mu, log_var = dense(p, "encoder.mu", h), dense(p, "encoder.log_var", h)
    z = mu + jnp.exp(0.5 * log_var) * eps
    out = dense(p, "decoder.output", jax.nn.relu(joined(p, "decoder.hidden", z, y)))
    if likelihood == "bernoulli":
        log_p = x * jax.nn.log_sigmoid(out) + (1 - x) * jax.nn.log_sigmoid(-out)
    else:
        log_p = jax.scipy.stats.norm.logpdf(x, out, jnp.exp(0.5 * p["decoder.log_scale"][0]))
    kl = 0.5 * jnp.sum(mu**2 + jnp.exp(log_var) - log_var - 1)
    return jnp.sum(log_p) + jnp.log(1 / CLASSES) - kl


def q(p, x):
    return jax.nn.softmax(dense(p, "classifier.output", jax.nn.relu(dense(p, "classifier.hidden", x))))


def terms(p, likelihood):
    labelled = [bound(p, likelihood, X_LABELLED[n], Y[n], EPS_LABELLED[n]) for n in range(LABELLED)]
    every = [[bound(p, likelihood, X_UNLABELLED[n], y, EPS_UNLABELLED[n]) for y in range(CLASSES)] for n in range(UNLABELLED)]
    unlabelled = []
    for n in range(UNLABELLED):
        of_y = q(p, X_UNLABELLED[n])
        unlabelled.append(sum(of_y[y] * (every[n][y] - jnp.log(of_y[y])) for y in range(CLASSES)))
    classified = [jnp.log(q(p, X_LABELLED[n])[Y[n]]) for n in range(LABELLED)]
    return labelled, every, unlabelled, classified


def objective(p, likelihood):
    labelled, _, unlabelled, classified = terms(p, likelihood)
    mean = lambda values: sum(values) / len(values)
    return WEIGHTS[0] * mean(labelled) + WEIGHTS[1] * mean(unlabelled) + WEIGHTS[2] * mean(classified)


def after_one_step(p, likelihood):
    # Adam's first step: the moments' corrections leave the gradient over its own size.
    g = jax.grad(lambda p: -objective(p, likelihood))(p)
    return {name: p[name] - RATE * g[name] / (jnp.sqrt(g[name] ** 2) + 1e-8) for name in p}


numbers = lambda values: [round(float(value), 10) for value in jnp.ravel(jnp.array(values))]
result = {}
for likelihood in ["bernoulli", "gaussian"]:
    labelled, every, unlabelled, _ = terms(PARAMETERS, likelihood)
    gradient = jax.grad(objective)(PARAMETERS, likelihood)
    once = after_one_step(PARAMETERS, likelihood)
    result[likelihood] = {
        "labelled": numbers(labelled),
        "every": numbers(every),
        "unlabelled": numbers(unlabelled),
        "objective": round(float(objective(PARAMETERS, likelihood)), 10),
        "gradient": {name: numbers(value) for name, value in gradient.items()},
        "objective_after_one_step": round(float(objective(once, likelihood)), 10),
    }
print(json.dumps(result, indent=1))
