# SPDX-License-Identifier: Apache-2.0
"""Inputs and outputs of another type than annotated compute what numpy says.

A convolution and an Add, annotated as uint8, int8 or int16 with different scales and zero points,
and each type of --input_type and --output_type: the file's ends have that type and the parameters
that docs/rules.md gives them, and the numbers that runtimes compute are those of the float32 model
with the rounding of every annotated tensor and of the ends, within one step.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/edge_types_test.py
"""

import subprocess

import numpy as np
import pytest

import circle_builder
import commands
import fake_quant
import model_checker
import param_set
import run_model

TYPES = ("float32", "uint8", "int8", "int16")
ANNOTATED = ("uint8", "int8", "int16")
SIDES = ("input", "output")

# The range of each activation. The Add's is the widest, so its step is too.
RANGES = {"x": (-2, 1), "z": (-4, 6), "conv": (-5, 7), "y": (-7, 12)}
RANDOM = np.random.default_rng(5)
WEIGHTS = RANDOM.uniform(-1, 1, (3, 1, 1, 2)).astype(np.float32)
BIAS = RANDOM.uniform(-1, 1, 3).astype(np.float32)
# Some lie beyond the range, which cuts them off.
X = RANDOM.uniform(-2.1, 1.1, (1, 5, 5, 2)).astype(np.float32)
Z = RANDOM.uniform(-4.2, 6.2, (1, 5, 5, 3)).astype(np.float32)


def entry(name, dtype, least, greatest):
    """Parameters for a range: asymmetric, but for int16 and for weights of int8."""
    limits = np.iinfo(dtype)
    if dtype == "int16" or (name == "w" and dtype == "int8"):
        scale, zero_point = np.float32(max(-least, greatest) / limits.max), 0
    else:
        scale = np.float32((greatest - least) / (int(limits.max) - int(limits.min)))
        zero_point = int(np.rint(limits.min - least / scale))
    return param_set.Entry(name, dtype, np.array([scale]), np.array([zero_point], np.int64))


def entries(dtype):
    """The annotations of the model: by name."""
    weights = entry("w", "uint8" if dtype == "uint8" else "int8", -1, 1)
    return {e.name: e for e in [weights, *(entry(n, dtype, *r) for n, r in RANGES.items())]}


def end_in(annotated, dtype):
    """What docs/rules.md says an input or output of this type has."""
    limits = np.iinfo(annotated.dtype)
    scale, zero_point = np.float64(annotated.scale[0]), int(annotated.zerop[0])
    eight_bit = ("uint8", "int8")
    if dtype in eight_bit and annotated.dtype in eight_bit:
        moved = int(np.iinfo(dtype).min) - int(limits.min)
        return param_set.Entry("", dtype, annotated.scale, annotated.zerop + moved)
    if dtype == annotated.dtype:
        return annotated
    return entry("", dtype, (int(limits.min) - zero_point) * scale,
                 (int(limits.max) - zero_point) * scale)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The float32 model, and the folder of the parameter set of each type."""
    folder = tmp_path_factory.mktemp("edges")
    b = circle_builder.CircleBuilder()
    x = b.add_tensor("x", X.shape)
    z = b.add_tensor("z", Z.shape)
    w = b.add_constant("w", WEIGHTS)
    bias = b.add_constant("b", BIAS)
    conv = b.add_tensor("conv", Z.shape)
    y = b.add_tensor("y", Z.shape)
    b.add_operator("CONV_2D", [x, w, bias], [conv], "Conv2DOptions", strideW=1, strideH=1)
    b.add_operator("ADD", [conv, z], [y], "AddOptions")
    b.set_io([x, z], [y])
    (folder / "model.circle").write_bytes(b.finish())
    for dtype in ANNOTATED:
        param_set.write(folder / dtype, entries(dtype).values())
    return folder


def implant(files, annotated, *options):
    """Runs q-implant and returns the file that it wrote, which model_checker likes."""
    output = files / f"{annotated}{''.join(options)}.circle"
    run = subprocess.run(
        [commands.find("q-implant"), files / "model.circle", files / annotated / "param.json",
         output, *options], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert model_checker.check(output) == []
    return output


def rounded(values, entry_):
    """float32 values as these parameters leave them."""
    return fake_quant.dequantize(fake_quant.quantize(values, entry_), entry_)


def expected(annotated, input_type, output_type):
    """What numpy computes, and the greatest step among the values that an output goes through."""
    of = entries(annotated)
    x, z = X, Z
    if input_type != "float32":
        x, z = rounded(x, end_in(of["x"], input_type)), rounded(z, end_in(of["z"], input_type))
    x, z = rounded(x, of["x"]), rounded(z, of["z"])
    w = fake_quant.dequantize(fake_quant.quantize(WEIGHTS, of["w"], narrow=True), of["w"])
    conv = rounded(x @ w.reshape(3, 2).T + BIAS, of["conv"])
    y = rounded(conv + z, of["y"])
    step = of["y"].scale[0]
    if output_type != "float32":
        end = end_in(of["y"], output_type)
        y, step = rounded(y, end), max(step, end.scale[0])
    return y, step


def check_ends(path, annotated, input_type, output_type):
    """The file's inputs and outputs have their names, and the types and parameters asked for."""
    sources, targets = run_model.graph_ends(path)
    assert [e.name for e in sources] == ["x", "z"] and [e.name for e in targets] == ["y"]
    for found, dtype in [*((e, input_type) for e in sources), (targets[0], output_type)]:
        assert found.dtype == dtype
        if dtype == "float32":
            assert (found.scale, found.zero_point) == (None, None)
            continue
        of = end_in(entries(annotated)[found.name], dtype)
        assert (np.float32(found.scale), found.zero_point) == (of.scale[0], of.zerop[0])


