# SPDX-License-Identifier: Apache-2.0
"""Quantized models in the forms that other tools write, each with the float32 model of it.

PAIRS has a function for each form. It is called twice with a Writer, once for each model: what a
Writer's methods say of types, scales and conversions makes the quantized one, and the same calls
make the float32 one, where there are no conversions and constants hold the real numbers.

    quantized, float32 = both(PAIRS["tflite_island"])

A module, not a command. Needs numpy, flatbuffers and circle-schema.
"""

import numpy as np

import circle_builder

PAIRS = {}
UNCLEAR = set()  # of these not every name, or not every parameter, can be told from the file


def pair(function):
    PAIRS[function.__name__] = function
    return function


def unclear(function):
    UNCLEAR.add(function.__name__)
    return pair(function)


def both(function, identifier=circle_builder.CIRCLE):
    """The bytes of (the quantized model, the float32 model)."""
    models = []
    for quantized in (True, False):
        writer = Writer(quantized)
        function(writer)
        models.append(circle_builder.pack(writer.model, identifier))
    return models


class Writer(circle_builder.CircleBuilder):
    """Makes one of the two models; shapes are [1, 4] where none is given."""

    def __init__(self, quantized):
        super().__init__()
        self.quantized = quantized

    def act(self, name, dtype="int8", scale=0.05, zero_point=0, shape=(1, 4), real_name=None,
            quant=None, **fields):
        """An activation; `real_name` is what the float32 model calls it, if not the same. `quant`
        is a whole table, in place of a scale."""
        if not self.quantized:
            return self.add_tensor(name if real_name is None else real_name, shape, **fields)
        if quant is None and dtype != "float32":
            quant = (scale, zero_point)
        return self.add_tensor(name, shape, dtype, quant, **fields)

    def const(self, name, integers, dtype="int8", scale=0.01, zero_point=0, axis=0, real_name=None,
              quant=None, **fields):
        integers = np.asarray(integers)
        if self.quantized:
            quant = (scale, zero_point, axis) if quant is None else quant
            return self.add_constant(name, integers, dtype, quant, **fields)
        return self.add_constant(name if real_name is None else real_name,
                                 real(integers, scale, zero_point, axis), **fields)

    def node(self, op, inputs, outputs, options=None, **more):
        return self.add_operator(op, inputs, outputs, options, **more)

    def quantize(self, source, name, dtype="int8", scale=0.05, zero_point=0, **fields):
        """What a Quantize makes; in the float32 model its source."""
        if not self.quantized:
            return source
        shape = self.graph.tensors[source].shape
        to = self.add_tensor(name, shape, dtype, (scale, zero_point), **fields)
        self.add_operator("QUANTIZE", [source], [to])
        return to

    def dequantize(self, source, name):
        if not self.quantized:
            return source
        to = self.add_tensor(name, self.graph.tensors[source].shape)
        self.add_operator("DEQUANTIZE", [source], [to], version=2)
        return to

    def unary(self, op, source, name, **more):
        to = self.act(name, shape=self.graph.tensors[source].shape, **more)
        self.node(op, [source], [to])
        return to

    def dense(self, source, name, bias=True, **quant):
        """A FullyConnected with weights `name`/w, bias `name`/b."""
        w = self.const(f"{name}/w", np.arange(-8, 8).reshape(4, 4), **quant.get("w", {}))
        b = [self.const(f"{name}/b", [3, -2, 5, 7], "int32",
                        **{"scale": 0.0005, **quant.get("b", {})})] if bias else [-1]
        y = self.act(name, **quant.get("y", {}))
        self.node("FULLY_CONNECTED", [source, w, *b], [y], "FullyConnectedOptions")
        return y


def real(integers, scale, zero_point, axis):
    """float32 numbers that integers stand for."""
    scale, zero_point = np.float32(scale), np.asarray(zero_point)
    if scale.size > 1:
        shape = [-1 if i == axis else 1 for i in range(integers.ndim)]
        scale = scale.reshape(shape)
        zero_point = np.broadcast_to(zero_point, scale.size).reshape(shape)
    return ((integers - zero_point) * scale).astype(np.float32)


