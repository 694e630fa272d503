"""Runs every *_tensorflow.py beside this file again and compares with its JSON, and with JAX's numbers for the same step.

python3 tests/reference/check_tensorflow.py

Simulated variances are random numbers of TensorFlow's: they are not compared here, only by the Rust test, with the exact ones.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
# Steps of Adam differ from JAX's in the seventh digit: Keras adds epsilon before the correction of the bias.
JAX = {"vae_tensorflow": "vae_step.json", "mi_objective_tensorflow": "mi_objective.json", "m2_tensorflow": "m2_step.json"}


def numbers(value, path=""):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from numbers(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from numbers(inner, f"{path}/{index}")
    elif not path.startswith("/simulated"):
        yield path, value


def compare(what, found, expected, tolerance):
    found, count = dict(numbers(found)), 0
    for path, number in numbers(expected):
        error = abs(found[path] - number) / (1 + abs(number))
        assert error < tolerance, f"{what}{path}: {found[path]} instead of {number}"
        count += 1
    print(f"{what}: {count} numbers")


for script in sorted(HERE.glob("*_tensorflow.py")):
    if script.stem == "check_tensorflow":
        continue
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    printed = subprocess.run([sys.executable, script], check=True, stdout=subprocess.PIPE, env=quiet).stdout
    found = json.loads(printed)
    compare(script.stem, found, json.loads((HERE / f"{script.stem}.json").read_text()), 1e-9)
    if script.stem in JAX:
        compare(f"{script.stem} and {JAX[script.stem]}", found, json.loads((HERE / JAX[script.stem]).read_text()), 2e-6)
