# SPDX-License-Identifier: Apache-2.0
"""Faults of quantization tables that other writers leave, mended for a runtime.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/mend_faults_test.py

Each row of FAULTS spoils one sound int8 DepthwiseConv2D in a way of which it is certain what was
meant. LiteRT refuses the file; circle2circle --target mends it, says so, and both runtimes compute
what they do of the sound one. q-implant --target does the same.
"""

import subprocess

import numpy as np
import pytest

import circle_builder
import commands
import model_checker
import run_model

X, W, B, Y = range(4)  # tensors
SCALES = np.float32([0.01, 0.02, 0.03, 0.005])
X_SCALE, Y_SCALE = np.float32(0.03), np.float32(0.5)
RUNTIMES = {"litert": run_model.run_litert, "onert": run_model.run_onert}


def sound(identifier, dtype="int8", same=False):
    """The bytes of the model; of same channels where its weights need no scale each."""
    random = np.random.default_rng(1)
    scales = SCALES[:1] if same else SCALES
    low, high = (-127, 128) if dtype == "int8" else (0, 256)
    middle = 0 if dtype == "int8" else 128
    b = circle_builder.CircleBuilder()
    x = b.add_tensor("x", [1, 6, 6, 4], dtype, (X_SCALE, 3))
    w = b.add_constant("w", random.integers(low, high, [1, 3, 3, 4]).astype(dtype),
                       quant=(scales, middle, 3 if not same else 0))
    bias = b.add_constant("b", np.int32([900, -1500, 700, 3000]), quant=(scales * X_SCALE, 0, 0))
    y = b.add_tensor("y", [1, 6, 6, 4], dtype, (Y_SCALE, 7))
    b.add_operator("DEPTHWISE_CONV_2D", [x, w, bias], [y], "DepthwiseConv2DOptions", strideW=1,
                   strideH=1, depthMultiplier=1)
    b.set_io([x], [y])
    return b.finish(identifier)


def put(tensor, **fields):
    def spoil(graph):
        for field, value in fields.items():
            setattr(graph.tensors[tensor].quantization, field, value)
    return spoil


# What is spoiled, the form of the sound model it is in, and what the remark says of it.
FAULTS = {
    "axis of a bias": (put(B, quantizedDimension=3), {}, "quantized_dimension is 0 now"),
    "negative axis of a bias": (put(B, quantizedDimension=-1), {}, "quantized_dimension is 0 now"),
    "axis of weights": (put(W, quantizedDimension=0), {}, "quantized_dimension is 3 now"),
    "axis of one scale": (put(X, quantizedDimension=4), {}, "of 1 scale it means nothing"),
    "negative axis of one scale": (put(Y, quantizedDimension=-2), {},
                                   "of 1 scale it means nothing"),
    "axis of a bias of one scale": (put(B, quantizedDimension=3), {"dtype": "uint8", "same": True},
                                    "of 1 scale it means nothing"),
    "absent zero points": (put(W, zeroPoint=None), {}, "4 scales have the zero point 0 now"),
    "empty zero points": (put(B, zeroPoint=np.int64([])), {}, "4 scales have the zero point 0 now"),
    "many scales of an activation": (
        put(X, scale=np.repeat(X_SCALE, 4), zeroPoint=np.int64([3] * 4), quantizedDimension=3), {},
        "1 scale now"),
    "many scales without channels": (
        put(W, scale=np.repeat(SCALES[:1], 3), zeroPoint=np.int64([128] * 3), quantizedDimension=0),
        {"dtype": "uint8", "same": True}, "1 scale now"),
}  # yapf: disable


def spoiled(name, identifier):
    spoil, form, _ = FAULTS[name]
    model = circle_builder.unpack(sound(identifier, **form))
    spoil(model.subgraphs[0])
    return circle_builder.pack(model, identifier)


def check(path, name, identifier, target):
    """That the mended file is sound and that the runtime computes what it does of the sound one."""
    assert model_checker.check(path) == []
    dtype = FAULTS[name][1].get("dtype", "int8")
    x = np.random.default_rng(2).integers(*((0, 256) if dtype == "uint8" else (-128, 128)),
                                          [1, 6, 6, 4]).astype(dtype)
    other = path.with_name("sound" + path.suffix)
    other.write_bytes(sound(identifier, **FAULTS[name][1]))
    expected, = RUNTIMES["litert"](other, [x])
    found, = RUNTIMES[target](path, [x])
    assert len(np.unique(expected)) > 20
    assert np.abs(found.astype(int) - expected.astype(int)).max() <= 1


@pytest.mark.parametrize("name", FAULTS)
def test_litert(name, tmp_path):
    source, mended = tmp_path / "source.tflite", tmp_path / "mended.tflite"
    source.write_bytes(spoiled(name, circle_builder.TFLITE))
    assert model_checker.check(source) != []
    if name != "many scales of an activation":
        with pytest.raises(ValueError):
            run_model.run_litert(source, [np.zeros([1, 6, 6, 4], np.int8)])
    status, changed, told = commands.adapt("litert", source, mended)
    assert (status, changed) == (0, True)
    assert told.count("the model came with a fault, which is corrected: ") == 1
    assert FAULTS[name][2] in told
    check(mended, name, circle_builder.TFLITE, "litert")


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("target", RUNTIMES)
def test_q_implant(name, target, tmp_path):
    """onert's int8 goes over uint8, where other sums are rounded: its files are only looked at."""
    source, mended = tmp_path / "source.circle", tmp_path / "mended.circle"
    source.write_bytes(spoiled(name, circle_builder.CIRCLE))
    (tmp_path / "param.json").write_text("{}")
    done = subprocess.run([commands.find("q-implant"), source, tmp_path / "param.json", mended,
                           "--target", target], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert FAULTS[name][2] in done.stderr
    if target == "litert":
        check(mended, name, circle_builder.CIRCLE, target)
    else:
        assert model_checker.check(mended) == []
