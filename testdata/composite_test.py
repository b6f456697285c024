# SPDX-License-Identifier: Apache-2.0
"""Integers that cross into the graph of a StableHLO composite, and out of it.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/composite_test.py

On each side of each crossing the parameters are equal, different or absent, in each type. The
results are run on LiteRT and compared with numpy, go through q-extract and back, and through
circle2circle.
"""

import itertools

import numpy as np
import pytest
from flatbuffers import flexbuffers

import circle_builder
import commands
import extract_round_trip_test
import model_checker
import param_set
import run_model

SHAPE = (1, 3, 8)
TYPES = ("int8", "uint8", "int16")
# What has parameters at a crossing: both sides equal ones or others, one side, or none.
SIDES = ("equal", "different", "inner", "outer", "none")
FIXED = {"int8": (1 / 256, -128), "uint8": (1 / 256, 0), "int16": (1 / 32768, 0)}


def float_model(calls):
    """x + z -> a composite of a * sigmoid(a), `calls` times -> + z."""
    b = circle_builder.CircleBuilder()
    x, z = (b.add_tensor(name, SHAPE) for name in "xz")
    last = x
    for i in range(calls):
        h, g, y = (b.add_tensor(f"{name}{i}", SHAPE) for name in "hgy")
        b.add_operator("ADD", [last, z], [h], "AddOptions")
        b.add_operator("STABLEHLO_COMPOSITE", [h], [g], "StableHLOCompositeOptions",
                       name="odml.npu_call", version=1, decompositionSubgraphIndex=1,
                       compositeAttributes=list(flexbuffers.Dumps({})))
        b.add_operator("ADD", [g, z], [y], "AddOptions")
        last = y
    b.set_io([x, z], [last])
    b.begin_graph("decomposition")
    a, s, out = (b.add_tensor(name, SHAPE) for name in ("a", "s", "b"))
    b.add_operator("LOGISTIC", [a], [s])
    b.add_operator("MUL", [a, s], [out], "MulOptions")
    b.set_io([a], [out])
    return b.finish()


def affine(dtype, low, high):
    limits = np.iinfo(dtype)
    if dtype == "int16":
        return np.float32(max(-low, high) / limits.max), 0
    scale = np.float32((high - low) / 255)
    return scale, int(np.clip(np.rint(limits.min - low / scale), limits.min, limits.max))


def annotations(dtype, calls, into, out_of):
    """{tensor: (scale, zero point)}"""
    found = {"x": affine(dtype, -2, 2), "z": affine(dtype, -1, 1.5), "s": FIXED[dtype]}
    for inner, outer, sides, low, high in (("a", "h", into, -6, 7), ("b", "g", out_of, -.3, 7)):
        if sides != "none" and sides != "outer":
            found[inner] = affine(dtype, low, high)
        for i in range(calls):
            if sides in ("equal", "outer"):
                found[f"{outer}{i}"] = affine(dtype, low, high)
            if sides == "different":
                found[f"{outer}{i}"] = affine(dtype, 1.1 * low, 1.4 * high)
    found.update({f"y{i}": affine(dtype, -3, 9) for i in range(calls)})
    return found


def reference(known, dtype, calls, x, z):
    """(what comes out in real numbers rounded as annotated, the greatest error of integer kernels:
    a step of each tensor on the way)"""
    limits = np.iinfo(dtype)
    steps = 0

    def rounded(name, values):
        nonlocal steps
        if name not in known:
            return values
        scale, zero = known[name]
        steps += scale * (7 if name == "s" else 1)
        return (np.clip(np.rint(values / scale) + zero, limits.min, limits.max) - zero) * scale

    last, z = rounded("x", x.astype(np.float64)), rounded("z", z.astype(np.float64))
    for i in range(calls):
        a = rounded("a", rounded(f"h{i}", last + z))
        b = rounded("b", a * rounded("s", 1 / (1 + np.exp(-a))))
        last = rounded(f"y{i}", rounded(f"g{i}", b) + z)
        steps *= 1.1
    return last, steps


