# SPDX-License-Identifier: Apache-2.0
"""The operators that upstream ONE tests its q-implant with: CASES, one float32 model for each.

Operators, shapes and options are those of ONE's res/TensorFlowLiteRecipes/NAME/test.recipe; the
constants are random numbers of our own. README.md says which of the recipes could be read.
"""

import dataclasses
import functools
import math
from collections.abc import Callable

import numpy as np
import reference
from cases import Control, Data, fused_code, random_for
from testdata_path import circle_builder

_PADDING = circle_builder.circle.Padding.Padding


@dataclasses.dataclass(frozen=True)
class Weights(Data):
    """Weights with their channels along `axis`."""

    axis: int = 0


@dataclasses.dataclass(frozen=True)
class Bias(Data):
    """A constant of rank 1 that is added to the accumulator."""

    constant: bool = True


@dataclasses.dataclass(frozen=True)
class UpstreamCase:
    """One operator, its output named "ofm"."""

    name: str
    op: str
    inputs: dict  # tensor name -> Data, Weights, Bias or Control, in order; None: an input -1
    shape: tuple  # of the output
    fn: Callable  # the real numbers of all inputs but Controls, in order -> the output's
    options: str
    fields: dict
    fused: str = "NONE"
    version: int = 1
    also_inputs: tuple = ()  # names of constants that the graph has among its inputs as well

    def slots(self, *kinds):
        """{name: input} of those that are of these kinds."""
        return {n: s for n, s in self.inputs.items() if isinstance(s, kinds or Data)}

    def fed(self):
        """The names of the graph's inputs."""
        return [n for n, s in self.slots().items() if not s.constant or n in self.also_inputs]

    def weights(self):
        """The name of the weights, or None."""
        return next(iter(self.slots(Weights)), None)

    def channels(self):
        """How many scales weights have that have one for each channel; 1 without weights."""
        return next((s.shape[s.axis] for s in self.slots(Weights).values()), 1)


def constants_of(case):
    """{name: float32 array} of the case's constants, the same at each call."""
    rng = random_for(case.name)
    found = {}
    for name, slot in case.slots().items():
        if not slot.constant:
            continue
        values = rng.uniform(slot.low, slot.high, slot.shape)
        if isinstance(slot, (Weights, Bias)):  # none is next to 0
            values = np.copysign(0.3 + np.abs(values), values)
        if isinstance(slot, Weights):  # each channel has a reach of its own
            shape = [-1 if i == slot.axis else 1 for i in range(len(slot.shape))]
            values *= np.linspace(1.0, 0.3, slot.shape[slot.axis]).reshape(shape)
        found[name] = values.astype(np.float32)
    return found


def float_model(case):
    """The bytes of the float32 model."""
    constants = constants_of(case)
    b = circle_builder.CircleBuilder()
    index = {}
    for name, slot in case.inputs.items():
        if slot is None:
            index[name] = -1
        elif isinstance(slot, Control):
            index[name] = b.add_constant(name, np.asarray(slot.values), slot.type)
        elif slot.constant:
            index[name] = b.add_constant(name, constants[name])
        else:
            index[name] = b.add_tensor(name, slot.shape)
    out = b.add_tensor("ofm", case.shape)
    fields = dict(case.fields)
    if case.fused != "NONE":
        fields["fusedActivationFunction"] = fused_code(case.fused)
    b.add_operator(case.op, index.values(), [out], case.options, version=case.version, **fields)
    b.set_io([index[name] for name in case.fed()], [out])
    return b.finish()


def run(case, arrays):
    """The output, as real numbers, of one sample: {name: real numbers} of all data inputs."""
    y = case.fn(*[arrays[name] for name in case.slots()])
    return reference.FUSED[case.fused](y)


# --- what the layers compute, on the kernels of reference.py


def _dilated(w, dilation):
    """OHWI weights with zeros between their taps."""
    sizes = [(size - 1) * by + 1 for size, by in zip(w.shape[1:3], dilation)]
    wide = np.zeros((w.shape[0], *sizes, w.shape[3]))
    wide[:, ::dilation[0], ::dilation[1]] = w
    return wide


