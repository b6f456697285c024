# SPDX-License-Identifier: Apache-2.0
"""Tests of model_checker.py: it finds nothing in good models and the flaw in each broken one."""

import subprocess
import sys

import numpy as np
import pytest

import circle_builder
import model_checker

# Tensors of good_model(), in this order.
X, W, B, Y, SHAPE, R, F, S = range(8)
CONV, RESHAPE, DEQUANTIZE, QUANTIZE = range(4)


def good_model():
    """x -> CONV_2D (per-channel, int8) -> RESHAPE -> DEQUANTIZE -> f -> QUANTIZE -> uint8."""
    b = circle_builder.CircleBuilder()
    x = b.add_tensor("x", [1, 2, 2, 3], "int8", (0.5, 3))
    w = b.add_constant("w", np.ones([2, 1, 1, 3], np.int8), quant=([0.25, 0.125], 0, 0))
    bias = b.add_constant("b", np.ones(2, np.int32), quant=([0.125, 0.0625],))
    y = b.add_tensor("y", [1, 2, 2, 2], "int8", (1.0, -128))
    shape = b.add_constant("shape", np.array([1, 8], np.int32))
    r = b.add_tensor("r", [1, 8], "int8", (1.0, -128))
    f = b.add_tensor("f", [1, 8])
    s = b.add_tensor("s", [1, 8], "uint8", (2.0, 128))
    b.add_operator("CONV_2D", [x, w, bias], [y], "Conv2DOptions", strideW=1, strideH=1)
    b.add_operator("RESHAPE", [y, shape], [r], "ReshapeOptions", newShape=[1, 8])
    b.add_operator("DEQUANTIZE", [r], [f], "DequantizeOptions")
    b.add_operator("QUANTIZE", [f], [s], "QuantizeOptions")
    b.set_io([x], [f, s])
    b.add_signature("main", {"in": x}, {"out": s})
    b.add_metadata("note", b"text")
    return b


def set_fields(place, **fields):
    def change(b):
        for name, value in fields.items():
            assert hasattr(place(b), name)
            setattr(place(b), name, value)

    return change


def tensor(index, **fields):
    return set_fields(lambda b: b.graph.tensors[index], **fields)


def quant(index, **fields):
    return set_fields(lambda b: b.graph.tensors[index].quantization, **fields)


def node(index, **fields):
    return set_fields(lambda b: b.graph.operators[index], **fields)


def graph(**fields):
    return set_fields(lambda b: b.graph, **fields)


def data(index, content):
    return set_fields(lambda b: b.model.buffers[b.graph.tensors[index].buffer], data=content)


def type_(index, name):
    return tensor(index, type=circle_builder.tensor_type(name))


def swap_nodes(b):
    b.graph.operators[0], b.graph.operators[1] = b.graph.operators[1], b.graph.operators[0]


def int4_weights(b):
    b.graph.tensors[W].type = circle_builder.tensor_type("int4")


def int16_model(b):
    for index in (X, Y, R):
        b.graph.tensors[index].type = circle_builder.tensor_type("int16")


def equal_call(b, crossing="int8", **options):
    """Adds graph 1, and a node that calls it."""
    caller = b.graph
    b.begin_graph("called")
    b.set_io([b.add_tensor("p", [1, 8], crossing, (1.0, -128))], [0])
    b.graph = caller
    options = {"condSubgraphIndex": 1, "bodySubgraphIndex": 1} | options
    b.add_operator("WHILE", [R], [b.add_tensor("loop", [1, 8], "int8", (1.0, -128))],
                   "WhileOptions", **options)