def check_numbers(run_many, path, annotated, input_type, output_type):
    """What a runtime computes differs from numpy by no more than a step."""
    y, step = expected(annotated, input_type, output_type)
    (found,) = run_model.run_float_many(run_many, path, [X[None], Z[None]])
    assert np.max(np.abs(found[0] - y)) <= step * 1.001
    # Most are equal: a half of a step all over would be wrong.
    assert np.mean(np.abs(found[0] - y)) <= step / 10


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("annotated", ANNOTATED)
def test_on_litert(files, annotated, dtype, side):
    path = implant(files, annotated, f"--{side}_type", dtype)
    ends = [dtype if side == s else annotated for s in SIDES]
    check_ends(path, annotated, *ends)
    check_numbers(run_model.run_litert_many, path, annotated, *ends)
    plain = implant(files, annotated)
    assert (path.read_bytes() == plain.read_bytes()) == (dtype == annotated)


def test_on_litert_in_turn(files):
    path = implant(files, "int8", "--input_type", "float32,uint8", "--output_type", "float32")
    assert [e.dtype for e in run_model.graph_ends(path)[0]] == ["float32", "uint8"]
    # uint8 stands for the same numbers as int8.
    other = implant(files, "int8", "--output_type", "float32")
    results = [run_model.run_float_many(run_model.run_litert_many, p, [X[None], Z[None]])
               for p in (path, other)]
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("annotated, input_type, output_type", [
    ("uint8", "float32", "int8"), ("uint8", "int8", "float32"), ("int8", "uint8", "uint8"),
    ("int8", "int8", "int8"),
])  # yapf: disable
def test_on_onert(files, annotated, input_type, output_type):
    path = implant(files, annotated, "--target", "onert", "--input_type", input_type,
                   "--output_type", output_type)
    check_ends(path, annotated, input_type, output_type)
    # Inside all is uint8, the same numbers.
    check_numbers(run_model.run_onert_many, path, annotated, input_type, output_type)
    assert circle_builder.type_name(inner_tensor(path).type) == "uint8"


def inner_tensor(path):
    """The tensor that no end of the graph is."""
    graph = circle_builder.unpack(path.read_bytes()).subgraphs[0]
    return next(t for t in graph.tensors if circle_builder.tensor_name(t) == "conv")


def test_onert_has_no_int16(files):
    run = subprocess.run(
        [commands.find("q-implant"), files / "model.circle", files / "uint8/param.json",
         files / "no.circle", "--target", "onert", "--output_type", "int16"],
        capture_output=True, text=True, check=False)
    assert (run.returncode, (files / "no.circle").exists()) == (1, False)
    assert run.stderr.startswith(
        f"error: {files / 'model.circle'}: tensor 'y': onert converts no uint8, as which it is "
        "annotated, to int16: ")
