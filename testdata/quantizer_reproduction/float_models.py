# SPDX-License-Identifier: Apache-2.0
"""The float32 models that make.py has quantized. A module; needs what circle_builder needs.

MODELS maps a name to a function that gives the file's bytes: TFLite, with one signature whose
names are the tensors' own, small, and the same with every run. CASES maps it to names of recipes.
"""

import numpy as np
from circle_schema import circle

import circle_builder

SIGNATURE = "serving_default"
NAMES = 16  # integer inputs, which name tokens and positions, are below this

_NONE = circle.ActivationFunctionType.ActivationFunctionType.NONE
_RELU = circle.ActivationFunctionType.ActivationFunctionType.RELU
_RELU6 = circle.ActivationFunctionType.ActivationFunctionType.RELU6
_SAME = circle.Padding.Padding.SAME
_VALID = circle.Padding.Padding.VALID


class _Net:
    """A CircleBuilder that names tensors after the layer, and knows their shapes."""

    def __init__(self, seed):
        self.builder = circle_builder.CircleBuilder()
        self.rng = np.random.default_rng(seed)
        self.inputs = {}

    def shape(self, tensor):
        return list(self.builder.graph.tensors[tensor].shape)

    def input(self, name, shape, dtype="float32"):
        self.inputs[name] = self.builder.add_tensor(name, shape, dtype)
        return self.inputs[name]

    def constant(self, name, values, dtype=np.float32):
        return self.builder.add_constant(name, np.asarray(values, dtype))

    def random(self, name, shape, scale=1.0):
        return self.constant(name, self.rng.normal(0, scale, shape))

    def op(self, kind, name, inputs, shape, options=None, version=1, **fields):
        """Adds an operator of one output; gives the output."""
        out = self.builder.add_tensor(name, shape)
        self.builder.add_operator(kind, inputs, [out], options, version=version, **fields)
        return out

    def unary(self, kind, name, x, options=None, **fields):
        return self.op(kind, name, [x], self.shape(x), options, **fields)

    def binary(self, kind, name, x, y, **fields):
        options = {"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions",
                   "DIV": "DivOptions"}.get(kind)
        shape = np.broadcast_shapes(self.shape(x), self.shape(y))
        return self.op(kind, name, [x, y], shape, options, **fields)

    def conv(self, name, x, channels, kernel=1, stride=1, padding=_SAME, activation=_NONE):
        n, h, w, c = self.shape(x)
        weights = self.random(f"{name}/weights", [channels, kernel, kernel, c],
                              1 / np.sqrt(kernel * kernel * c))
        bias = self.random(f"{name}/bias", [channels], 0.1)
        return self.op("CONV_2D", name, [x, weights, bias],
                       [n, *_spatial(h, w, kernel, stride, padding), channels], "Conv2DOptions",
                       padding=padding, strideW=stride, strideH=stride,
                       fusedActivationFunction=activation)

    def depthwise(self, name, x, kernel=3, stride=1, activation=_NONE):
        n, h, w, c = self.shape(x)
        weights = self.random(f"{name}/weights", [1, kernel, kernel, c], 1 / kernel)
        bias = self.random(f"{name}/bias", [c], 0.1)
        return self.op("DEPTHWISE_CONV_2D", name, [x, weights, bias],
                       [n, *_spatial(h, w, kernel, stride, _SAME), c], "DepthwiseConv2DOptions",
                       padding=_SAME, strideW=stride, strideH=stride, depthMultiplier=1,
                       fusedActivationFunction=activation)

    def dense(self, name, x, units, activation=_NONE, bias=None, weights=None):
        """bias, weights: tensors to use, -1 for no bias; own ones where None."""
        shape = self.shape(x)
        if weights is None:
            weights = self.random(f"{name}/weights", [units, shape[-1]], 1 / np.sqrt(shape[-1]))
        if bias is None:
            bias = self.random(f"{name}/bias", [units], 0.1)
        inputs = [x, weights, bias]
        return self.op("FULLY_CONNECTED", name, inputs, [*shape[:-1], units],
                       "FullyConnectedOptions", keepNumDims=len(shape) > 2,
                       fusedActivationFunction=activation)

    def pool(self, kind, name, x, size=2):
        n, h, w, c = self.shape(x)
        return self.op(kind, name, [x], [n, h // size, w // size, c], "Pool2DOptions",
                       padding=_VALID, strideW=size, strideH=size, filterWidth=size,
                       filterHeight=size)

    def compare(self, kind, name, x, y):
        options = {"EQUAL": "EqualOptions", "NOT_EQUAL": "NotEqualOptions"}[kind]
        out = self.builder.add_tensor(name, self.shape(x), "bool")
        self.builder.add_operator(kind, [x, y], [out], options)
        return out

    def reshape(self, name, x, shape):
        return self.op("RESHAPE", name, [x, self.constant(f"{name}/shape", shape, np.int32)], shape,
                       "ReshapeOptions", newShape=shape)

    def transpose(self, name, x, order):
        shape = self.shape(x)
        return self.op("TRANSPOSE", name, [x, self.constant(f"{name}/perm", order, np.int32)],
                       [shape[axis] for axis in order], "TransposeOptions")

    def reduce(self, kind, name, x, axes, keep=False):
        rank = len(self.shape(x))
        reduced = [axis % rank for axis in axes]
        shape = [1 if axis in reduced else size for axis, size in enumerate(self.shape(x))
                 if keep or axis not in reduced]
        return self.op(kind, name, [x, self.constant(f"{name}/axes", axes, np.int32)], shape,
                       "ReducerOptions", keepDims=keep)

    def matmul(self, name, x, y, transpose_y=False):
        columns = self.shape(y)[-2 if transpose_y else -1]
        return self.op("BATCH_MATMUL", name, [x, y], [*self.shape(x)[:-1], columns],
                       "BatchMatMulOptions", adjointRhs=transpose_y)

    def pad(self, name, x, paddings):
        shape = [size + sum(pair) for size, pair in zip(self.shape(x), paddings, strict=True)]
        return self.op("PAD", name, [x, self.constant(f"{name}/paddings", paddings, np.int32)],
                       shape, "PadOptions")

    def slice(self, name, x, begin, size):
        begin = self.constant(f"{name}/begin", begin, np.int32)
        return self.op("SLICE", name, [x, begin, self.constant(f"{name}/size", size, np.int32)],
                       size, "SliceOptions")

    def split(self, name, x, axis, parts):
        shape = self.shape(x)
        shape[axis] //= parts
        outs = [self.builder.add_tensor(f"{name}_{i}", shape) for i in range(parts)]
        self.builder.add_operator("SPLIT", [self.constant(f"{name}/axis", axis, np.int32), x], outs,
                                  "SplitOptions", numSplits=parts)
        return outs

    def concat(self, name, parts, axis):
        shape = self.shape(parts[0])
        shape[axis] = sum(self.shape(part)[axis] for part in parts)
        return self.op("CONCATENATION", name, parts, shape, "ConcatenationOptions", axis=axis)

    def resize(self, kind, name, x, size, **fields):
        n, _, _, c = self.shape(x)
        options = {"RESIZE_BILINEAR": "ResizeBilinearOptions",
                   "RESIZE_NEAREST_NEIGHBOR": "ResizeNearestNeighborOptions"}[kind]
        return self.op(kind, name, [x, self.constant(f"{name}/size", size, np.int32)],
                       [n, *size, c], options, **fields)

    def transpose_conv(self, name, x, channels, kernel=3, stride=2):
        n, h, w, c = self.shape(x)
        shape = [n, h * stride, w * stride, channels]
        weights = self.random(f"{name}/weights", [channels, kernel, kernel, c],
                              1 / np.sqrt(kernel * kernel * c))
        inputs = [self.constant(f"{name}/shape", shape, np.int32), weights, x,
                  self.random(f"{name}/bias", [channels], 0.1)]
        return self.op("TRANSPOSE_CONV", name, inputs, shape, "TransposeConvOptions", version=3,
                       padding=_SAME, strideW=stride, strideH=stride)

    def finish(self, *outputs):
        names = {circle_builder.tensor_name(self.builder.graph.tensors[t]): t for t in outputs}
        self.builder.set_io(self.inputs.values(), outputs)
        self.builder.add_signature(SIGNATURE, self.inputs, names)
        return self.builder.finish(circle_builder.TFLITE)


def _spatial(height, width, kernel, stride, padding):
    lost = 0 if padding == _SAME else kernel - 1
    return [-(-(size - lost) // stride) for size in (height, width)]


def cnn():
    """An inverted residual as in MobileNetV2, Relu6 fused, behind it Mean and FullyConnected."""
    net = _Net(1)
    x = net.conv("stem", net.input("image", [1, 16, 16, 3]), 8, 3, 2, activation=_RELU6)
    y = net.conv("expand", x, 24, activation=_RELU6)
    y = net.depthwise("depthwise", y, activation=_RELU6)
    y = net.binary("ADD", "residual", x, net.conv("project", y, 8))
    y = net.conv("head", y, 32, activation=_RELU6)
    return net.finish(net.dense("logits", net.reduce("MEAN", "pooled", y, [1, 2]), 10))


def mlp():
    """FullyConnected with every activation function that has kernels: fused and standalone."""
    net = _Net(2)
    x = net.dense("relu", net.input("x", [4, 20]), 32, _RELU)
    x = net.unary("TANH", "tanh", net.dense("dense1", x, 24))
    x = net.unary("LOGISTIC", "logistic", net.dense("dense2", x, 24, bias=-1))
    x = net.dense("dense3", x, 10)
    return net.finish(net.unary("SOFTMAX", "probabilities", x, "SoftmaxOptions", beta=1.0))


def _layer_norm(net, name, x):
    mean = net.reduce("MEAN", f"{name}/mean", x, [-1], True)
    center = net.binary("SUB", f"{name}/center", x, mean)
    square = net.binary("MUL", f"{name}/square", center, center)
    variance = net.reduce("MEAN", f"{name}/variance", square, [-1], True)
    variance = net.binary("ADD", f"{name}/plus_epsilon", variance,
                          net.constant(f"{name}/epsilon", [1e-3]))
    normed = net.binary("MUL", f"{name}/normed", center,
                        net.unary("RSQRT", f"{name}/rsqrt", variance))
    width = net.shape(x)[-1:]
    gamma = net.constant(f"{name}/gamma", net.rng.uniform(0.5, 1.5, width))
    scaled = net.binary("MUL", f"{name}/scaled", normed, gamma)
    return net.binary("ADD", name, scaled, net.random(f"{name}/beta", width, 0.1))


def transformer():
    """One block: embeddings, layer norms spelt out, two heads of attention, a Gelu MLP."""
    net = _Net(3)
    tokens, width, heads = 8, 16, 2
    ids = net.input("tokens", [tokens], "int32")
    positions = net.input("positions", [tokens], "int32")
    x = net.op("EMBEDDING_LOOKUP", "embedded", [ids, net.random("embedding", [32, width])],
               [tokens, width])
    place = net.op("GATHER", "place", [net.random("places", [16, width], 0.3), positions],
                   [tokens, width], "GatherOptions")
    x = net.reshape("batched", net.binary("ADD", "placed", x, place), [1, tokens, width])
    y = _layer_norm(net, "norm1", x)
    q, k, v = (net.transpose(f"{n}_heads", net.reshape(f"{n}_split", net.dense(n, y, width),
                                                       [1, tokens, heads, width // heads]),
                             [0, 2, 1, 3]) for n in "qkv")
    scores = net.matmul("scores", q, k, transpose_y=True)
    scores = net.binary("MUL", "scaled_scores", scores,
                        net.constant("score_scale", [1 / np.sqrt(width // heads)]))
    attention = net.unary("SOFTMAX", "attention", scores, "SoftmaxOptions", beta=1.0)
    mixed = net.transpose("mixed_heads", net.matmul("mixed", attention, v), [0, 2, 1, 3])
    mixed = net.dense("attention_out", net.reshape("merged", mixed, [1, tokens, width]), width)
    x = net.binary("ADD", "residual1", x, mixed)
    y = net.dense("mlp_in", _layer_norm(net, "norm2", x), 2 * width)
    y = net.dense("mlp_out", net.unary("GELU", "gelu", y, "GeluOptions"), width)
    x = net.binary("ADD", "residual2", x, y)
    return net.finish(net.dense("logits", _layer_norm(net, "norm3", x), 32, bias=-1))


def mover():
    """Operators that move values or pick among them, between a Conv and a TransposeConv."""
    net = _Net(4)
    x = net.input("image", [1, 8, 8, 3])
    x = net.conv("conv", net.pad("padded", x, [[0, 0], [1, 1], [1, 1], [0, 0]]), 8, 3,
                 padding=_VALID)
    left, right = net.split("halves", x, 3, 2)
    left = net.pool("MAX_POOL_2D", "max", left)
    right = net.pool("AVERAGE_POOL_2D", "average", right)
    x = net.concat("joined", [left, right, net.conv("side", right, 4)], 3)
    x = net.slice("sliced", x, [0, 0, 0, 2], [1, 4, 4, 8])
    near = net.resize("RESIZE_NEAREST_NEIGHBOR", "near", x, [8, 8])
    smooth = net.resize("RESIZE_BILINEAR", "smooth", x, [8, 8], halfPixelCenters=True)
    x = net.transpose_conv("up", net.binary("ADD", "both", near, smooth), 4)
    return net.finish(x)


def shared():
    """Constants with several readers: a layer applied twice, an embedding table as weights."""
    net = _Net(5)
    table, weights = net.random("table", [24, 16]), net.random("weights", [16, 16], 0.25)
    bias = net.random("bias", [16], 0.1)
    x = net.op("EMBEDDING_LOOKUP", "embedded", [net.input("tokens", [6], "int32"), table], [6, 16])
    x = net.dense("first", x, 16, _RELU, bias, weights)
    x = net.dense("second", x, 16, _RELU, bias, weights)
    return net.finish(net.dense("logits", x, 24, bias=-1, weights=table))


def arithmetic():
    """One operator of each further kind that computes or compares."""
    net = _Net(6)
    a, b = (net.dense(n, net.input(f"{n}_in", [2, 4, 12]), 12) for n in "ab")
    gate = net.unary("LOGISTIC", "gate", b)
    positive = net.binary("ADD", "positive", gate, net.constant("one", [1.0]))
    matrix = net.random("matrix", [1, 12, 6], 0.3)
    relu = net.unary("RELU", "relu", a)
    outs = [
        net.compare("EQUAL", "equal", relu, a),
        net.compare("NOT_EQUAL", "not_equal", relu, a),
        net.binary("SUB", "sub", a, b),
        net.binary("DIV", "div", a, positive),
        net.binary("DIV", "ratio", a, gate),
        net.binary("SQUARED_DIFFERENCE", "squared_difference", a, b),
        net.binary("MAXIMUM", "maximum", a, b),
        net.unary("SQRT", "sqrt", positive),
        net.unary("HARD_SWISH", "hard_swish", a),
        relu,
        net.unary("RELU6", "relu6", net.binary("ADD", "sum", a, b)),
        net.reduce("SUM", "total", a, [1]),
        net.reduce("REDUCE_MIN", "least", a, [1]),
        net.matmul("by_constant", a, matrix),
        net.binary("MUL", "doubled", a, net.random("factors", [12])),
    ]
    return net.finish(*outs)


def selection():
    """One operator of each further kind that moves values or picks among them."""
    net = _Net(7)
    a, b = (net.conv(n, net.input(f"{n}_in", [1, 4, 4, 3]), 4) for n in "ab")
    is_left = net.constant("is_left", [True, False, True, False], np.bool_)
    packed = net.op("PACK", "packed", [a, b], [2, 1, 4, 4, 4], "PackOptions", valuesCount=2)
    rows = [net.builder.add_tensor(f"row_{i}", [1, 4, 4]) for i in range(4)]
    net.builder.add_operator("UNPACK", [a], rows, "UnpackOptions", num=4, axis=1)
    ends = [net.constant(f"ends/{n}", v, np.int32) for n, v in
            {"begin": [0, 0, 1, 0], "end": [1, 4, 4, 4], "strides": [1, 2, 1, 1]}.items()]
    low = net.op("PADV2", "low", [b, net.constant("low/paddings", [[0, 0], [1, 1], [1, 1], [0, 0]],
                                                  np.int32), net.constant("low/value", -4.0)],
                 [1, 6, 6, 4], "PadV2Options")
    outs = [
        net.op("SELECT_V2", "selected", [is_left, a, b], [1, 4, 4, 4], "SelectV2Options"),
        packed, rows[0], rows[3],
        net.op("STRIDED_SLICE", "strided", [a, *ends], [1, 2, 3, 4], "StridedSliceOptions"),
        low, net.pool("MAX_POOL_2D", "low_max", low),
        net.op("MIRROR_PAD", "mirrored", [a, net.constant("mirrored/paddings", [[0, 0], [1, 1],
               [1, 1], [0, 0]], np.int32)], [1, 6, 6, 4], "MirrorPadOptions"),
        net.op("SPACE_TO_DEPTH", "deep", [a], [1, 2, 2, 16], "SpaceToDepthOptions", blockSize=2),
        net.op("BROADCAST_TO", "repeated", [b, net.constant("repeated/shape", [2, 4, 4, 4],
               np.int32)], [2, 4, 4, 4], "BroadcastToOptions", version=2),
        net.op("GATHER_ND", "picked", [a, net.constant("picked/indices", [[0, 1], [0, 3]],
               np.int32)], [2, 4, 4], "GatherNdOptions"),
        net.op("DYNAMIC_UPDATE_SLICE", "updated",
               [a, net.slice("corner", b, [0, 0, 0, 0], [1, 2, 2, 4]),
                net.constant("updated/start", [0, 1, 1, 0], np.int32)], [1, 4, 4, 4],
               "DynamicUpdateSliceOptions"),
    ]
    return net.finish(*outs)


MODELS = {"cnn": cnn, "mlp": mlp, "transformer": transformer, "mover": mover, "shared": shared,
          "arithmetic": arithmetic, "selection": selection}

# The recipes by which make.py has each quantized.
_BASIC = ["static_int8", "static_int16", "weight_only_int8", "weight_only_int4", "dynamic_int8",
          "dynamic_int4"]
CASES = {
    "cnn": _BASIC + ["static_int8_per_tensor", "static_int8_int4_weights", "static_int8_float_ends",
                     "mixed"],
    "mlp": _BASIC + ["static_int8_int4_weights", "static_int16_float_ends", "mixed"],
    "transformer": _BASIC + ["static_int8_float_ends", "static_int16_float_ends", "mixed"],
    "mover": _BASIC + ["static_int8_float_ends", "mixed"],
    "shared": _BASIC,
    "arithmetic": _BASIC + ["static_int8_per_tensor", "static_int16_per_tensor",
                            "static_int8_float_ends"],
    "selection": _BASIC,
}  # yapf: disable