BROKEN = {
    # the file
    "unused buffer": (lambda b: b.add_buffer(b"x"), ["buffer 5: nothing uses it"]),
    "buffer 0 in use": (set_fields(lambda b: b.model.buffers[0], data=b"x"),
                        ["buffer 0: holds 1 bytes; it means that a tensor has no data"]),
    "metadata buffer": (set_fields(lambda b: b.model.metadata[0], buffer=9),
                        ["metadata 'note': names buffer 9, there are 5",
                         "buffer 4: nothing uses it"]),
    "signature tensor": (set_fields(lambda b: b.model.signatureDefs[0].inputs[0], tensorIndex=Y),
                         ["signature 'main': input 'in' is tensor 3, which is no input of the "
                          "graph"]),
    "signature graph": (set_fields(lambda b: b.model.signatureDefs[0], subgraphIndex=1),
                        ["signature 'main': names graph 1, there are 1"]),
    # tensors
    "empty name": (tensor(Y, name=""), ["graph 0: 1 tensor(s) without a name"]),
    "repeated name": (tensor(Y, name="r"), ["graph 0: 2 tensors are named 'r'"]),
    "buffer index": (tensor(Y, buffer=77), ["graph 0, tensor 'y': names buffer 77, there are 5"]),
    "constant size": (data(B, bytes(7)),
                      ["graph 0, tensor 'b': int32[2] takes 8 bytes, its buffer has 7"]),
    "4-bit size": (int4_weights,
                   ["graph 0, tensor 'w': int4[2, 1, 1, 3] takes 3 bytes, its buffer has 6"]),
    "zero point count": (quant(W, zeroPoint=[0]),
                         ["graph 0, tensor 'w': 2 scale(s), 1 zero point(s)"]),
    "scale 0": (quant(S, scale=[0.0]),
                ["graph 0, tensor 's': a scale is 0.0; it must be finite and > 0"]),
    "scale NaN": (quant(S, scale=[np.nan]),
                  ["graph 0, tensor 's': a scale is nan; it must be finite and > 0"]),
    "scale infinite": (quant(S, scale=[np.inf]),
                       ["graph 0, tensor 's': a scale is inf; it must be finite and > 0"]),
    "zero point range": (quant(S, zeroPoint=[256]),
                         ["graph 0, tensor 's': zero point 256 is outside uint8"]),
    "channel count": (tensor(W, shape=[3, 1, 1, 2]),
                      ["graph 0, tensor 'w': 2 scales, 3 channels along axis 0 of [3, 1, 1, 2]"]),
    "axis of one scale": (quant(X, quantizedDimension=4),
                          ["graph 0, tensor 'x': channel axis 4, its rank is 4"]),
    "axis outside": (quant(W, quantizedDimension=4),
                     ["graph 0, tensor 'w': channel axis 4, its rank is 4",
                      "graph 0, node 0 CONV_2D: channel axis of its weights is 4, not 0"]),
    "per-channel activation": (quant(S, scale=[1.0] * 8, zeroPoint=[0] * 8, quantizedDimension=1),
                               ["graph 0, tensor 's': an activation with 8 scales"]),
    "float32 with scale": (tensor(F, quantization=circle_builder.quantization(1.0)),
                           ["graph 0, tensor 'f': float32 with a scale"]),
    # structure
    "input index": (graph(inputs=[99]), ["graph 0: input is tensor 99, there are 8",
                                         "signature 'main': input 'in' is tensor 0, which is no "
                                         "input of the graph"]),
    "output index": (graph(outputs=[F, S, -1]), ["graph 0: output is tensor -1, there are 8"]),
    "operator code": (node(CONV, opcodeIndex=9),
                      ["graph 0, node 0 ?: names operator code 9, there are 4"]),
    "read index": (node(CONV, inputs=[X, W, 8]),
                   ["graph 0, node 0 CONV_2D: reads tensor 8, there are 8"]),
    "made index": (node(CONV, outputs=[-1]),
                   ["graph 0, node 0 CONV_2D: makes tensor -1, there are 8"]),
    "order": (swap_nodes, ["graph 0, node 0 RESHAPE: reads 'y' before it is made"]),
    "made twice": (node(QUANTIZE, outputs=[R]),
                   ["graph 0, node 3 QUANTIZE: makes 'r', which is there already",
                    "graph 0, tensor 's': a graph output that nothing makes"]),
    "makes a constant": (node(RESHAPE, outputs=[W]),
                         ["graph 0, node 1 RESHAPE: makes 'w', which is there already",
                          "graph 0, node 2 DEQUANTIZE: reads 'r' before it is made",
                          "graph 0, node 1 RESHAPE: 'y' and 'w' have different parameters"]),
    "orphan tensor": (lambda b: b.add_tensor("alone", [1]),
                      ["graph 0, tensor 'alone': nothing uses it"]),
    # types and parameters
    "quantize to float32": (lambda b: (type_(S, "float32")(b), tensor(S, quantization=None)(b)),
                            ["graph 0, node 3 QUANTIZE: makes float32 without parameters"]),
    "quantize of bare integers": (type_(F, "int8"),
                                  ["graph 0, node 2 DEQUANTIZE: makes int8, not float32",
                                   "graph 0, node 3 QUANTIZE: reads int8 without parameters"]),
    "dequantize of bare integers": (tensor(R, quantization=None),
                                    ["graph 0, node 1 RESHAPE: 'r' is int8 without parameters",
                                     "graph 0, node 1 RESHAPE: 'y' and 'r' have different "
                                     "parameters",
                                     "graph 0, node 2 DEQUANTIZE: reads int8 without parameters"]),
    "mover of two types": (type_(R, "int16"),
                           ["graph 0, node 1 RESHAPE: its data is of several types: int16, int8"]),
    "mover of two scales": (quant(R, scale=[2.0]),
                            ["graph 0, node 1 RESHAPE: 'y' and 'r' have different parameters"]),
    "mover of two zero points": (quant(R, zeroPoint=[0]),
                                 ["graph 0, node 1 RESHAPE: 'y' and 'r' have different "
                                  "parameters"]),
    "float32 weights": (lambda b: (type_(W, "float32")(b), tensor(W, quantization=None)(b),
                                   data(W, bytes(24))(b)),
                        ["graph 0, node 0 CONV_2D: int8 data, float32 weights",
                         "graph 0, node 0 CONV_2D: int8 data, weights without parameters"]),
    "uint8 weights": (type_(W, "uint8"), ["graph 0, node 0 CONV_2D: int8 data, uint8 weights"]),
    "uint8 output": (lambda b: [(type_(t, "uint8")(b), quant(t, zeroPoint=[0])(b))
                                for t in (Y, R)],
                     ["graph 0, node 0 CONV_2D: int8 data, uint8 output"]),
    "int32 bias at int16": (int16_model, ["graph 0, node 0 CONV_2D: int16 data, int32 bias"]),
    "int32 data": (type_(X, "int32"), ["graph 0, node 0 CONV_2D: int32 data"]),
    "weights axis": (lambda b: (tensor(W, shape=[2, 1, 1, 2])(b), data(W, bytes(4))(b),
                                quant(W, quantizedDimension=3)(b)),
                     ["graph 0, node 0 CONV_2D: channel axis of its weights is 3, not 0"]),
    "bias scale": (quant(B, scale=[0.125, 0.0625 * (1 + 2e-6)]),
                   ["graph 0, node 0 CONV_2D: bias scale 0.06250012665987015 is not input scale x "
                    "weights scale 0.0625"]),
    "bias scale count": (quant(B, scale=[0.125], zeroPoint=[0]),
                         ["graph 0, node 0 CONV_2D: 1 bias scale(s), 2 weights scale(s)"]),
    "bias zero point": (quant(B, zeroPoint=[0, 1]),
                        ["graph 0, node 0 CONV_2D: a zero point of its bias is not 0"]),
    # calls
    "called graph": (lambda b: equal_call(b, condSubgraphIndex=5),
                     ["graph 0, node 4 WHILE: calls graph 5, there are 2"]),
    "crossing": (lambda b: equal_call(b, "int16"),
                 ["graph 0, node 4 WHILE: input 'r' is int8, 'p' of graph 1 is int16, or their "
                  "parameters differ"] * 2
                 + ["graph 0, node 4 WHILE: output 'loop' is int8, 'p' of graph 1 is int16, or "
                    "their parameters differ"]),
}  # yapf: disable


