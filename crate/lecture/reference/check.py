"""Runs every reference.py of TensorFlow's again and compares with the reference.json beside it, and with JAX's numbers where
both compute the same step; and every formulas.py, whose formulas must hold and give the numbers of formulas.json.

python3 crate/lecture/reference/check.py

Simulated variances are random numbers of TensorFlow's: they are not compared here, only by the Rust test, with the exact ones.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = HERE.parent / "src"


def numbers(value, path=""):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from numbers(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from numbers(inner, f"{path}/{index}")
    elif not path.startswith("/simulated"):
        yield path, value


def compare(found, file, tolerance):
    what, found, count = file.relative_to(SOURCES), dict(numbers(found)), 0
    committed = json.loads(file.read_text())
    for path, number in numbers({"formulas": committed} if isinstance(committed, list) else committed):
        if isinstance(number, str):
            assert found[path] == number, f"{what}{path}: {found[path]} instead of {number}"
            continue
        error = abs(found[path] - number) / (1 + abs(number))
        assert error < tolerance, f"{what}{path}: {found[path]} instead of {number}"
        count += 1
    print(f"{what}: {count} numbers")


for script in sorted(SOURCES.rglob("reference.py")):
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(HERE)}
    printed = subprocess.run([sys.executable, script], check=True, stdout=subprocess.PIPE, env=quiet).stdout
    found = json.loads(printed)
    compare(found, script.with_suffix(".json"), 1e-9)
    jax = script.with_name("reference_jax.json")
    if jax.exists():
        # Steps of Adam differ from JAX's in the seventh digit: Keras adds epsilon before the correction of the bias.
        compare(found, jax, 2e-6)

for script in sorted(SOURCES.rglob("formulas.py")):
    there = os.environ | {"PYTHONPATH": str(HERE)}
    printed = subprocess.run([sys.executable, script], check=True, stdout=subprocess.PIPE, env=there).stdout
    compare({"formulas": json.loads(printed)}, script.with_suffix(".json"), 1e-9)