def table(scale, zero_point, axis=0, **more):
    """A quantization table as it is given: None is an absent vector."""
    return circle_builder.table(
        "QuantizationParameters", scale=None if scale is None else np.float32(scale),
        zeroPoint=None if zero_point is None else np.int64(zero_point), quantizedDimension=axis,
        **more)


# --- TFLite's converter: what it quantizes is called tfl.quantize, whatever it was


@pair
def tflite_island(w):
    """A Cast makes float32, which is quantized."""
    x = w.add_tensor("x", [1, 4], "uint8")
    cast = w.add_tensor("cast", [1, 4])
    w.node("CAST", [x], [cast], "CastOptions", inDataType=3, outDataType=0)
    w.set_io([x], [w.dense(w.quantize(cast, "tfl.quantize"), "y")])


@pair
def tflite_islands(w):
    """Two float32 operators between integers; Dequantizes and Quantizes are numbered."""
    x = w.act("x")
    a = w.unary("COS", w.dequantize(x, "tfl.dequantize"), "a", dtype="float32")
    b = w.dense(w.quantize(a, "tfl.quantize", scale=0.02), "b")
    c = w.unary("SIN", w.dequantize(b, "tfl.dequantize1"), "c", dtype="float32")
    w.set_io([x], [w.dense(w.quantize(c, "tfl.quantize1", scale=0.03), "y")])


@pair
def tflite_float_ends(w):
    x = w.act("x", "float32")
    y = w.dense(w.quantize(x, "tfl.quantize"), "StatefulPartitionedCall:01",
                y={"real_name": "StatefulPartitionedCall:0"})
    w.set_io([x], [w.dequantize(y, "StatefulPartitionedCall:0")])


@pair
def tflite_uint8_ends(w):
    """inference_input_type uint8: a Quantize at each end."""
    x = w.act("x", "uint8", zero_point=128)
    y = w.dense(w.quantize(x, "tfl.quantize"), "y1", y={"real_name": "y"})
    w.set_io([x], [w.quantize(y, "y", "uint8", zero_point=128)])


@pair
def tflite_output_named_by_the_converter(w):
    x = w.act("x")
    w.set_io([x], [w.dequantize(w.dense(x, "y"), "tfl.dequantize")])


@unclear
def tflite_constants_named_by_the_converter(w):
    x = w.act("x")
    k = w.const("tfl.pseudo_qconst", np.arange(-8, 8).reshape(4, 4), real_name="arith.constant")
    b = w.const("tfl.pseudo_qconst1", [3, -2, 5, 7], "int32", 0.0005, real_name="arith.constant1")
    y = w.act("y")
    w.node("FULLY_CONNECTED", [x, k, b], [y], "FullyConnectedOptions")
    w.set_io([x], [y])


@pair
def tflite_weights_only(w):
    x = w.act("x", "float32")
    k = w.dequantize(w.const("w", np.arange(-8, 8).reshape(4, 4)), "tfl.dequantize")
    y = w.act("y", "float32")
    w.node("FULLY_CONNECTED", [x, k, -1], [y], "FullyConnectedOptions")
    w.set_io([x], [y])


@pair
def tflite_hybrid(w):
    x = w.act("x", "float32")
    k = w.const("w", np.arange(-8, 8).reshape(4, 4))
    y = w.act("y", "float32")
    w.node("FULLY_CONNECTED", [x, k, -1], [y], "FullyConnectedOptions")
    w.set_io([x], [y])


@unclear
def tflite_quantized_twice(w):
    """One float32 tensor with two forms of it."""
    x = w.act("x")
    a = w.unary("COS", w.dequantize(x, "tfl.dequantize"), "a", dtype="float32")
    y = w.dense(w.quantize(a, "tfl.quantize", scale=0.02), "y")
    z = w.dense(w.quantize(a, "tfl.quantize1", scale=0.03), "z")
    w.set_io([x], [y, z])


@pair
def tflite_dequantized_twice(w):
    x = w.act("x")
    a = w.dense(x, "a")
    y = w.unary("COS", w.dequantize(a, "tfl.dequantize"), "y", dtype="float32")
    z = w.unary("SIN", w.dequantize(a, "tfl.dequantize1"), "z", dtype="float32")
    w.set_io([x], [y, z, w.dense(a, "u")])