def check(tmp_path, content):
    path = tmp_path / "model.circle"
    path.write_bytes(content)
    return model_checker.check(path)


@pytest.mark.parametrize("identifier", [circle_builder.CIRCLE, circle_builder.TFLITE])
def test_good_model(tmp_path, identifier):
    assert check(tmp_path, good_model().finish(identifier)) == []


def test_good_call(tmp_path):
    b = good_model()
    equal_call(b)
    assert check(tmp_path, b.finish()) == []


def test_good_bias_within_tolerance(tmp_path):
    b = good_model()
    quant(B, scale=[0.125, np.nextafter(np.float32(0.0625), np.float32(1))])(b)
    assert check(tmp_path, b.finish()) == []


def test_good_4bit_weights(tmp_path):
    b = good_model()
    int4_weights(b)
    data(W, bytes(3))(b)
    assert check(tmp_path, b.finish()) == []


@pytest.mark.parametrize("flaw", BROKEN)
def test_broken_model(tmp_path, flaw):
    change, problems = BROKEN[flaw]
    b = good_model()
    change(b)
    assert check(tmp_path, b.finish()) == problems


def test_uint8_concatenation_rescales(tmp_path):
    b = circle_builder.CircleBuilder()
    x = b.add_tensor("x", [1, 2], "uint8", (0.5, 3))
    y = b.add_tensor("y", [1, 4], "uint8", (1.0, 0))
    b.add_operator("CONCATENATION", [x, x], [y], "ConcatenationOptions", axis=1)
    b.set_io([x], [y])
    assert check(tmp_path, b.finish()) == []


