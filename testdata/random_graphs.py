# SPDX-License-Identifier: Apache-2.0
"""Random float32 circle models, and random parameter sets for their tensors.

    graph = random_graph(seed)                       # the model and samples to run it on
    chosen = random_parameters(graph, seed)          # for some of its tensors
    chosen = all_parameters(graph, "uint8")          # for all activations and weights
    chosen.write(folder)                             # folder/param.json

The same seed gives the same bytes. The graphs have 4 to 25 operators of the kinds that
operator_claims has measured, and some that stay float32; branches, diamonds, tensors that are read
many times, dead ends, several inputs and outputs, inputs that are outputs, weights, biases and
buffers that are shared, weights behind a Transpose or Reshape. Activation ranges come from running
the float32 model on LiteRT over the samples, so that these cut nothing off.

    python testdata/random_graphs.py SEED FOLDER     # writes model.circle and param.json

Needs numpy, flatbuffers, circle-schema and ai-edge-litert.
"""

import dataclasses
import json
import math
import pathlib
import sys

import numpy as np
from circle_schema import circle

import circle_builder
import fake_quant
import param_set

SAMPLES = 4
_ACTIVATION_TYPES = ("uint8", "int8", "int16")
_MARGIN = 1.1  # of a range over what the samples had

_SAME = circle.Padding.Padding.SAME
_VALID = circle.Padding.Padding.VALID
_FUSED = circle.ActivationFunctionType.ActivationFunctionType


@dataclasses.dataclass(frozen=True)
class Value:
    """A float32 activation while the graph grows. low and high: about what its values will be."""

    index: int
    shape: tuple
    low: float
    high: float

    @property
    def rank(self):
        return len(self.shape)

    @property
    def reach(self):
        return max(-self.low, self.high, 1e-3)


@dataclasses.dataclass(frozen=True)
class Layer:
    """An operator with weights: tensor indices, bias -1 where it has none."""

    data: int
    weights: int  # the constant, also where a mover stands between it and the operator
    bias: int
    axis: int  # of the output channels in the constant
    moved: "Moved | None"


@dataclasses.dataclass(frozen=True)
class Moved:
    """What a Transpose, a Reshape or a Dequantize (of float16) makes of a constant: it can be
    annotated like one."""

    index: int
    axis: int
    permutation: tuple | None = None  # None: the order stays as it is
    widened: bool = False


@dataclasses.dataclass
class Graph:
    """A float32 model and what its parameters are made from."""

    model: bytes
    runnable: bytes  # the model with what LiteRT or fake_quant lack: Net.runnable()
    samples: list  # of each graph input an array [SAMPLES, *shape]
    names: list  # of the tensors, by index
    shapes: list
    activations: list  # indices of the float32 ones
    constants: dict  # index → array, of those float32 ones that are neither weights nor biases
    layers: list
    pairs: list  # (index, index) of tensors to which quantizers give equal parameters
    arrays: dict  # index → float32 array of every constant of real numbers
    ranges: dict  # index → (min, max) of every activation over the samples
    jumping: set  # indices of what is made by a Floor or from a comparison

    def moved_arrays(self):
        """index → array of what movers make of weights."""
        return {layer.moved.index: self.move(layer, self.arrays[layer.weights])
                for layer in self.layers if layer.moved is not None}

    def move(self, layer, array):
        """What the mover between a layer and its weights makes of an array."""
        if layer.moved.permutation is not None:
            return array.transpose(layer.moved.permutation)
        return array.reshape(self.shapes[layer.moved.index])


@dataclasses.dataclass
class Parameters:
    """A parameter set. `entries` are for the model, `reference` says the same of `runnable`.

    What a mover makes of a constant is no constant in either: `reference` has an entry of the
    constant itself where `entries` has one of what is made of it.
    """

    entries: list
    reference: list
    pinned: list = dataclasses.field(default_factory=list)

    def write(self, folder, reverse=False):
        """Writes folder/param.json and its npy files; reverse: with the keys in the other order."""
        param_set.write(folder, self.entries)
        path = pathlib.Path(folder, "param.json")
        document = json.loads(path.read_text())
        document.update({name: {"dtype": "float32"} for name in self.pinned})
        names = sorted(document, reverse=reverse)
        path.write_text(json.dumps({name: document[name] for name in names}))


# --- graphs