@unclear
def tflite_requantized(w):
    """An Add of sides that a kernel wants equal: requantized before it."""
    x = w.act("x")
    a = w.dense(x, "a")
    b = w.quantize(a, "tfl.quantize", scale=0.1)
    w.set_io([x], [w.unary("ABS", b, "y")])


@pair
def tflite_quantized_constant(w):
    """A float32 constant behind a Quantize."""
    x = w.act("x")
    c = w.add_constant("c", np.float32([[0.1, 0.2, 0.3, 0.4]]))
    y = w.act("y")
    w.node("ADD", [x, w.quantize(c, "tfl.quantize")], [y], "AddOptions")
    w.set_io([x], [y])


@pair
def fake_quantized(w):
    """Quantize and Dequantize around nothing: what was float32 stays so."""
    x = w.act("x", "float32")
    q = w.dequantize(w.quantize(x, "tfl.quantize"), "tfl.dequantize")
    a = w.unary("COS", q, "a", dtype="float32")
    p = w.dequantize(w.quantize(a, "tfl.quantize1", scale=0.02), "tfl.dequantize1")
    w.set_io([x], [w.unary("SIN", p, "y", dtype="float32")])


@unclear
def input_through_conversions_to_an_output(w):
    x = w.act("x", "float32")
    y = w.dequantize(w.quantize(x, "tfl.quantize"), "y")
    w.set_io([x], [y, w.dense(w.quantize(x, "q"), "z")])


@pair
def input_is_output(w):
    x = w.act("x")
    w.set_io([x], [x, w.dense(x, "y")])


@unclear
def output_in_two_forms(w):
    x = w.act("x")
    y = w.dense(x, "y")
    w.set_io([x], [y, w.dequantize(y, "tfl.dequantize")])


@unclear
def output_in_two_forms_of_other_names(w):
    x = w.act("x")
    y = w.dense(x, "y")
    w.set_io([x], [y, w.dequantize(y, "other")])


# --- tables of TensorFlow of 2019 and 2020


def _axis(axis, one_scale=False):
    def function(w):
        x = w.act("x", shape=(1, 6, 6, 4))
        scale = 0.01 if one_scale else [0.01, 0.02, 0.03, 0.005]
        bias = np.float32(scale) * np.float32(0.05)
        k = w.const("w", np.arange(36).reshape(1, 3, 3, 4), scale=scale, axis=3)
        b = w.const("b", [3, -2, 5, 7], "int32", bias,
                    quant=table(np.atleast_1d(bias), [0] * np.size(bias), axis))
        y = w.act("y", shape=(1, 6, 6, 4), scale=0.5)
        w.node("DEPTHWISE_CONV_2D", [x, k, b], [y], "DepthwiseConv2DOptions", strideW=1, strideH=1,
               depthMultiplier=1)
        w.set_io([x], [y])
    return function


PAIRS["bias_axis_3"] = _axis(3)
PAIRS["bias_axis_negative"] = _axis(-1)
PAIRS["bias_axis_3_of_one_scale"] = _axis(3, True)
PAIRS["bias_axis_negative_of_one_scale"] = _axis(-1, True)


@pair
def axes_of_one_scale(w):
    x = w.act("x", quant=table([0.05], [0], 7))
    w.set_io([x], [w.dense(x, "y", w={"quant": table([0.01], [0], -1)},
                           y={"quant": table([0.05], [0], -3)})])


@pair
def no_zero_points(w):
    x = w.act("x", quant=table([0.05], None))
    w.set_io([x], [w.dense(x, "y", w={"quant": table([0.01], [])},
                           b={"quant": table([0.0005], None)})])


@pair
def equal_scales_of_an_activation(w):
    x = w.act("x", quant=table([0.05] * 4, [3] * 4, 1))
    w.set_io([x], [w.dense(x, "y")])


@unclear
def scales_of_an_activation(w):
    x = w.act("x", quant=table([0.05, 0.04, 0.03, 0.02], [3] * 4, 1))
    w.set_io([x], [w.dense(x, "y")])


