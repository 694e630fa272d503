"""The page's own model, read from its file by NumPy alone, and its encoder and the digits: what scripts that compute with it share."""

import json
from pathlib import Path

import numpy as np

CRATES = Path(__file__).resolve().parents[2]


def parameters(path):
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)

    def one(entry):
        low, high = entry["data_offsets"]
        flat = np.frombuffer(data[8 + size + low : 8 + size + high], "<f4")
        return flat.reshape(entry["shape"]).astype(float)

    return {name: one(entry) for name, entry in header.items()}


weights = parameters(CRATES / "lecture/model/vae-digits.safetensors")


def digits(count):
    """The first digits, [count, 64], from 0 to 1."""
    pixels = np.frombuffer((CRATES / "data/digits.bin").read_bytes(), np.uint8)
    return pixels[: count * 64].reshape(count, 64) / 16


def dense(name, x):
    return x @ weights[name + ".weight"] + weights[name + ".bias"]


def encode(x):
    """Means and log variances of q(z|x)."""
    h = np.maximum(dense("encoder.hidden.0", x), 0)
    return dense("encoder.mu", h), dense("encoder.log_var", h)


def decode(z):
    """The logits of p(x|z)."""
    return dense("decoder.output", np.maximum(dense("decoder.hidden.0", z), 0))