class Net:
    """The graph while it grows. Methods without an underscore before `grow` add an operator, or
    give False where nothing is there that it could read."""

    def __init__(self, rng):
        self.rng = rng
        self.builder = circle_builder.CircleBuilder()
        self.values = []
        self.inputs, self.samples = [], []
        self.indices = []  # graph outputs that are integers
        self.constants, self.layers, self.pairs = {}, [], []
        self.arrays, self.halves = {}, {}  # index → array of each float32 and float16 constant
        self.jumping = set()  # indices of what a small difference may move far
        self.no_bias = []  # (output, channels) of operators that can't do without one
        self.count = 0
        self.prefix = self.choice("", "net/", "model.0::")

    # --- choices

    def chance(self, probability):
        return self.rng.random() < probability

    def choice(self, *options):
        return options[self.rng.integers(len(options))]

    def pick(self, fits=lambda value: True):
        """A value that fits, the later ones rather; None where there is none."""
        found = [value for value in self.values if fits(value)]
        if not found:
            return None
        return found[-1 - min(int(self.rng.exponential(2.5)), len(found) - 1)]

    def pick_rank(self, *ranks):
        return self.pick(lambda value: value.rank in ranks)

    def axis(self, axis, rank):
        """The axis, or its negative twin."""
        return axis - rank if self.chance(0.3) else axis

    # --- tensors

    def name(self, text):
        self.count += 1
        if self.count > 3 and self.chance(0.02):  # what q-implant would call a tensor of its own
            other = self.choice(*self.builder.graph.tensors)
            name = other.name + self.choice("_quantized", "_dequant", "_float", "_dup")
            if all(tensor.name != name for tensor in self.builder.graph.tensors):
                return name
        return f"{self.prefix}{text}_{self.count}"

    def input(self, shape, low, high):
        index = self.builder.add_tensor(self.name("input"), shape)
        self.inputs.append(index)
        self.samples.append(self.rng.uniform(low, high, (SAMPLES, *shape)).astype(np.float32))
        self.values.append(Value(index, tuple(shape), low, high))

    def indices_input(self, shape, limit):
        index = self.builder.add_tensor(self.name("indices"), shape, "int32")
        self.inputs.append(index)
        self.samples.append(self.rng.integers(0, limit, (SAMPLES, *shape), dtype=np.int32))
        return index

    def control(self, values, dtype=np.int32):
        return self.builder.add_constant(self.name("control"), np.asarray(values, dtype))

    def constant(self, text, array, low=-math.inf, high=math.inf):
        """A float32 constant, its buffer that of another one in [low, high] now and then."""
        array = np.asarray(array, np.float32)
        alike = self.alike(array.shape, low, high)
        if alike and self.chance(0.15):
            twin = self.choice(*alike)
            index = self.builder.add_tensor(self.name(text), array.shape,
                                            buffer=self.builder.graph.tensors[twin].buffer)
            self.arrays[index] = self.arrays[twin]
            return index
        index = self.builder.add_constant(self.name(text), array)
        self.arrays[index] = array
        return index

    def alike(self, shape, low, high):
        return [i for i, other in self.arrays.items() if other.shape == tuple(shape)
                and low <= other.min() and other.max() <= high]

    def operand(self, shape, low=-1.0, high=1.0, text="constant"):
        """A constant that is read as data, weights or a bias too now and then; a Value."""
        alike = self.alike(shape, low, high)
        if alike and self.chance(0.1):
            index = self.choice(*alike)
        else:
            index = self.constant(text, self.rng.uniform(low, high, shape), low, high)
        array = self.constants[index] = self.arrays[index]
        return Value(index, tuple(shape), float(array.min()), float(array.max()))

    def emit(self, op, inputs, outputs, options=None, moves=None, version=1, **fields):
        """Adds an operator. inputs: Values or indices; outputs: (shape, low, high) of each.

        moves: the input whose values come out, for quantizers give both sides equal parameters.
        """
        made = []
        for shape, low, high in outputs:
            index = self.builder.add_tensor(self.name(op.lower()), shape)
            made.append(Value(index, tuple(int(d) for d in shape), float(low), float(high)))
        slots = [i.index if isinstance(i, Value) else i for i in inputs]
        self.builder.add_operator(op, slots, [v.index for v in made], options, version=version,
                                  **fields)
        self.values += made
        if op == "FLOOR" or self.jumping & set(slots):
            self.jumping |= {value.index for value in made}
        if moves is not None:
            self.pairs += [(moves.index, value.index) for value in made]
        return True

    def fused(self, low, high, probability=0.25):
        """(fields, low, high) with a fused activation function now and then."""
        if not self.chance(probability):
            return {}, low, high
        name, least, greatest = self.choice(("RELU", 0, math.inf), ("RELU6", 0, 6),
                                            ("RELU_N1_TO_1", -1, 1))
        return ({"fusedActivationFunction": getattr(_FUSED, name)},
                float(np.clip(low, least, greatest)), float(np.clip(high, least, greatest)))

    # --- operators with weights

    def weights(self, x, shape, axis):
        """(index to read, constant's index, its channel axis, Moved or None)."""
        for layer in self.layers:
            if layer.moved is None and self.arrays[layer.weights].shape == shape \
                    and layer.axis == axis and self.chance(0.3):
                return layer.weights, layer.weights, axis, None
        channels = shape[axis]
        spread = 1 / math.sqrt(math.prod(shape) / channels) / (0.5 * x.reach)
        along = [-1 if i == axis else 1 for i in range(len(shape))]
        array = self.rng.uniform(-spread, spread, shape)
        array *= self.rng.uniform(0.5, 1.5, channels).reshape(along)
        how = self.choice(*("plain", ) * 9, "transposed", "reshaped", "widened")
        if how == "plain":
            index = self.constant("weights", array)
            return index, index, axis, None
        moved = self.builder.add_tensor(self.name("moved_weights"), shape)
        if how == "widened":
            half = array.astype(np.float16)
            index = self.builder.add_constant(self.name("weights"), half)
            self.halves[index] = half.astype(np.float32)
            self.builder.add_operator("DEQUANTIZE", [index], [moved], "DequantizeOptions")
            return moved, index, axis, Moved(moved, axis, widened=True)
        if how == "transposed":
            permutation = tuple(int(i) for i in self.rng.permutation(len(shape)))
            index = self.constant("weights", array.transpose(np.argsort(permutation)))
            self.builder.add_operator("TRANSPOSE", [index, self.control(permutation)], [moved],
                                      "TransposeOptions")
            return moved, index, permutation[axis], Moved(moved, axis, permutation)
        index = self.constant("weights", array.reshape((channels, -1) if axis == 0 else
                                                       (-1, channels)))
        self.builder.add_operator("RESHAPE", [index, self.control(shape)], [moved],
                                  "ReshapeOptions", newShape=list(shape))
        return moved, index, 0 if axis == 0 else 1, Moved(moved, axis)

    def bias(self, channels, optional):
        """An index; -1 for none."""
        if self.chance(0.25 if optional else 0.01):
            return -1
        alike = [layer.bias for layer in self.layers if layer.bias in self.arrays
                 and self.arrays[layer.bias].size == channels]
        computed = self.pick(lambda v: v.shape == (channels, ) and v.reach < 4)
        if computed is not None and self.chance(0.1):
            return computed.index
        if alike and self.chance(0.3):
            return self.choice(*alike)
        return self.constant("bias", self.rng.uniform(-0.5, 0.5, channels))

    def layer(self, op, x, weights_shape, axis, out_shape, options, order="xwb", optional=False,
              **fields):
        """An operator with weights. order: of its inputs; s is the shape of its output."""
        weights, constant, own_axis, moved = self.weights(x, weights_shape, axis)
        bias = self.bias(weights_shape[axis], optional)
        slots = {"x": x.index, "w": weights, "b": bias}
        if "s" in order:
            slots["s"] = self.control(out_shape)
        absent_is_left_out = bias < 0 and self.chance(0.5)
        inputs = [slots[letter] for letter in order if letter != "b" or not absent_is_left_out]
        more, low, high = self.fused(-2.5, 2.5)
        self.emit(op, inputs, [(out_shape, low, high)], options, **fields, **more)
        self.layers.append(Layer(x.index, constant, bias, own_axis, moved))
        if bias < 0 and not optional:
            self.no_bias.append((self.values[-1].index, weights_shape[axis]))
        return True

    def window(self, x):
        """(kernel, stride, dilation, padding, out height, out width) that fit x."""
        kernel, stride = self.choice(1, 2, 3), self.choice(1, 1, 2)
        dilation = self.choice(1, 1, 2) if stride == 1 else 1
        span = (kernel - 1) * dilation + 1
        padding = self.choice(_SAME, _VALID) if span <= min(x.shape[1:3]) else _SAME
        room = [d if padding == _SAME else d - span + 1 for d in x.shape[1:3]]
        return (kernel, stride, dilation, padding, *(-(-d // stride) for d in room))

    def conv_2d(self):
        x = self.pick_rank(4)
        if x is None:
            return False
        kernel, stride, dilation, padding, height, width = self.window(x)
        channels = self.choice(1, 2, 3, 4, 8)
        return self.layer("CONV_2D", x, (channels, kernel, kernel, x.shape[3]), 0,
                          (x.shape[0], height, width, channels), "Conv2DOptions", padding=padding,
                          strideW=stride, strideH=stride, dilationWFactor=dilation,
                          dilationHFactor=dilation)

    def depthwise_conv_2d(self):
        x = self.pick_rank(4)
        if x is None:
            return False
        kernel, stride, dilation, padding, height, width = self.window(x)
        multiplier = self.choice(1, 1, 2)
        channels = x.shape[3] * multiplier
        return self.layer("DEPTHWISE_CONV_2D", x, (1, kernel, kernel, channels), 3,
                          (x.shape[0], height, width, channels), "DepthwiseConv2DOptions",
                          padding=padding, strideW=stride, strideH=stride,
                          dilationWFactor=dilation, dilationHFactor=dilation,
                          depthMultiplier=multiplier)

    def transpose_conv(self):
        x = self.pick(lambda v: v.rank == 4 and max(v.shape[1:3]) <= 4)
        if x is None:
            return False
        channels = self.choice(1, 2, 4)
        shape = (x.shape[0], 2 * x.shape[1], 2 * x.shape[2], channels)
        return self.layer("TRANSPOSE_CONV", x, (channels, 3, 3, x.shape[3]), 0, shape,
                          "TransposeConvOptions", "swxb", True, padding=_SAME, strideW=2,
                          strideH=2)

    def fully_connected(self):
        x = self.pick_rank(2, 2, 3, 4)
        if x is None:
            return False
        units, keep = self.choice(2, 3, 4, 8, 10), self.chance(0.5)
        rows = x.shape[:-1] if keep or x.rank == 2 else (math.prod(x.shape[:-1]), )
        return self.layer("FULLY_CONNECTED", x, (units, x.shape[-1]), 0, (*rows, units),
                          "FullyConnectedOptions", optional=True, keepNumDims=keep)

    def batch_matmul(self):
        x = self.pick_rank(2, 3, 4)
        if x is None:
            return False
        y = self.pick(lambda v: v.rank == x.rank and v.shape[:-1] == (*x.shape[:-2], x.shape[-1]))
        reach = math.sqrt(x.shape[-1]) * x.reach * (y.reach if y is not None else 1)
        if reach > 40:
            return False
        adjoint = False
        if y is None or self.chance(0.3):
            columns, adjoint = self.choice(2, 3, 5), self.chance(0.3)
            tail = (columns, x.shape[-1]) if adjoint else (x.shape[-1], columns)
            y = self.operand((*x.shape[:-2], *tail))
        else:
            columns = y.shape[-1]
        return self.emit("BATCH_MATMUL", [x, y], [((*x.shape[:-1], columns), -reach, reach)],
                         "BatchMatMulOptions", adjointRhs=adjoint)

    # --- operators of two values

    def second(self, x, low=-1.0, high=1.0, run_time=0.6):
        """A value or constant that broadcasts to x."""
        y = self.pick(lambda v: v.rank <= x.rank and v.low >= min(low, 0) * 8 and v.high <= 8 * high
                      and all(a in (1, b) for a, b in zip(v.shape[::-1], x.shape[::-1])))
        if y is not None and self.chance(run_time):
            return y
        shapes = [(), x.shape]
        if x.rank > 0:
            shapes += [(1, ), x.shape[-1:], (1, ) * (x.rank - 1) + x.shape[-1:]]
        return self.operand(self.choice(*shapes), low, high)

    def binary(self):
        """Add and its kind, Maximum or Minimum; a constant stands on either side."""
        op, fn, options = self.choice(
            ("ADD", np.add, "AddOptions"), ("ADD", np.add, "AddOptions"),
            ("ADD", np.add, "AddOptions"), ("SUB", np.subtract, "SubOptions"),
            ("MUL", np.multiply, "MulOptions"), ("MUL", np.multiply, "MulOptions"),
            ("DIV", np.divide, "DivOptions"), ("MAXIMUM", np.maximum, "MaximumMinimumOptions"),
            ("MINIMUM", np.minimum, "MaximumMinimumOptions"),
            ("SQUARED_DIFFERENCE", lambda a, b: (a - b)**2, "SquaredDifferenceOptions"))
        x = self.pick(lambda v: v.reach < 12)
        if x is None:
            return False
        if op == "DIV":
            pair = [x, self.operand(self.choice((), x.shape[-1:], x.shape), 0.5, 2)]
        else:
            pair = [x, self.second(x)]
            if op in ("SUB", "SQUARED_DIFFERENCE") and pair[0] == pair[1]:
                return False  # zero
            if self.chance(0.3):
                pair.reverse()
        corners = [fn(a, b) for a in (pair[0].low, pair[0].high)
                   for b in (pair[1].low, pair[1].high)]
        fields, low, high = {}, min(corners), max(corners)
        if op == "SQUARED_DIFFERENCE":
            low = 0
        if op in ("ADD", "SUB", "MUL", "DIV"):
            fields, low, high = self.fused(low, high, 0.15)
        self.emit(op, pair, [(x.shape, low, high)], options, **fields)
        if op in ("MAXIMUM", "MINIMUM"):
            self.pairs += [(v.index, self.values[-1].index) for v in pair
                           if v.index not in self.constants]
        return True

    def select(self):
        """A comparison, with a constant or a value, and what it selects."""
        x = self.pick()
        y = self.pick(lambda v: v.shape == x.shape)
        low, high = min(x.low, y.low), max(x.high, y.high)
        op, options = self.choice(("LESS", "LessOptions"), ("GREATER_EQUAL", "GreaterEqualOptions"))
        mask = self.builder.add_tensor(self.name("mask"), x.shape, "bool")
        self.jumping.add(mask)
        self.builder.add_operator(op, [x.index, self.second(x).index], [mask], options)
        op, options = self.choice(("SELECT_V2", "SelectV2Options"), ("SELECT", "SelectOptions"))
        return self.emit(op, [mask, x, y], [(x.shape, low, high)], options, x)

    def prelu(self):
        x = self.pick(lambda v: v.rank >= 2 and v.low < 0)
        if x is None:
            return False
        shape = self.choice((x.shape[-1], ), (1, ) * (x.rank - 2) + (x.shape[-1], ))
        slope = self.operand(shape, 0.05, 0.6, "slope")
        return self.emit("PRELU", [x, slope], [(x.shape, 0.6 * x.low, x.high)])

    # --- operators of one value

    def unary(self):
        op, options, fields, least, fn = self.choice(*_UNARY)
        if op == "FLOOR" and self.chance(0.7):
            return False  # what is behind it can't be compared
        x = self.pick(lambda v: v.low >= min(least, 0) and v.reach < 12)
        if x is None:
            return False
        if least > x.low:
            more = self.operand((), least, least + 0.2)
            self.emit("ADD", [x, more], [(x.shape, x.low + more.low, x.high + more.high)],
                      "AddOptions")
            x = self.values[-1]
        low, high = fn(x.low, x.high)
        return self.emit(op, [x], [(x.shape, low, high)], options, **fields)

    def clamp(self):
        op, least, greatest = self.choice(("RELU", 0, math.inf), ("RELU", 0, math.inf),
                                          ("RELU6", 0, 6), ("RELU_N1_TO_1", -1, 1),
                                          ("RELU_0_TO_1", 0, 1))
        x = self.pick(lambda v: v.high > 0)
        if x is None:
            return False
        return self.emit(op, [x], [(x.shape, max(x.low, least), min(x.high, greatest))], moves=x)

    def other_islands(self):
        """AddN and Cumsum."""
        x = self.pick(lambda v: v.rank >= 2 and v.reach < 4)
        if x is None:
            return False
        if self.chance(0.5):
            y = self.pick(lambda v: v.shape == x.shape and v.reach < 12)
            return self.emit("ADD_N", [x, y, x],
                             [(x.shape, 2 * x.low + y.low, 2 * x.high + y.high)], "AddNOptions")
        axis = int(self.rng.integers(x.rank))
        reach = x.shape[axis] * x.reach
        return self.emit("CUMSUM", [x, self.control(axis)], [(x.shape, -reach, reach)],
                         "CumsumOptions")

    def along_channels(self):
        op, options, fields, low, high = self.choice(
            ("SOFTMAX", "SoftmaxOptions", {"beta": 1.0}, 0, 1),
            ("LOG_SOFTMAX", "LogSoftmaxOptions", {}, -6, 0),
            ("L2_NORMALIZATION", "L2NormOptions", {}, -1, 1))
        x = self.pick(lambda v: 2 <= v.rank <= 4 and v.shape[-1] > 1 and v.reach < 12)
        if x is None:
            return False
        return self.emit(op, [x], [(x.shape, low, high)], options, **fields)

    def arg_max(self):
        """Its output is an integer: it leaves the graph, for nothing else here reads such."""
        x = self.pick(lambda v: 2 <= v.rank and v.shape[-1] > 1)
        if x is None:
            return False
        self.indices.append(self.builder.add_tensor(self.name("indices"), x.shape[:-1], "int32"))
        op, options = self.choice(("ARG_MAX", "ArgMaxOptions"), ("ARG_MIN", "ArgMinOptions"))
        self.builder.add_operator(op, [x.index, self.control(x.rank - 1)], [self.indices[-1]],
                                  options, outputType=circle_builder.tensor_type("int32"))
        return True

    def pool(self):
        x = self.pick(lambda v: v.rank == 4 and min(v.shape[1:3]) >= 2)
        if x is None:
            return False
        size, stride, padding = 2, self.choice(1, 2), self.choice(_SAME, _VALID)
        room = [d if padding == _SAME else d - size + 1 for d in x.shape[1:3]]
        height, width = (-(-d // stride) for d in room)
        fields, low, high = self.fused(x.low, x.high, 0.15)
        return self.emit(self.choice("MAX_POOL_2D", "AVERAGE_POOL_2D"), [x],
                         [((x.shape[0], height, width, x.shape[3]), low, high)], "Pool2DOptions",
                         moves=x, padding=padding, strideW=stride, strideH=stride,
                         filterWidth=size, filterHeight=size, **fields)

    def reduce(self):
        x = self.pick(lambda v: v.rank >= 2)
        if x is None:
            return False
        op = self.choice("MEAN", "MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN")
        axes = (1, 2) if x.rank == 4 and self.chance(0.7) else (int(self.rng.integers(x.rank)), )
        if self.chance(0.05):
            axes = tuple(range(x.rank))
        keep = self.chance(0.5)
        shape = [1 if i in axes else d for i, d in enumerate(x.shape) if keep or i not in axes]
        factor = math.prod(x.shape[a] for a in axes) if op == "SUM" else 1
        if factor * x.reach > 40:
            return False
        control = self.control([self.axis(a, x.rank) for a in axes])
        return self.emit(op, [x, control], [(shape, factor * x.low, factor * x.high)],
                         "ReducerOptions", moves=x if op.startswith("REDUCE") else None,
                         keepDims=keep)

    # --- movers

    def concatenation(self):
        x = self.pick(lambda v: v.rank >= 2)
        if x is None:
            return False
        axis = self.choice(x.rank - 1, int(self.rng.integers(1, x.rank)))
        parts = [x]
        for _ in range(self.choice(1, 1, 2)):
            other = self.pick(lambda v: v.rank == x.rank and all(
                a == b for i, (a, b) in enumerate(zip(v.shape, x.shape)) if i != axis))
            if self.chance(0.2):
                other = self.operand([d if i != axis else 2 for i, d in enumerate(x.shape)])
            parts.append(other)
        shape = list(x.shape)
        shape[axis] = sum(part.shape[axis] for part in parts)
        self.emit("CONCATENATION", parts,
                  [(shape, min(p.low for p in parts), max(p.high for p in parts))],
                  "ConcatenationOptions", axis=self.axis(axis, x.rank))
        self.pairs += [(p.index, self.values[-1].index) for p in parts
                       if p.index not in self.constants]
        return True

    def pack(self):
        x = self.pick_rank(1, 2, 3)
        if x is None:
            return False
        parts = [x, self.pick(lambda v: v.shape == x.shape)]
        axis = int(self.rng.integers(x.rank + 1))
        shape = [*x.shape[:axis], 2, *x.shape[axis:]]
        self.emit("PACK", parts,
                  [(shape, min(p.low for p in parts), max(p.high for p in parts))], "PackOptions",
                  axis=axis, valuesCount=2)
        self.pairs += [(p.index, self.values[-1].index) for p in parts]
        return True

    def split(self):
        """Split, SplitV or Unpack."""
        x = self.pick(lambda v: v.rank >= 2 and v.shape[-1] > 1)
        if x is None:
            return False
        axis = self.choice(*(i for i, d in enumerate(x.shape) if d > 1))
        size = x.shape[axis]
        parts = self.choice(*(n for n in (2, 3, size) if size % n == 0 and n <= 4), 1)

        def out(length):
            return (*x.shape[:axis], length, *x.shape[axis + 1:]), x.low, x.high

        place = self.axis(axis, x.rank)
        if size <= 3 and self.chance(0.4):
            shape = (*x.shape[:axis], *x.shape[axis + 1:])
            return self.emit("UNPACK", [x], [(shape, x.low, x.high)] * size, "UnpackOptions", x,
                             axis=place, num=size)
        if self.chance(0.5):
            return self.emit("SPLIT", [self.control(place), x], [out(size // parts)] * parts,
                             "SplitOptions", x, numSplits=parts)
        first = int(self.rng.integers(1, size))
        return self.emit("SPLIT_V", [x, self.control([first, size - first]), self.control(place)],
                         [out(first), out(size - first)], "SplitVOptions", x, numSplits=2)

    def pad(self):
        x = self.pick(lambda v: v.rank >= 2 and max(v.shape) <= 8)
        if x is None:
            return False
        pads = self.rng.integers(0, 2, (x.rank, 2))
        pads[0] = 0
        shape = [int(d + a + b) for d, (a, b) in zip(x.shape, pads)]
        control = self.control(pads)
        op = self.choice("PAD", "PADV2", "MIRROR_PAD")
        if op == "MIRROR_PAD" and min(x.shape[1:]) > 1:
            return self.emit(op, [x, control], [(shape, x.low, x.high)], "MirrorPadOptions", x,
                             mode=0)
        if op == "PADV2":
            computed = self.pick(lambda v: v.shape == ())
            if computed is not None:
                return self.emit(op, [x, control, computed],
                                 [(shape, min(x.low, computed.low), max(x.high, computed.high))],
                                 "PadV2Options")
            fill = self.operand((), *self.choice((x.low, x.high), (x.low - 1, x.high + 1)), "fill")
            return self.emit(op, [x, control, fill],
                             [(shape, min(x.low, fill.low), max(x.high, fill.high))],
                             "PadV2Options", x)
        return self.emit("PAD", [x, control], [(shape, min(x.low, 0), max(x.high, 0))],
                         "PadOptions", x)

    def reshape(self):
        """Reshape, Squeeze or ExpandDims."""
        x = self.pick()
        kind = self.choice("RESHAPE", "RESHAPE", "SQUEEZE", "EXPAND_DIMS")
        if kind == "SQUEEZE" and x.rank > 2 and 1 in x.shape:
            axis = x.shape.index(1)
            return self.emit(kind, [x], [((*x.shape[:axis], *x.shape[axis + 1:]), x.low, x.high)],
                             "SqueezeOptions", x, squeezeDims=[axis])
        if kind == "EXPAND_DIMS" and x.rank < 4:
            axis = int(self.rng.integers(x.rank + 1))
            return self.emit(kind, [x, self.control(axis)],
                             [((*x.shape[:axis], 1, *x.shape[axis:]), x.low, x.high)],
                             "ExpandDimsOptions", x)
        size = math.prod(x.shape)
        width = self.choice(*(d for d in range(1, size + 1) if size % d == 0))
        shape = self.choice((size // width, width), (1, size), (1, size // width, width),
                            (1, size // width, 1, width))
        slots = [x] if self.chance(0.1) else [x, self.control(shape)]
        return self.emit("RESHAPE", slots, [(shape, x.low, x.high)], "ReshapeOptions", x,
                         newShape=list(shape))

    def transpose(self):
        x = self.pick(lambda v: v.rank >= 2)
        if x is None:
            return False
        permutation = self.rng.permutation(x.rank)
        return self.emit("TRANSPOSE", [x, self.control(permutation)],
                         [([x.shape[p] for p in permutation], x.low, x.high)], "TransposeOptions",
                         x)

    def slice(self):
        """Slice or StridedSlice."""
        x = self.pick(lambda v: max(v.shape, default=1) > 1)
        if x is None:
            return False
        begin = [int(self.rng.integers(d)) // 2 for d in x.shape]
        size = [int(self.rng.integers(1, d - b + 1)) for d, b in zip(x.shape, begin)]
        if self.chance(0.5):
            given = [-1 if b + s == d and self.chance(0.5) else s
                     for d, b, s in zip(x.shape, begin, size)]
            return self.emit("SLICE", [x, self.control(begin), self.control(given)],
                             [(size, x.low, x.high)], "SliceOptions", x)
        strides = [self.choice(1, 1, 2) for _ in x.shape]
        end = [b + s for b, s in zip(begin, size)]
        shape = [-(-s // stride) for s, stride in zip(size, strides)]
        mask = 0
        if x.rank > 2 and size[0] == 1 and self.chance(0.5):
            mask, shape = 1, shape[1:]
        return self.emit("STRIDED_SLICE",
                         [x, *(self.control(c) for c in (begin, end, strides))],
                         [(shape, x.low, x.high)], "StridedSliceOptions", x, shrinkAxisMask=mask)

    def gather(self):
        x = self.pick(lambda v: v.rank >= 2)
        if x is None:
            return False
        axis = int(self.rng.integers(x.rank))
        of = self.choice((2, ), (3, ), ())
        if self.chance(0.2):
            indices = self.indices_input(of, x.shape[axis])
        else:
            indices = self.control(self.rng.integers(0, x.shape[axis], of))
        return self.emit("GATHER", [x, indices],
                         [((*x.shape[:axis], *of, *x.shape[axis + 1:]), x.low, x.high)],
                         "GatherOptions", x, axis=axis)

    def embedding(self):
        """A constant table, read at what an integer graph input says: by Gather or its twin."""
        table = self.operand((7, self.choice(3, 8)), text="table")
        slots, op = [table, self.indices_input((4, ), 7)], "GATHER"
        if self.chance(0.5):
            slots, op = slots[::-1], "EMBEDDING_LOOKUP"
        return self.emit(op, slots, [((4, table.shape[1]), table.low, table.high)],
                         "GatherOptions" if op == "GATHER" else None)

    def repeat(self):
        """Tile, BroadcastTo or ReverseV2."""
        x = self.pick(lambda v: 2 <= v.rank <= 4 and math.prod(v.shape) <= 200)
        if x is None:
            return False
        kind = self.choice("TILE", "BROADCAST_TO", "REVERSE_V2")
        if kind == "TILE":
            times = [self.choice(1, 1, 2) for _ in x.shape]
            return self.emit(kind, [x, self.control(times)],
                             [([d * t for d, t in zip(x.shape, times)], x.low, x.high)],
                             "TileOptions", x)
        if kind == "BROADCAST_TO":
            shape = [self.choice(1, 2) if d == 1 else d for d in x.shape]
            return self.emit(kind, [x, self.control(shape)], [(shape, x.low, x.high)],
                             "BroadcastToOptions", x, version=2)
        return self.emit(kind, [x, self.control([int(self.rng.integers(x.rank))])],
                         [(x.shape, x.low, x.high)], "ReverseV2Options", x)

    def resize(self):
        x = self.pick(lambda v: v.rank == 4 and math.prod(v.shape) <= 300)
        if x is None:
            return False
        height, width = self.choice(2, 3, 6), self.choice(4, 5, 7)
        kind, options = self.choice(("RESIZE_BILINEAR", "ResizeBilinearOptions"),
                                    ("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions"))
        return self.emit(kind, [x, self.control([height, width])],
                         [((x.shape[0], height, width, x.shape[3]), x.low, x.high)], options, x,
                         halfPixelCenters=self.chance(0.5))

    def blocks(self):
        """SpaceToDepth, DepthToSpace, SpaceToBatchNd."""
        x = self.pick(lambda v: v.rank == 4 and (v.shape[3] % 4 == 0 or v.shape[1] % 2 == 0 and v.
                                                shape[2] % 2 == 0))
        if x is None:
            return False
        batch, height, width, channels = x.shape
        if channels % 4 == 0 and self.chance(0.5):
            return self.emit("DEPTH_TO_SPACE", [x],
                             [((batch, 2 * height, 2 * width, channels // 4), x.low, x.high)],
                             "DepthToSpaceOptions", x, blockSize=2)
        if height % 2 or width % 2:
            return False
        if self.chance(0.5):
            return self.emit("SPACE_TO_DEPTH", [x],
                             [((batch, height // 2, width // 2, 4 * channels), x.low, x.high)],
                             "SpaceToDepthOptions", x, blockSize=2)
        return self.emit("SPACE_TO_BATCH_ND",
                         [x, self.control([2, 2]), self.control([[0, 0], [0, 0]])],
                         [((4 * batch, height // 2, width // 2, channels), x.low, x.high)],
                         "SpaceToBatchNDOptions", x)

    def update_slice(self):
        x = self.pick(lambda v: v.rank >= 2)
        if x is None:
            return False
        part = self.pick(lambda v: v.rank == x.rank and all(a <= b for a, b in zip(
            v.shape, x.shape)))
        begin = [int(self.rng.integers(b - a + 1)) for a, b in zip(part.shape, x.shape)]
        return self.emit("DYNAMIC_UPDATE_SLICE", [x, part, self.control(begin)],
                         [(x.shape, min(x.low, part.low), max(x.high, part.high))],
                         "DynamicUpdateSliceOptions", x)

    # --- the whole

    def grow(self):
        for _ in range(self.choice(1, 1, 2, 3)):
            shape = self.choice((1, 6, 6, 3), (1, 4, 4, 4), (2, 4, 6, 2), (1, 8, 5, 1), (1, 8),
                                (3, 10), (4, 4))
            self.input(shape, *self.choice((-1, 1.3), (-0.7, 1), (0, 1), (-2, 2)))
        makers, weights = zip(*_MAKERS)
        weights = np.asarray(weights) / sum(weights)
        wanted = int(self.rng.integers(4, 26))
        while len(self.builder.graph.operators) < wanted:
            makers[self.rng.choice(len(makers), p=weights)](self)
        if self.chance(0.3):
            self.shuffle()
        self.set_ends()

    def shuffle(self):
        """Another order of the operators that is one."""
        graph = self.builder.graph
        waiting, graph.operators = graph.operators, []
        made = {int(i) for o in waiting for i in o.outputs}
        while waiting:
            ready = [o for o in waiting if not made & {int(i) for i in o.inputs}]
            operator = self.choice(*ready)
            waiting.remove(operator)
            graph.operators.append(operator)
            made -= {int(i) for i in operator.outputs}

    def set_ends(self):
        """What nobody reads leaves the graph, some of the rest too, twice or constant now and then;
        a few dead ends stay."""
        read = {int(i) for o in self.builder.graph.operators for i in o.inputs}
        outputs = [v.index for v in self.values if v.index not in read and self.chance(0.95)
                   or self.chance(0.08)]
        if not any(i not in self.inputs for i in outputs):
            outputs.append(self.values[-1].index)
        if self.constants and self.chance(0.03):
            outputs.append(self.choice(*self.constants))
        if self.chance(0.03):
            outputs.append(self.choice(*outputs))
        outputs += self.indices
        outputs = [outputs[i] for i in self.rng.permutation(len(outputs))]
        self.builder.set_io(self.inputs, outputs)
        if self.chance(0.2):
            self.builder.add_signature("serving_default",
                                       {f"in{n}": i for n, i in enumerate(self.inputs)},
                                       {f"out{n}": i for n, i in enumerate(outputs)})

    def runnable(self):
        """The model with zeros for biases that operators can't do without, and with float32
        constants for what Dequantizes make of float16 ones."""
        model = circle_builder.unpack(self.builder.finish())
        builder = circle_builder.CircleBuilder()
        builder.model, builder.graph = model, model.subgraphs[0]
        makers = {int(i): o for o in builder.graph.operators for i in o.outputs}
        for output, channels in self.no_bias:
            zeros = builder.add_constant(self.name("zeros"), np.zeros(channels, np.float32))
            makers[output].inputs = [*makers[output].inputs[:2], zeros]
        for layer in self.layers:
            if layer.moved is not None and layer.moved.widened:
                data = circle_builder.encode(self.halves[layer.weights], "float32")
                builder.graph.tensors[layer.moved.index].buffer = builder.add_buffer(data)
                builder.graph.operators.remove(makers[layer.moved.index])
        return builder.finish()


# Operators of one value: options, their fields, the least value they take, (low, high) of theirs.
_UNARY = (
    ("LOGISTIC", None, {}, -math.inf, lambda a, b: (0, 1)),
    ("LOGISTIC", None, {}, -math.inf, lambda a, b: (0, 1)),
    ("TANH", None, {}, -math.inf, lambda a, b: (-1, 1)),
    ("TANH", None, {}, -math.inf, lambda a, b: (-1, 1)),
    ("EXP", "ExpOptions", {}, -3, lambda a, b: (0, math.exp(min(b, 3)))),
    ("ABS", "AbsOptions", {}, -math.inf, lambda a, b: (0, max(-a, b))),
    ("NEG", "NegOptions", {}, -math.inf, lambda a, b: (-b, -a)),
    ("SQRT", None, {}, 0, lambda a, b: (0, math.sqrt(b))),
    ("RSQRT", None, {}, 0.3, lambda a, b: (0, 3)),
    ("LOG", None, {}, 0.3, lambda a, b: (-3, math.log(b))),
    ("ELU", None, {}, -math.inf, lambda a, b: (-1, max(b, 0))),
    ("GELU", "GeluOptions", {}, -math.inf, lambda a, b: (-0.2, max(b, 0))),
    ("HARD_SWISH", "HardSwishOptions", {}, -math.inf, lambda a, b: (-0.4, max(b, 0))),
    ("LEAKY_RELU", "LeakyReluOptions", {"alpha": 0.125}, -math.inf,
     lambda a, b: (min(a / 8, 0), max(b, 0))),
    # Islands.
    ("SQUARE", "SquareOptions", {}, -math.inf, lambda a, b: (0, max(a * a, b * b))),
    ("SIN", None, {}, -math.inf, lambda a, b: (-1, 1)),
    ("COS", "CosOptions", {}, -math.inf, lambda a, b: (-1, 1)),
    ("FLOOR", None, {}, -math.inf, lambda a, b: (math.floor(a), math.floor(b))),
)  # yapf: disable

# What adds an operator, and how often.
_MAKERS = (
    (Net.conv_2d, 14), (Net.depthwise_conv_2d, 7), (Net.fully_connected, 12),
    (Net.transpose_conv, 3), (Net.batch_matmul, 3), (Net.binary, 20), (Net.select, 1),
    (Net.prelu, 1), (Net.unary, 14), (Net.clamp, 8), (Net.other_islands, 1),
    (Net.along_channels, 4), (Net.arg_max, 1), (Net.pool, 6), (Net.reduce, 5),
    (Net.concatenation, 5), (Net.pack, 2), (Net.split, 4), (Net.pad, 5), (Net.reshape, 6),
    (Net.transpose, 4), (Net.slice, 4), (Net.gather, 2), (Net.embedding, 1), (Net.repeat, 2),
    (Net.resize, 3), (Net.blocks, 2), (Net.update_slice, 1),
)  # yapf: disable


# --- running them


def random_graph(seed):
    """A Graph, of finite values below 1000."""
    for attempt in range(100):
        net = Net(np.random.default_rng([seed, attempt]))
        net.grow()
        runnable = net.runnable()
        _, ranges = run(runnable, net.samples)
        if all(np.isfinite(r).all() and max(map(abs, r)) < 1000 for r in ranges.values()):
            return finished(net, runnable, ranges)
    raise AssertionError(f"seed {seed}: 100 graphs in a row have values that are too large")


def finished(net, runnable, ranges):
    """The Graph of a net that is grown. ranges: of its tensors, as run() has them."""
    tensors = net.builder.graph.tensors
    return Graph(model=net.builder.finish(), runnable=runnable, samples=net.samples,
                 names=[circle_builder.tensor_name(t) for t in tensors],
                 shapes=[tuple(t.shape) for t in tensors],
                 activations=[v.index for v in net.values], constants=net.constants,
                 layers=net.layers, pairs=net.pairs, arrays=net.arrays | net.halves,
                 ranges=ranges, jumping=net.jumping)


def run(model, samples):
    """The outputs over the samples, and {tensor index: (min, max)} of every float32 tensor.

    On LiteRT's own kernels, without XNNPACK.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        model_content=circle_builder.repack(model, circle_builder.TFLITE),
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True, num_threads=1)
    interpreter.allocate_tensors()
    sources = [d["index"] for d in interpreter.get_input_details()]
    targets = [d["index"] for d in interpreter.get_output_details()]
    floats = [d["index"] for d in interpreter.get_tensor_details()
              if d["name"] and d["dtype"] == np.float32]
    outputs, ranges = [], []
    for sample in zip(*samples, strict=True):
        for index, values in zip(sources, sample, strict=True):
            interpreter.set_tensor(index, values)
        interpreter.invoke()
        outputs.append([interpreter.get_tensor(index) for index in targets])
        ranges.append([(values.min(), values.max())
                       for values in map(interpreter.get_tensor, floats)])
    ranges = np.asarray(ranges)
    return ([np.stack(column) for column in zip(*outputs)],
            {index: (ranges[:, i, 0].min(), ranges[:, i, 1].max())
             for i, index in enumerate(floats)})


# --- parameters


def per_tensor(dtype, low, high):
    """(scale, zero point), arrays of one, that hold [low, high] and 0."""
    low, high = _MARGIN * min(low, 0.0), _MARGIN * max(high, 0.0)
    if high - low < 1e-6:
        high = 1.0
    limits = np.iinfo(dtype)
    if dtype == "int16":
        return (np.array([max(-low, high) / limits.max], np.float32), np.zeros(1, np.int64))
    scale = np.array([(high - low) / 255], np.float32)
    zerop = np.rint(limits.min - low / scale[0])
    return scale, np.clip(zerop, limits.min, limits.max).astype(np.int64).reshape(1)


def symmetric(dtype, array, axis=None):
    """(scale, zero point) of signed weights: one of each, or one for each channel along axis."""
    others = tuple(i for i in range(array.ndim) if i != axis) if axis is not None else None
    reach = np.atleast_1d(np.abs(array).max(axis=others))
    limit = {"int4": 7, "int8": 127, "int16": 32767}[dtype]
    return np.maximum(reach / limit, 1e-8).astype(np.float32), np.zeros(len(reach), np.int64)


def all_parameters(graph, dtype):
    """Parameters of one type for all activations and all weights, and nothing else."""
    entries = [param_set.Entry(graph.names[i], dtype, *per_tensor(dtype, *graph.ranges[i]))
               for i in graph.activations]
    for layer in {layer.weights: layer for layer in graph.layers}.values():
        array = graph.arrays[layer.weights]
        if dtype == "int8":
            chosen, axis = symmetric(dtype, array, layer.axis), layer.axis
        else:
            chosen, axis = per_tensor(dtype, array.min(), array.max()), 0
        entries.append(param_set.Entry(graph.names[layer.weights], dtype, *chosen, axis))
    return Parameters(entries, entries)


def random_parameters(graph, seed):
    """Parameters for some of the tensors: types, shares, weights with and without values, pins."""
    return _Chooser(graph, np.random.default_rng([seed, 1000])).choose()


class _Chooser:
    """Chooses random parameters for the tensors of one graph."""

    def __init__(self, graph, rng):
        self.graph, self.rng = graph, rng
        self.entries, self.reference, self.pinned = {}, {}, []
        self.share = self.choice(0.1, 0.5, 0.9, 1.0)
        types = self.choice(("uint8", ), ("int8", ), ("int16", ), ("uint8", "int8"),
                            _ACTIVATION_TYPES)
        self.types = {i: self.choice(*types) for i in graph.activations}
        self.ranges = dict(graph.ranges)

    def chance(self, probability):
        return self.rng.random() < probability

    def choice(self, *options):
        return options[self.rng.integers(len(options))]

    def choose(self):
        if self.chance(0.5):
            self.align()
        for index in self.graph.activations:
            if self.chance(self.share):
                dtype = self.types[index]
                self.add(index, dtype, per_tensor(dtype, *self.ranges[index]))
            elif self.chance(0.05):
                self.pin(index)
        seen = set()
        for layer in self.graph.layers:
            if layer.weights not in seen:
                seen.add(layer.weights)
                self.choose_weights(layer)
            if layer.bias in self.graph.arrays and layer.bias not in seen:
                seen.add(layer.bias)
                self.choose_bias(layer)
        for index in self.graph.constants:
            if index not in seen and self.chance(0.4 * self.share):
                self.choose_operand(index)
        return Parameters(list(self.entries.values()), list(self.reference.values()), self.pinned)

    def align(self):
        """Equal parameters on both sides of movers, as quantizers give them."""
        for one, other in self.graph.pairs * 2:  # twice: what a later one widened
            if one in self.types and other in self.types:
                self.types[one] = self.types[other]
                self.ranges[one] = self.ranges[other] = (
                    min(self.ranges[one][0], self.ranges[other][0]),
                    max(self.ranges[one][1], self.ranges[other][1]))

    def pin(self, index):
        self.pinned.append(self.graph.names[index])

    def add(self, index, dtype, scale_and_zerop, axis=0):
        if len(scale_and_zerop[0]) == 1 and self.graph.shapes[index] and self.chance(0.1):
            axis = int(self.rng.integers(len(self.graph.shapes[index])))  # any will do
        entry = param_set.Entry(self.graph.names[index], dtype, *scale_and_zerop, axis)
        self.entries[index] = self.reference[index] = entry
        return entry

    def value(self, entry, array):
        """Integers of the array, some moved by training; None: q-implant has to make them."""
        if self.chance(0.5):
            return None
        integers = fake_quant.quantize(array, entry, narrow=entry.dtype != "uint8")
        storage = circle_builder.numpy_type(entry.dtype)
        if entry.dtype != "int4":
            limits = np.iinfo(storage)
            integers += self.rng.integers(-1, 2, integers.shape)
            integers = np.clip(integers, limits.min + (limits.min < 0), limits.max)
        return integers.astype(storage)

    def choose_weights(self, layer):
        if not self.chance(self.share):
            if self.chance(0.05):
                self.pin(layer.weights)
            return
        array = self.graph.arrays[layer.weights]
        dtype = {"uint8": "uint8", "int8": "int8", "int16": "int8"}[self.types[layer.data]]
        if self.chance(0.06):
            dtype = self.choice("uint8", "int8", "int4")
        axis = layer.axis if self.chance(0.6 if dtype != "uint8" else 0.05) else None
        if dtype == "uint8":
            chosen = self.asymmetric_weights(array, axis)
        else:
            chosen = symmetric(dtype, array, axis)
        entry = self.add(layer.weights, dtype, chosen, axis or 0)
        entry.value = self.value(entry, array)
        if layer.moved is not None and layer.moved.widened:
            self.reference[layer.weights] = dataclasses.replace(
                entry, name=self.graph.names[layer.moved.index])
        if layer.moved is not None and self.chance(0.5):
            self.annotate_moved(layer, entry)

    @staticmethod
    def asymmetric_weights(array, axis):
        if axis is None:
            return per_tensor("uint8", array.min(), array.max())
        channels = [per_tensor("uint8", c.min(), c.max()) for c in np.moveaxis(array, axis, 0)]
        return tuple(np.concatenate(column) for column in zip(*channels))

    def annotate_moved(self, layer, entry):
        """The annotation stands at what the mover makes of the weights, not at them."""
        moved, value = layer.moved, entry.value
        if value is not None:
            value = self.graph.move(layer, value)
        axis = moved.axis if len(entry.scale) > 1 else 0
        del self.entries[layer.weights]
        self.entries[moved.index] = dataclasses.replace(
            entry, name=self.graph.names[moved.index], axis=axis, value=value)

    def choose_bias(self, layer):
        """A bias is annotated only where data and weights are: its scale is their product."""
        weights = self.reference.get(layer.weights)
        data = self.entries.get(layer.data)
        if weights is None or data is None or not self.chance(0.5 * self.share):
            return
        array = self.graph.arrays[layer.bias]
        if len(weights.scale) not in (1, array.size):
            return
        scale = (data.scale * weights.scale).astype(np.float32)
        if self.chance(0.1):
            scale = scale * np.float32(self.choice(0.5, 3))  # kernels would ignore it
        dtype = "int64" if data.dtype == "int16" else "int32"
        entry = self.add(layer.bias, dtype, (scale, np.zeros(len(scale), np.int64)))
        if self.chance(0.5):
            entry.value = fake_quant.quantize(array, entry).astype(dtype)

    def choose_operand(self, index):
        array = self.graph.constants[index]
        dtype = self.choice(*set(self.types.values()))
        if dtype == "int8" and array.ndim and self.chance(0.1):
            axis = array.ndim - 1
            entry = self.add(index, dtype, symmetric(dtype, array, axis), axis)
        else:
            entry = self.add(index, dtype, per_tensor(dtype, array.min(), array.max()))
        if self.chance(0.3):
            entry.value = self.value(entry, array)


def main():
    seed, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    graph = random_graph(seed)
    random_parameters(graph, seed).write(folder)
    (folder / "model.circle").write_bytes(graph.model)


if __name__ == "__main__":
    main()