@unclear
def scales_that_fit_nothing(w):
    x = w.act("x")
    w.set_io([x], [w.dense(x, "y", w={"quant": table([0.01, 0.02, 0.03], [0] * 3, 0)})])


@unclear
def scale_zero(w):
    x = w.act("x")
    w.set_io([x], [w.dense(x, "y", w={"quant": table([0.01, 0.02, 0.03, 0.01], [0] * 4)},
                           b={"quant": table([0.0005, 0, 0.0015, 0.0005], [0] * 4)})])


@unclear
def scale_infinite(w):
    x = w.act("x", quant=table([np.inf], [0]))
    w.set_io([x], [w.dense(x, "y", y={"quant": table([np.nan], [0])})])


@unclear
def zero_point_out_of_range(w):
    x = w.act("x", quant=table([0.05], [300]))
    w.set_io([x], [w.dense(x, "y")])


@pair
def least_and_greatest(w):
    """Tables with min and max beside scales, and alone on a float32 tensor."""
    x = w.act("x", quant=table([0.05], [0], min=np.float32([-6.4]), max=np.float32([6.35])))
    y = w.dense(x, "y")
    z = w.act("z", "float32", quant=table(None, None, min=np.float32([-6.4]),
                                          max=np.float32([6.35])))
    w.node("COS", [w.dequantize(y, "tfl.dequantize")], [z])
    w.set_io([x], [z])


@pair
def scales_of_what_is_no_integer(w):
    """Tables on float32 and bool tensors, which nobody reads."""
    x = w.act("x")
    a = w.add_tensor("a", [1, 4], quant=table([0.05], [0], 3))
    w.node("COS", [w.dequantize(x, "tfl.dequantize")], [a])
    y = w.dense(w.quantize(a, "tfl.quantize"), "y")
    z = w.add_tensor("z", [1, 4], "bool", quant=table([1.0], [0], 5))
    w.node("GREATER", [y, x], [z], "GreaterOptions")
    w.set_io([x], [y, z])


def _scales_of_integers(float_tables):
    """Tables on axes, indices, what a Cast reads and makes."""

    def function(w):
        def table_of(scale):
            return (scale, 0) if w.quantized or float_tables else None

        x = w.act("x")
        y = w.dense(x, "y")
        axis = w.add_constant("axis", np.int32([1]), quant=table_of(1.0))
        m = w.act("m", shape=(1, 1))
        w.node("REDUCE_MAX", [y, axis], [m], "ReducerOptions", keepDims=True)
        i = w.add_tensor("i", [1], "int64", table_of(0.05))
        w.node("ARG_MAX", [y, w.add_constant("dim", np.int32(1), quant=table_of(1.0))], [i],
               "ArgMaxOptions", outputType=4)
        image = w.add_tensor("image", [1, 4], "uint8", table_of(1.0))
        f = w.add_tensor("f", [1, 4])
        w.node("CAST", [image], [f], "CastOptions", inDataType=3, outDataType=0)
        c = w.add_tensor("c", [1, 4], "int32", table_of(0.05))
        w.node("CAST", [f], [c], "CastOptions", inDataType=0, outDataType=2)
        s = w.add_tensor("s", [1, 4], "int32", table_of(0.1))
        w.node("ADD", [c, w.add_constant("one", np.int32([1]), quant=table_of(1.0))], [s],
               "AddOptions")
        w.set_io([x, image], [y, m, i, s, w.dense(w.quantize(f, "tfl.quantize"), "z")])

    return function


UNCLEAR.add("scales_of_integers")  # they are integers: their scales are lost
PAIRS["scales_of_integers"] = _scales_of_integers(False)
PAIRS["scales_of_integers_in_the_float32_model"] = _scales_of_integers(True)


# --- state


@unclear  # no entry says what a variable has
def state(w):
    x = w.act("x")
    f = w.const("f", np.ones([2, 4], int))
    t = w.const("t", np.ones([2, 3], int), "int16", 0.001)
    b = w.const("b", [0, 0], "int32", 5e-7)
    s = w.act("state", "int16", 5e-4, shape=(1, 6), isVariable=True)
    y = w.act("y", shape=(1, 2))
    w.node("SVDF", [x, f, t, b, s], [y], "SVDFOptions", rank=1, fusedActivationFunction=1)
    w.set_io([x], [y])