def test_unaligned_buffer(tmp_path):
    b = good_model()
    # Packed by the generated class, which forgets the alignment; one of four lengths must slip.
    for i, old in enumerate(b.model.buffers):
        b.model.buffers[i] = circle_builder.circle.Buffer.BufferT()
        b.model.buffers[i].data = old.data
    problems = check(tmp_path, b.finish())
    assert problems and all("no multiple of 16" in p for p in problems)


def test_appended_payload(tmp_path):
    b = good_model()
    buffer = b.model.buffers[b.graph.tensors[B].buffer]
    buffer.data, buffer.offset, buffer.size = None, 4104, 8
    content = b.finish().ljust(4104, b"\0")
    start = ["buffer 2: its data starts at 4104, no multiple of 16"]
    assert check(tmp_path, content + bytes(8)) == start
    assert check(tmp_path, content + bytes(7)) == [
        *start, "buffer 2: its data ends at 4112, the file at 4111",
        "graph 0, tensor 'b': int32[2] takes 8 bytes, its buffer has 7"]  # yapf: disable


def test_transpose_conv_has_its_own_order(tmp_path):
    b = circle_builder.CircleBuilder()
    shape = b.add_constant("shape", np.array([1, 2, 2, 2], np.int32))
    w = b.add_constant("w", np.ones([2, 1, 1, 3], np.int8), quant=([0.25, 0.125],))
    x = b.add_tensor("x", [1, 2, 2, 3], "int8", (0.5, 3))
    bias = b.add_constant("b", np.ones(2, np.int32), quant=([0.125, 0.0625],))
    y = b.add_tensor("y", [1, 2, 2, 2], "int8", (1.0, 0))
    b.add_operator("TRANSPOSE_CONV", [shape, w, x, bias], [y], "TransposeConvOptions")
    b.set_io([x], [y])
    assert check(tmp_path, b.finish()) == []
    b.graph.tensors[bias].quantization.scale = [0.125, 0.125]
    assert check(tmp_path, b.finish()) == [
        "graph 0, node 0 TRANSPOSE_CONV: bias scale 0.125 is not input scale x weights scale 0.0625"
    ]


def test_wrong_version(tmp_path):
    content = bytearray(good_model().finish(circle_builder.TFLITE))
    content[4:8] = b"CIR0"
    assert check(tmp_path, bytes(content)) == ["file: version 3, CIR0 has 0"]


def test_other_file(tmp_path):
    assert check(tmp_path, b"\0\0\0\0JUNK") == [
        "file: identifier b'JUNK' is neither CIR0 nor TFL3"
    ]


def test_command(tmp_path):
    path = tmp_path / "model.circle"
    path.write_bytes(good_model().finish())
    command = [sys.executable, model_checker.__file__, path]
    assert subprocess.run(command, check=True, capture_output=True).stdout == b""
    broken = good_model()
    broken.add_buffer(b"x")
    path.write_bytes(broken.finish())
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (1, f"{path}: buffer 5: nothing uses it\n")