def _layer(kernel, stride, dilation, padding, x, w, b=0.0):
    """stride, dilation: along height and width."""
    w = _dilated(w, dilation)
    if padding == "SAME":
        return kernel(x, w, b, stride[0], padding)  # both strides are equal
    return kernel(x, w, b, 1, padding)[:, ::stride[0], ::stride[1]]


def _depthwise(multiplier, x, w, b, stride, padding):
    """Output channel i reads input channel i // multiplier."""
    return reference.depthwise_conv_2d(np.repeat(x, multiplier, -1), w, b, stride, padding)


# --- the rows


def _conv(name, x, w, y, padding="VALID", stride=(1, 1), dilation=(1, 1), *, bias=True, **more):
    fn = functools.partial(_layer, reference.conv_2d, stride, dilation, padding)
    return _layer_case(name, "CONV_2D", x, Weights(w, -0.5, 0.5, True), y, padding, stride,
                       dilation, fn, bias=bias, **more)


def _depthwise_conv(name, x, w, y, padding="VALID", stride=(1, 1), dilation=(1, 1), *,
                    multiplier=1, constant=False, **more):
    kernel = functools.partial(_depthwise, multiplier)
    fn = functools.partial(_layer, kernel, stride, dilation, padding)
    weights = Weights(w, -0.5, 0.5, constant, axis=3)
    return _layer_case(name, "DEPTHWISE_CONV_2D", x, weights, y, padding, stride, dilation, fn,
                       fields={"depthMultiplier": multiplier}, **more)


def _layer_case(name, op, x, w, y, padding, stride, dilation, fn, *, bias=True, fused="NONE",
                fields=None, **more):
    reach = {"NONE": 1, "RELU": 3, "RELU6": 12}[fused]  # so that the bounds are met
    options = "Conv2DOptions" if op == "CONV_2D" else "DepthwiseConv2DOptions"
    inputs = {"ifm": Data(x, -0.9 * reach, 1.2 * reach), "ker": w,
              "bias": Bias((y[-1],), -0.3, 0.3) if bias else None}
    fields = {"padding": getattr(_PADDING, padding), "strideH": stride[0], "strideW": stride[1],
              "dilationHFactor": dilation[0], "dilationWFactor": dilation[1], **(fields or {})}
    return UpstreamCase(name, op, inputs, y, fn, options, fields, fused, **more)


def _pool(name, op, fn):
    fields = {"padding": _PADDING.VALID, "strideH": 1, "strideW": 1, "filterHeight": 2,
              "filterWidth": 2}
    return UpstreamCase(name, op, {"ifm": Data((1, 8, 8, 1), -1.0, 1.4)}, (1, 7, 7, 1),
                        functools.partial(fn, stride=1), "Pool2DOptions", fields)


def _elementwise(name, op, fn, shape, constant=False):
    inputs = {"ifm1": Data(shape, -1.0, 1.3), "ifm2": Data(shape, -0.7, 1.9, constant)}
    return UpstreamCase(name, op, inputs, shape, fn, f"{op.capitalize()}Options", {})


def _from_one(name, op, x, y, fn, options, fields, low=-1.0, high=1.4, **controls):
    return UpstreamCase(name, op, {"ifm": Data(x, low, high), **controls}, y, fn, options, fields)


_IMAGE = (1, 4, 4, 3)
_SMALL_IMAGE = (1, 2, 2, 3)
_PADS = [[0, 0], [1, 1], [2, 2], [0, 0]]