@unclear
def lstm(w):
    """int8, with the tables of what is inside on tensors that nothing makes or reads."""
    x = w.act("x", shape=(1, 1, 4))
    weights = [w.const(f"w{i}", np.full([4, 4], i)) for i in range(8)]
    biases = [w.const(f"b{i}", [i] * 4, "int32", 0.0005) for i in range(4)]
    h = w.act("h", isVariable=True)
    c = w.act("c", "int16", 2**-11, isVariable=True)
    inside = [w.act(f"inside{i}", "int16" if i < 4 else "int8", 0.001, shape=(0, )) for i in range(5)]
    y = w.act("y", shape=(1, 1, 4))
    none = [-1]
    inputs = [x, *weights[:4], *weights[4:], *none * 3, *biases, *none * 2, h, c, *none * 4]
    w.node("UNIDIRECTIONAL_SEQUENCE_LSTM", inputs, [y], "UnidirectionalSequenceLSTMOptions",
           fusedActivationFunction=4, fields={"intermediates": inside})
    w.set_io([x], [y])


@pair
def resource_variables(w):
    x = w.act("x")
    handle = w.add_tensor("handle", [], "resource")
    w.node("VAR_HANDLE", [], [handle], "VarHandleOptions", container="", sharedName="v")
    old = w.act("old")
    w.node("READ_VARIABLE", [handle], [old], "ReadVariableOptions")
    y = w.act("y")
    w.node("ADD", [x, old], [y], "AddOptions")
    w.node("ASSIGN_VARIABLE", [handle, y], [], "AssignVariableOptions")
    w.set_io([x], [y])


# --- names


def _named(*names):
    def function(w):
        x = w.act(names[0])
        for name in names[1:]:
            x = w.unary("ABS", x, name)
        w.set_io([0], [x])
    return function


ODD_NAMES = ["a b", "'", '"', "\\", "\n", "\N{SNOWMAN}", "\U0001f600", "x;y;z", "x/y:0", "#0/1",
             "1:x", "0:y", "{}", "C" * 300, "c" * 300, "..", "/etc/passwd", "x.scale", "float32"]
PAIRS["odd_names"] = _named("x", *ODD_NAMES)
PAIRS["names_that_are_no_text"] = _named("x", b"\xff\xfe", b"a\0b", b"\xed\xa0\x80", "y")
PAIRS["no_names"] = _named("", "", "", "")
PAIRS["absent_names"] = _named(None, None, None)
PAIRS["repeated_names"] = _named("x", "x", "y", "x")


@unclear
def no_names_with_conversions(w):
    x = w.act("", "float32")
    a = w.dense(w.quantize(x, ""), "")
    b = w.unary("COS", w.dequantize(a, ""), "", dtype="float32")
    w.set_io([x], [w.dense(w.quantize(b, "", scale=0.02), "")])


@pair
def names_like_those_of_forms(w):
    """Of the float32 model's own: x_float, w_dup, y_quantized, z_dequant."""
    x = w.act("x_float")
    a = w.dense(x, "y_quantized")
    b = w.unary("COS", w.dequantize(a, "tfl.dequantize"), "z_dequant", dtype="float32")
    w.set_io([x], [w.dense(w.quantize(b, "tfl.quantize"), "v_dup")])


def _suffixed(quantize, dequantize):
    def function(w):
        x = w.act("x", "float32")
        a = w.dense(w.quantize(x, "x" + quantize), "a")
        b = w.unary("COS", w.dequantize(a, "a" + dequantize), "b", dtype="float32")
        y = w.dense(w.quantize(b, "b" + quantize), "y")
        w.set_io([x], [y, w.dequantize(y, "y" + dequantize)] if False else
                 [w.dequantize(y, "y" + dequantize)])
    return function


for _q, _dq in (("_quantized", "_dequant"), ("_Quantize", "_Dequantize"), ("/Quantize", "/Dequantize"),
                ("_quantize", "_dequantize"), (".quant", ".dequant"), ("_FakeQuant_Quantize",
                                                                        "_DequantizeLinear_Output"),
                (";quantize", ":dequantized"), ("-QuantizeLinear", "-DequantizeLinear")):
    PAIRS[f"suffixes {_q} {_dq}"] = _suffixed(_q, _dq)