def implanted(folder, dtype, calls, into, out_of):
    known = annotations(dtype, calls, into, out_of)
    (folder / "model.circle").write_bytes(float_model(calls))
    param_set.write(folder, [
        param_set.Entry(name, dtype, np.array([scale], np.float32), np.array([zero], np.int64))
        for name, (scale, zero) in known.items()])
    trip = extract_round_trip_test.there_and_back(
        folder / "model.circle", folder / "param.json", folder)
    assert model_checker.check(trip.quantized) == []
    assert trip.is_same, trip.difference()
    return trip.quantized, known


def types(path):
    """{tensor of the composite's graph: type}"""
    model = circle_builder.unpack(path.read_bytes())
    return {circle_builder.tensor_name(t): circle_builder.type_name(t.type)
            for t in model.subgraphs[1].tensors}


def check_numbers(path, known, dtype, calls):
    """On LiteRT. The bound is 4 % of the range in 8 bits, 0.02 % in int16."""
    samples = np.random.default_rng(7).uniform(-2, 2, (2, 20, *SHAPE)).astype(np.float32)
    wanted, error = reference(known, dtype, calls, *samples)
    got, = run_model.run_float_many(run_model.run_litert_many, path, list(samples))
    assert np.abs(got - wanted).max() <= error


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("calls", (1, 2))
def test_crossings(dtype, calls, tmp_path):
    for into, out_of in itertools.product(SIDES, SIDES):
        path, known = implanted(tmp_path, dtype, calls, into, out_of)
        found = types(path)
        assert found["a"] == ("float32" if into == "none" else dtype), (into, out_of)
        assert found["b"] == ("float32" if out_of == "none" else dtype), (into, out_of)
        check_numbers(path, known, dtype, calls)


@pytest.mark.parametrize("options, ends", (
    (("--eight_bit", "uint8"), "uint8"), (("--target", "litert"), "int8"),
    (("--target", "onert"), "uint8"), (("--input_type", "float32"), "float32")))
def test_options(options, ends, tmp_path):
    _, known = implanted(tmp_path, "int8", 1, "equal", "different")
    made = tmp_path / "made.circle"
    status, _, told = extract_round_trip_test.run(
        "q-implant", tmp_path / "model.circle", tmp_path / "param.json", made, *options)
    assert status == 0, told
    assert model_checker.check(made) == []
    inside = "int8" if ends == "float32" else ends
    assert types(made) == {"a": inside, "s": inside, "b": inside}
    assert run_model.graph_ends(made)[0][0].dtype == ends
    assert ("does not run STABLEHLO_COMPOSITE" in told) == ("onert" in options)
    check_numbers(made, known, "int8", 1)


def test_adapting_to_a_target(tmp_path):
    """What LiteRT runs stays to the byte, and comes to the same over onert's types and back."""
    source, known = implanted(tmp_path, "int8", 2, "equal", "different")
    same, onert, back = (tmp_path / f"{name}.circle" for name in ("same", "onert", "back"))
    status, changed, told = commands.adapt("litert", source, same)
    assert (status, changed, told) == (0, False, "")
    status, _, told = commands.adapt("onert", source, onert)
    assert status == 0 and "does not run STABLEHLO_COMPOSITE" in told
    assert types(onert)["a"] == types(onert)["b"] == "uint8"
    status, _, told = commands.adapt("litert", onert, back)
    assert status == 0, told
    for path in (onert, back):
        assert model_checker.check(path) == []
        check_numbers(path, known, "int8", 2)


def test_onert_loads_no_composite(tmp_path):
    """In float32 either, so that --target onert says so."""
    path = tmp_path / "model.circle"
    path.write_bytes(float_model(1))
    with pytest.raises(RuntimeError):
        run_model.run_onert(path, [np.zeros(SHAPE, np.float32)] * 2)
