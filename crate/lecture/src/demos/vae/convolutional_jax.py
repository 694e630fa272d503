"""The convolutional VAE by JAX in float64, as a reference for the engine: its terms, gradients and one Adam step.

Weights, data and noise are fixed formulas, so that both sides can write them down. The transposed convolution is here what its
name says: the linear transpose of a convolution, taken by JAX. For 8x8 and 28x28 images, for a Bernoulli and for a Gaussian
likelihood with a sigma per pixel: terms of the ELBO per example in nats, the gradient of loss = -mean(reconstruction - kl), and the loss
after one Adam step (Kingma & Ba 2015, learning rate 1e-2, eps 1e-8).
"""

import json

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

HIDDEN, LATENT, BATCH, RATE = 5, 2, 3, 1e-2
FIRST, SECOND = 8, 16


def wave(shape, frequency, scale):
    count = 1
    for size in shape:
        count *= size
    return (scale * jnp.sin(frequency * (jnp.arange(count) + 1.0))).reshape(shape)


def parameters(side, outputs):
    features = SECOND * (side // 4) ** 2
    return {
        "encoder.convolutions.0.weight": wave((FIRST, 1, 4, 4), 0.7, 0.4),
        "encoder.convolutions.0.bias": wave((FIRST,), 1.1, 0.1),
        "encoder.convolutions.1.weight": wave((SECOND, FIRST, 4, 4), 1.9, 0.2),
        "encoder.convolutions.1.bias": wave((SECOND,), 0.4, 0.1),
        "encoder.hidden.0.weight": wave((features, HIDDEN), 2.1, 0.2),
        "encoder.hidden.0.bias": wave((HIDDEN,), 1.6, 0.1),
        "encoder.mu.weight": wave((HIDDEN, LATENT), 1.3, 0.6),
        "encoder.mu.bias": wave((LATENT,), 1.7, 0.2),
        "encoder.log_var.weight": wave((HIDDEN, LATENT), 0.9, 0.3),
        "encoder.log_var.bias": wave((LATENT,), 2.3, 0.2),
        "decoder.hidden.0.weight": wave((LATENT, HIDDEN), 1.9, 0.7),
        "decoder.hidden.0.bias": wave((HIDDEN,), 0.5, 0.1),
        "decoder.output.weight": wave((HIDDEN, features), 0.3, 0.5),
        "decoder.output.bias": wave((features,), 0.6, 0.1),
        "decoder.transposed.0.weight": wave((SECOND, FIRST, 4, 4), 1.2, 0.2),
        "decoder.transposed.0.bias": wave((FIRST,), 0.8, 0.1),
        "decoder.transposed.1.weight": wave((FIRST, outputs, 4, 4), 2.7, 0.3),
        "decoder.transposed.1.bias": wave((outputs,), 1.4, 0.1),
    }


def convolution(x, weight):
    return jax.lax.conv_general_dilated(x, weight, window_strides=(2, 2), padding=((1, 1), (1, 1)))


def transposed(x, weight):
    """From [batch, in, side, side] to [batch, out, 2 side, 2 side]; weight is [in, out, 4, 4]."""
    batch, _, side, _ = x.shape
    larger = jax.ShapeDtypeStruct((batch, weight.shape[1], 2 * side, 2 * side), x.dtype)
    return jax.linear_transpose(lambda y: convolution(y, weight), larger)(x)[0]


def dense(p, name, x):
    return x @ p[name + ".weight"] + p[name + ".bias"]


def with_bias(p, name, x):
    return x + p[name + ".bias"][None, :, None, None]


def terms(p, likelihood, x, eps):
    side = int(x.shape[1] ** 0.5)
    h = x.reshape(-1, 1, side, side)
    for name in ["encoder.convolutions.0", "encoder.convolutions.1"]:
        h = jax.nn.relu(with_bias(p, name, convolution(h, p[name + ".weight"])))
    h = jax.nn.relu(dense(p, "encoder.hidden.0", h.reshape(x.shape[0], -1)))
    mu, log_var = dense(p, "encoder.mu", h), dense(p, "encoder.log_var", h)
    z = mu + jnp.exp(0.5 * log_var) * eps
    h = dense(p, "decoder.output", jax.nn.relu(dense(p, "decoder.hidden.0", z)))
    h = h.reshape(-1, SECOND, side // 4, side // 4)
    for name in ["decoder.transposed.0", "decoder.transposed.1"]:
        h = with_bias(p, name, transposed(jax.nn.relu(h), p[name + ".weight"]))
    if likelihood == "bernoulli":
        out = h[:, 0].reshape(x.shape)
        log_p = x * jax.nn.log_sigmoid(out) + (1 - x) * jax.nn.log_sigmoid(-out)
    else:
        mean, log_s = h[:, 0].reshape(x.shape), h[:, 1].reshape(x.shape)
        log_p = jax.scipy.stats.norm.logpdf(x, mean, jnp.exp(0.5 * log_s))
    kl = 0.5 * jnp.sum(mu**2 + jnp.exp(log_var) - log_var - 1, axis=1)
    return jnp.sum(log_p, axis=1), kl


def loss(p, likelihood, x, eps):
    reconstruction, kl = terms(p, likelihood, x, eps)
    return -jnp.mean(reconstruction - kl)


def adam_once(p, gradient):
    """The first step of Adam: both moments, corrected for their start at zero, are the gradient and its square."""
    return {k: p[k] - RATE * gradient[k] / (jnp.sqrt(gradient[k] ** 2) + 1e-8) for k in p}


SHOWN = [
    "encoder.convolutions.0.weight",
    "encoder.convolutions.1.bias",
    "encoder.mu.bias",
    "decoder.transposed.0.bias",
    "decoder.transposed.1.weight",
]

result = {}
for side in [8, 28]:
    x = 0.5 + 0.5 * wave((BATCH, side * side), 0.37, 1.0)
    eps = wave((BATCH, LATENT), 2.9, 1.2)
    for likelihood, outputs in [("bernoulli", 1), ("gaussian_per_pixel", 2)]:
        p = parameters(side, outputs)
        reconstruction, kl = terms(p, likelihood, x, eps)
        gradient = jax.grad(loss)(p, likelihood, x, eps)
        result[f"{likelihood} {side}"] = {
            "reconstruction": [round(float(v), 9) for v in reconstruction],
            "kl": [round(float(v), 9) for v in kl],
            "loss": round(float(loss(p, likelihood, x, eps)), 9),
            "gradient": {name: [round(float(v), 9) for v in gradient[name].ravel()] for name in SHOWN},
            "loss_after_one_step": round(float(loss(adam_once(p, gradient), likelihood, x, eps)), 9),
        }
print(json.dumps(result))