@pair
def constants_behind_dequantizes(w):
    """As of an ONNX model of QuantizeLinear and DequantizeLinear."""
    x = w.act("x", "float32")
    k = w.dequantize(w.const("w_quantized", np.arange(-8, 8).reshape(4, 4), real_name="w"), "w")
    y = w.act("y", "float32")
    w.node("FULLY_CONNECTED", [w.dequantize(w.quantize(x, "x_q"), "x_dq"), k, -1], [y],
           "FullyConnectedOptions")
    w.set_io([x], [y])


# --- several graphs


@pair
def two_signatures(w):
    """Tensors of equal names in two graphs."""
    for g, name in enumerate(("serve", "train")):
        if g > 0:
            w.begin_graph(name)
        x = w.act("x", scale=0.05 * (g + 1))
        a = w.unary("COS", w.dequantize(x, "tfl.dequantize"), "a", dtype="float32")
        y = w.dense(w.quantize(a, "tfl.quantize"), "y", y={"scale": 0.03 * (g + 1)})
        w.set_io([x], [y])
        w.add_signature(name, {"in": x}, {"out": y}, g)


@unclear
def two_signatures_of_other_ends(w):
    """One with float32 ends, one with integers."""
    x = w.act("x", "float32")
    y = w.dense(w.quantize(x, "tfl.quantize"), "y")
    w.set_io([x], [w.dequantize(y, "y_dequant")])
    w.begin_graph("other")
    x = w.act("x")
    w.set_io([x], [w.dense(x, "y")])


@pair
def called_graph(w):
    """A While over int8 tensors, beside a quantized operator."""
    x = w.act("x")
    a = w.dense(x, "a")
    f = w.dequantize(a, "tfl.dequantize")
    n = w.add_constant("n", np.int32([0]))
    n1, y = w.add_tensor("n1", [1], "int32"), w.act("y", "float32")
    w.node("WHILE", [n, f], [n1, y], "WhileOptions", condSubgraphIndex=1, bodySubgraphIndex=2)
    w.set_io([x], [y])
    w.begin_graph("cond")
    n, v, c = w.add_tensor("n", [1], "int32"), w.act("v", "float32"), w.add_tensor("c", [1], "bool")
    w.node("LESS", [n, w.add_constant("limit", np.int32([3]))], [c], "LessOptions")
    w.set_io([n, v], [c])
    w.begin_graph("body")
    n, v = w.add_tensor("n", [1], "int32"), w.act("v", "float32")
    m = w.add_tensor("m", [1], "int32")
    w.node("ADD", [n, w.add_constant("one", np.int32([1]))], [m], "AddOptions")
    d = w.dense(w.quantize(v, "tfl.quantize"), "d")
    w.set_io([n, v], [m, w.dequantize(d, "tfl.dequantize")])


# --- ends


@pair
def mixed_ends(w):
    """float32, int8, int32 and bool inputs and outputs."""
    x, z = w.act("x", "float32"), w.act("z")
    i, c = w.add_tensor("i", [1], "int32"), w.add_tensor("c", [1, 4], "bool")
    a = w.dense(w.quantize(x, "tfl.quantize"), "a")
    y = w.act("y")
    w.node("SELECT_V2", [c, a, z], [y], "SelectV2Options")
    w.set_io([x, i, z, c], [w.dequantize(y, "tfl.dequantize"), i, a])


@unclear
def four_bit_ends(w):
    x = w.act("x", "float32")
    z = w.act("z", "int4", 0.5)
    y = w.act("y")
    w.node("ADD", [w.quantize(x, "q"), z], [y], "AddOptions")
    w.set_io([x, z], [y, w.quantize(y, "u", "uint4", 0.5)])


@pair
def constant_input(w):
    """A graph input that has data, as converters of 2018 listed weights."""
    x = w.act("x")
    k = w.const("w", np.arange(-8, 8).reshape(4, 4))
    y = w.act("y")
    w.node("FULLY_CONNECTED", [x, k, -1], [y], "FullyConnectedOptions")
    w.set_io([x, k], [y])


# --- constants