CASES = (
    _conv("Conv2D_000", (1, 3, 3, 2), (1, 1, 1, 2), (1, 3, 3, 1)),
    _conv("Conv2D_001", (1, 3, 3, 2), (1, 1, 1, 2), (1, 3, 3, 1), also_inputs=("ker",)),
    _conv("Conv2D_002", (1, 4, 4, 1), (1, 1, 1, 1), (1, 2, 2, 1), "SAME", (2, 2), fused="RELU"),
    _conv("Conv2D_003", (1, 64, 64, 1), (1, 3, 3, 1), (1, 60, 60, 1), dilation=(2, 2),
          fused="RELU"),
    _conv("Conv2D_004", (1, 4, 3, 2), (2, 2, 2, 2), (1, 2, 2, 2), stride=(2, 1), fused="RELU"),
    _conv("Conv2D_005", (1, 3, 3, 2), (1, 1, 1, 2), (1, 3, 3, 1), bias=False),
    _depthwise_conv("DepthwiseConv2D_000", (1, 64, 64, 8), (1, 3, 3, 8), (1, 64, 64, 8), "SAME",
                    fused="RELU6"),
    _depthwise_conv("DepthwiseConv2D_001", (1, 64, 64, 8), (1, 3, 3, 8), (1, 64, 64, 8), "SAME",
                    fused="RELU6"),
    _depthwise_conv("DepthwiseConv2D_002", (1, 4, 2, 2), (1, 2, 2, 4), (1, 2, 1, 4),
                    stride=(2, 1), multiplier=2, fused="RELU", constant=True),
    _depthwise_conv("DepthwiseConv2D_003", (1, 4, 5, 5), (1, 1, 2, 25), (1, 2, 2, 25),
                    stride=(2, 2), dilation=(1, 2), multiplier=5, fused="RELU6", version=2),
    _elementwise("Add_000", "ADD", np.add, _IMAGE),
    _elementwise("Add_001", "ADD", np.add, (1, 0, 1), constant=True),
    _elementwise("Add_002", "ADD", np.add, _SMALL_IMAGE, constant=True),
    _elementwise("Mul_000", "MUL", np.multiply, _IMAGE),
    _elementwise("Mul_001", "MUL", np.multiply, _SMALL_IMAGE, constant=True),
    _pool("AveragePool2D_000", "AVERAGE_POOL_2D", reference.average_pool),
    _pool("MaxPool2D_000", "MAX_POOL_2D", reference.max_pool),
    UpstreamCase("Concatenation_000", "CONCATENATION",
                 {"ifm1": Data((1, 4, 4, 1), -1.0, 1.0), "ifm2": Data((1, 4, 4, 2), -0.7, 1.9)},
                 (1, 4, 4, 3), lambda *x: np.concatenate(x, 3), "ConcatenationOptions",
                 {"axis": 3}),
    _from_one("Mean_000", "MEAN", (1, 8, 8, 4), (1, 1, 1, 4),
              lambda x: np.mean(x, (1, 2), keepdims=True), "ReducerOptions", {"keepDims": True},
              reduction_indices=Control([1, 2])),
    _from_one("Pad_000", "PAD", (1, 3, 3, 2), (1, 5, 7, 2), lambda x: np.pad(x, _PADS),
              "PadOptions", {}, padding=Control(_PADS)),
    _from_one("Reshape_000", "RESHAPE", (1, 3, 3, 1), (1, 3, 3, 1), lambda x: x,
              "ReshapeOptions", {"newShape": [1, 3, 3, 1]}),
    # Of 1001 outputs a few are more than a step of 8 bits; a wider range is too much for LiteRT's
    # int16 kernel.
    _from_one("Softmax_000", "SOFTMAX", (1, 1001), (1, 1001), reference.softmax,
              "SoftmaxOptions", {"beta": 1.0}, low=-20.0, high=4.0),
)


def _twin(case, what, name, slot):
    return dataclasses.replace(case, name=f"{case.name}, {what}",
                               inputs={**case.inputs, name: slot})


def _twins():
    for case in CASES:
        weights = case.inputs.get("ker")
        # DepthwiseConv2D_001 is _000 again, with its dilation of 1 written down.
        if weights and not weights.constant and case.name != "DepthwiseConv2D_001":
            constant = dataclasses.replace(weights, constant=True)
            yield _twin(case, "constant weights", "ker", constant)
        if case.op == "RESHAPE":
            yield _twin(case, "shape input", "shape", Control(case.shape))


# Upstream's recipes of some have the weights among the graph's inputs, where no scales per channel
# can be, and a Reshape without a shape input, which onert refuses: these are what models have.
TWINS = tuple(_twins())


def sample_count(case):
    """How many samples to run: fewer of the large ones."""
    return 16 if math.prod(case.shape) < 2000 else 2
