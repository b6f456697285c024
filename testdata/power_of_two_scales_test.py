# SPDX-License-Identifier: Apache-2.0
"""int16 Add and Sub whose scales are powers of two, as quantizers for shifters make them.

LiteRT has a kernel of its own for these, which refuses most of them and rounds the scales of the
others. What q-implant writes is within one step of float64 arithmetic on the same integers.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/power_of_two_scales_test.py
"""

import subprocess

import numpy as np
import pytest

import circle_builder
import commands
import param_set
import run_model

SHAPE = (1, 4, 8)
OPERATORS = {"ADD": ("AddOptions", np.add), "SUB": ("SubOptions", np.subtract)}
# Logarithms of the scales of both inputs and the output; the last two are nearly whole.
LOGARITHMS = [(-12, -12, -11), (-13, -11, -12), (-12, -14, -10), (-10, -11, -12), (-11, -11, -11),
              (-12.0009, -12, -11.0009), (-11.9991, -10.0009, -10.9991)]


def model_of(operator, constant):
    options, _ = OPERATORS[operator]
    builder = circle_builder.CircleBuilder()
    x = builder.add_tensor("x", SHAPE)
    z = (builder.add_constant("z", constant) if constant is not None
         else builder.add_tensor("z", SHAPE))
    y = builder.add_tensor("y", SHAPE)
    builder.add_operator(operator, [x, z], [y], options)
    builder.set_io([x] if constant is not None else [x, z], [y])
    return builder.finish()


@pytest.mark.parametrize("target", [None, "litert"])
@pytest.mark.parametrize("logarithms", LOGARITHMS, ids=str)
@pytest.mark.parametrize("second", ["input", "constant"])
@pytest.mark.parametrize("operator", OPERATORS)
def test_litert_is_within_a_step(tmp_path, operator, second, logarithms, target):
    random = np.random.default_rng(5)
    scales = [np.float32(2.0**log) for log in logarithms]
    x, z = (random.integers(-12000, 12000, (3, *SHAPE)).astype(np.int16) for _ in range(2))
    if second == "constant":
        z[:] = z[0]
    constant = np.float32(z[0] * np.float64(scales[1])) if second == "constant" else None
    (tmp_path / "m.circle").write_bytes(model_of(operator, constant))
    param_set.write(tmp_path / "params", [
        param_set.Entry(name, "int16", np.array([scale]), np.int64([0]))
        for name, scale in zip("xzy", scales)])
    subprocess.run([commands.find("q-implant"), "--input", tmp_path / "m.circle", "--param",
                    tmp_path / "params" / "param.json", "--output", tmp_path / "q.circle",
                    *(["--target", target] if target else [])], check=True)
    found = run_model.run_litert_many(tmp_path / "q.circle",
                                      [x] if second == "constant" else [x, z])[0]
    _, function = OPERATORS[operator]
    exact = function(x * np.float64(scales[0]), z * np.float64(scales[1])) / np.float64(scales[2])
    assert np.abs(found - np.clip(exact, -32768, 32767)).max() <= 1