@pair
def unread_constants(w):
    x = w.act("x")
    w.const("unread", [1, 2, 3])
    w.set_io([x], [w.dense(x, "y")])


@pair
def constants_of_one_buffer(w):
    """Two tensors on one buffer, of other scales."""
    x = w.act("x")
    for i, name in enumerate("ab"):
        k = w.const(name, np.arange(-8, 8).reshape(4, 4), scale=0.01 * (i + 1))
        if i > 0 and w.quantized:
            w.graph.tensors[k].buffer = w.graph.tensors[shared].buffer
        shared = k
        y = w.act(f"y{i}")
        w.node("FULLY_CONNECTED", [x, k, -1], [y], "FullyConnectedOptions")
    del w.model.buffers[-1 if w.quantized else len(w.model.buffers):]
    w.set_io([x], [y - 2, y])


@pair
def small_constants(w):
    """A scalar, a tensor without elements, four bits."""
    x = w.act("x")
    a, b, y = w.act("a"), w.act("b"), w.act("y", shape=(1, 4))
    w.node("MUL", [x, w.const("scalar", 3)], [a], "MulOptions")
    w.const("nothing", np.zeros([0, 4], int))
    w.node("FULLY_CONNECTED", [a, w.const("four", np.arange(-8, 8).reshape(4, 4), "int4"), -1], [b],
           "FullyConnectedOptions")
    w.node("CONCATENATION", [b], [y], "ConcatenationOptions", axis=1)
    w.set_io([x], [y])


@pair
def transpose_conv_of_2019(w):
    """Its output shape has a table, and it has no bias."""
    x = w.act("x", shape=(1, 2, 2, 1))
    shape = w.add_constant("shape", np.int32([1, 4, 4, 1]), quant=(1.0, 0))
    k = w.const("w", np.arange(4).reshape(1, 2, 2, 1))
    y = w.act("y", shape=(1, 4, 4, 1))
    w.node("TRANSPOSE_CONV", [shape, k, x], [y], "TransposeConvOptions", strideW=2, strideH=2)
    w.set_io([x], [y])


@pair
def uint8_of_toco(w):
    """uint8 throughout, a bias of one scale with a table of axis 0."""
    x = w.act("x", "uint8", 0.05, 128)
    w.set_io([x], [w.dense(x, "y", w={"dtype": "uint8", "zero_point": 8, "quant": (0.01, 8)},
                           y={"dtype": "uint8", "zero_point": 100})])


@pair
def int16_of_tflite(w):
    x = w.act("x", "int16", 2**-11)
    k = w.const("w", np.arange(-8, 8).reshape(4, 4))
    b = w.const("b", [3, -2, 5, 7], "int64", 0.01 * 2**-11)
    y = w.act("y", "int16", 2**-10)
    w.node("FULLY_CONNECTED", [x, k, b], [y], "FullyConnectedOptions")
    w.set_io([x], [y])


@pair
def bias_of_another_scale(w):
    x = w.act("x")
    w.set_io([x], [w.dense(x, "y", b={"quant": table([0.0007], [0]), "scale": 0.0007})])


@unclear
def unread_split_output(w):
    """The outputs of a Split that nobody reads are float32."""
    x = w.act("x")
    outs = [w.act(n, "int8" if n == "a" else "float32", shape=(1, 2)) for n in "ab"]
    w.node("SPLIT", [w.add_constant("axis", np.int32(1)), x], outs, "SplitOptions", numSplits=2)
    w.set_io([x], [w.unary("ABS", outs[0], "y")])


@pair
def custom_operator(w):
    x = w.act("x")
    a = w.act("a", "float32")
    w.node("CUSTOM", [w.dequantize(x, "tfl.dequantize")], [a], custom_code="Mine")
    w.set_io([x], [w.dense(w.quantize(a, "tfl.quantize"), "y")])


@unclear
def custom_operator_of_integers(w):
    """With an int32 constant that has a scale: a bias or not."""
    x = w.act("x")
    a = w.act("a")
    w.node("CUSTOM", [x, w.add_constant("c", np.int32([1, 2]), quant=(0.5, 0))], [a],
           custom_code="Mine")
    w.set_io([x], [w.dense(a, "y")])
