# SPDX-License-Identifier: Apache-2.0
"""Constants that are far larger than what can make a difference: attention masks and their like.

Each operator with a constant operand of -100 to the least float32 in some places, in each type, on
either side, annotated or not: what q-implant writes for a runtime runs there and follows float64
arithmetic on the same quantized inputs, 30 dB or better.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/large_constants_test.py
"""

import subprocess

import numpy as np
import pytest

import circle_builder
import commands
import param_set
import run_model

SHAPE = (1, 6, 8)
TYPES = {"litert": ("int8", "uint8", "int16"), "onert": ("int8", "uint8")}  # that it converts
# Of operators without kernels of all these types: those they have. In float32 all values reach the
# output as they are.
KERNELS = {("SQUARED_DIFFERENCE", "litert"): ("int8", ), ("SQUARED_DIFFERENCE", "onert"): ()}
MAGNITUDES = (1e2, 1e4, float(np.finfo(np.float32).max))
MIN_SNR_DB = 30
RUNTIMES = {"litert": run_model.run_litert_many, "onert": run_model.run_onert_many}
RANDOM = np.random.default_rng(11)
X = RANDOM.uniform(-3, 3, (4, *SHAPE)).astype(np.float32)
CHOICE = RANDOM.integers(0, 2, (4, *SHAPE)).astype(bool)
PLACES = RANDOM.random(SHAPE) < 0.4  # where the constant is large
SMALL = RANDOM.uniform(-0.5, 0.5, SHAPE).astype(np.float32)

# Operator: options, what it computes of x and the constant, where it takes x and the constant.
OPERATORS = {
    "ADD": ("AddOptions", lambda x, c: x + c, "xc"),
    "ADD, constant first": ("AddOptions", lambda x, c: x + c, "cx"),
    "SUB": ("SubOptions", lambda x, c: x - c, "xc"),
    "SUB, constant first": ("SubOptions", lambda x, c: c - x, "cx"),
    "MAXIMUM": ("MaximumMinimumOptions", np.maximum, "xc"),
    "MINIMUM": ("MaximumMinimumOptions", np.minimum, "cx"),
    "SQUARED_DIFFERENCE": ("SquaredDifferenceOptions", lambda x, c: (x - c)**2, "xc"),
    "SELECT_V2": ("SelectV2Options", None, "ixc"),
    "PADV2": ("PadV2Options", None, "xpc"),
}


def params(dtype, least, greatest):
    """(scale, zero point), arrays of one."""
    limits = np.iinfo(dtype)
    if dtype == "int16":
        return np.float32([max(-least, greatest) / limits.max]), np.int64([0])
    scale = np.float32([(greatest - least) / 255])
    return scale, np.int64(np.rint(limits.min - least / scale))


def quantized(real, dtype, scale, zerop):
    limits = np.iinfo(dtype)
    integers = np.clip(np.rint(real / np.float64(scale)) + zerop, limits.min, limits.max)
    return (integers - zerop) * np.float64(scale)


class Case:
    """A model of one operator with a large constant."""

    def __init__(self, name, magnitude, folder):
        op = name.split(",")[0]
        options, self.fn, order = OPERATORS[name]
        b = circle_builder.CircleBuilder()
        scalar = op in ("SELECT_V2", "PADV2")
        self.constant = (np.float32(-magnitude) if scalar
                         else np.where(PLACES, np.float32(-magnitude), SMALL))
        self.inputs, graph_inputs, slots = [], [], []
        for letter in order:
            if letter == "c":
                slots.append(b.add_constant("c", self.constant))
            elif letter == "p":
                slots.append(b.add_constant("pads", np.int32([[0, 0], [1, 1], [0, 2]])))
            else:
                data = X if letter == "x" else CHOICE
                slots.append(b.add_tensor("x" if letter == "x" else "choice", SHAPE,
                                          "float32" if letter == "x" else "bool"))
                graph_inputs.append(slots[-1])
                self.inputs.append(data)
        out = b.add_tensor("y", (1, 8, 10) if op == "PADV2" else SHAPE)
        b.add_operator(op, slots, [out], options)
        b.set_io(graph_inputs, [out])
        self.op, self.path = op, folder / "model.circle"
        self.path.write_bytes(b.finish())

    def expected(self, dtype, scales):
        x = quantized(X.astype(np.float64), dtype, *scales["x"])
        c = self.constant.astype(np.float64)
        if self.op == "SELECT_V2":
            y = np.where(CHOICE, x, c)
        elif self.op == "PADV2":
            y = np.pad(x, [(0, 0), (0, 0), (1, 1), (0, 2)], constant_values=c)
        else:
            y = self.fn(x, c)
        return quantized(y, dtype, *scales["y"])


def run(runtime, path, inputs):
    """The outputs as real numbers."""
    sources, targets = run_model.graph_ends(path)
    fed = [x if x.dtype == bool else run_model.quantize(x, end)
           for x, end in zip(inputs, sources, strict=True)]
    return [run_model.dequantize(y, end)
            for y, end in zip(runtime(path, fed), targets, strict=True)]


def snr_db(expected, found):
    return 10 * np.log10((expected**2).sum() / max(((expected - found)**2).sum(), 1e-30))


def implant(case, folder, dtype, target, annotated):
    high = 12 if case.op == "SQUARED_DIFFERENCE" else 4
    scales = {"x": params(dtype, -3, 3.2), "y": params(dtype, -4, high)}
    entries = [param_set.Entry(n, dtype, *s) for n, s in scales.items()]
    if annotated:  # as an observer of the constant does
        limit = min(float(np.abs(case.constant).max()), 3e38)
        entries.append(param_set.Entry("c", dtype, *params(dtype, -limit, 0.5)))
    param_set.write(folder, entries)
    done = subprocess.run([commands.find("q-implant"), case.path, folder / "param.json",
                           folder / "out.circle", "--target", target], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    return scales, done.stderr


@pytest.mark.parametrize("target", RUNTIMES)
@pytest.mark.parametrize("name", OPERATORS)
def test_follows_real_numbers(name, target, tmp_path):
    problems = []
    for magnitude in MAGNITUDES:
        case = Case(name, magnitude, tmp_path)
        for dtype in set(TYPES[target]) & set(KERNELS.get((case.op, target), TYPES[target])):
            for annotated in (False, True):
                scales, told = implant(case, tmp_path / "params", dtype, target, annotated)
                try:
                    found = run(RUNTIMES[target], tmp_path / "params" / "out.circle", case.inputs)
                except (RuntimeError, ValueError) as error:
                    problems.append((magnitude, dtype, annotated, str(error)[-200:], told))
                    continue
                snr = snr_db(case.expected(dtype, scales), found[0].reshape(4, *found[0].shape[1:]))
                if snr < MIN_SNR_DB:
                    problems.append((magnitude, dtype, annotated, f"{snr:.1f} dB", told))
    assert not problems, "\n".join(map(str, problems))


def test_an_annotated_constant_that_is_cut_off_is_told(tmp_path):
    case = Case("ADD", 1e4, tmp_path)
    _, told = implant(case, tmp_path / "params", "int8", "litert", True)
    assert "tensor 'c': the constant was cut off" in told
    _, told = implant(case, tmp_path / "params", "int8", "litert", False)
    assert told == ""
