# SPDX-License-Identifier: Apache-2.0
"""Cases of the operators that have weights: integer, hybrid, and weights behind a Dequantize."""

import dataclasses
from collections.abc import Callable

import numpy as np
import reference
from cases import SAMPLES, Case, Params, fused_code, params_for, random_for
from testdata_path import circle_builder


@dataclasses.dataclass(frozen=True)
class Layer:
    """An operator with weights. order: places of x, weights and bias among the inputs."""

    op: str
    x_shape: tuple
    w_shape: tuple
    axis: int  # of the output channels in the weights
    fn: Callable  # x, w, b -> y
    options: str | None
    fields: dict
    has_bias: bool = True
    order: str = "xwb"  # "s": the shape of the output
    shape_input: tuple = ()
    x_limit: int | None = None  # x holds indices below it
    name: str | None = None  # in LAYERS; the operator's unless given


def _conv_fields(**more):
    padding = circle_builder.circle.Padding.Padding.SAME
    return {"padding": padding, "strideW": 1, "strideH": 1, **more}


LAYERS = {
    layer.name or layer.op: layer
    for layer in (
        Layer("FULLY_CONNECTED", (3, 16), (8, 16), 0, lambda x, w, b: x @ w.T + b,
              "FullyConnectedOptions", {}),
        Layer("FULLY_CONNECTED", (2, 3, 16), (8, 16), 0, lambda x, w, b: x @ w.T + b,
              "FullyConnectedOptions", {"keepNumDims": True}, name="FULLY_CONNECTED 3-D"),
        Layer("CONV_2D", (1, 6, 6, 8), (8, 3, 3, 8), 0, reference.conv_2d, "Conv2DOptions",
              _conv_fields(dilationWFactor=1, dilationHFactor=1)),
        Layer("CONV_2D", (1, 6, 6, 8), (8, 3, 3, 4), 0, reference.conv_2d_in_groups,
              "Conv2DOptions", _conv_fields(dilationWFactor=1, dilationHFactor=1),
              name="CONV_2D groups"),
        Layer("DEPTHWISE_CONV_2D", (1, 6, 6, 8), (1, 3, 3, 8), 3, reference.depthwise_conv_2d,
              "DepthwiseConv2DOptions",
              _conv_fields(dilationWFactor=1, dilationHFactor=1, depthMultiplier=1)),
        Layer("TRANSPOSE_CONV", (1, 4, 4, 8), (8, 3, 3, 8), 0, reference.transpose_conv,
              "TransposeConvOptions", _conv_fields(strideW=2, strideH=2), order="swxb",
              shape_input=(1, 8, 8, 8)),
        Layer("BATCH_MATMUL", (2, 4, 8), (2, 8, 6), 2, lambda x, w, b: x @ w,
              "BatchMatMulOptions", {}, has_bias=False),
        Layer("EMBEDDING_LOOKUP", (5,), (7, 6), 0, lambda x, w, b: w[x], None, {}, has_bias=False,
              x_limit=7),
        Layer("GATHER", (5,), (7, 6), 0, lambda x, w, b: w[x], "GatherOptions", {"axis": 0},
              has_bias=False, order="wx", x_limit=7),
    )
}


@dataclasses.dataclass(frozen=True)
class Weights:
    """Integer weights, with a scale per channel or one; or float32 ones."""

    type: str
    per_channel: bool
    integers: np.ndarray
    scale: np.ndarray
    zero_point: int
    axis: int

    def real(self):
        if self.type == "float32":
            return self.integers.astype(np.float64)
        shape = [1] * self.integers.ndim
        shape[self.axis] = -1
        return (self.integers.astype(np.float64) - self.zero_point) * np.float64(
            self.scale.reshape(shape))

    def stored(self):
        if self.type == "float32":
            return None
        axis = self.axis if self.per_channel else 0
        return circle_builder.quantization(self.scale, self.zero_point, axis)


def make_weights(rng, shape, axis, type_, per_channel, zero_point=None):
    """Random weights of real values in about [-1, 1]; signed ones have zero point 0 unless told."""
    if type_ == "float32":
        values = rng.uniform(-0.8, 0.8, shape).astype(np.float32)
        return Weights(type_, False, values, np.ones(1, np.float32), 0, axis)
    low, high = {"int4": (-7, 7), "int8": (-127, 127), "int16": (-32767, 32767), "uint4": (0, 15),
                 "uint8": (0, 255)}[type_]
    if zero_point is None:
        zero_point = {"uint8": 118, "uint4": 7}.get(type_, 0)
    channels = shape[axis] if per_channel else 1
    reach = np.linspace(0.3, 1.0, channels) if per_channel else np.array([0.8])
    scale = (reach / max(high - zero_point, zero_point - low)).astype(np.float32)
    integers = rng.integers(low, high + 1, shape).astype(circle_builder.numpy_type(type_))
    return Weights(type_, per_channel, integers, scale, zero_point, axis)


def variant_of(layer, weights, per_channel, bias, *more):
    """The name of a variant: "int8 per_channel weights, int32 bias"."""
    first = f"{weights} {'per_channel' if per_channel else 'per_tensor'} weights"
    second = [f"{bias} bias" if bias else "no bias"] if layer.has_bias else []
    return ", ".join([first, *second, *[note for note in more if note]])


def _run(layer, xs, w, b):
    return np.stack([layer.fn(x, w, b) for x in xs])


def integer_case(op, type_, sides="different", *, weights, per_channel=False, bias=None,
                 fused="NONE", out_type=None, bias_scale=1.0, bias_zero=0.0, zero_point=None,
                 fields=None, note=None, absent_bias=False):
    """A layer computing in integers. op: a Layer, or its name in LAYERS.

    bias_scale: its own scale over the one that kernels use. bias_zero: the real number that its
    integer 0 should stand for. absent_bias: an input -1 rather than no third input.
    """
    layer = op if isinstance(op, Layer) else LAYERS[op]
    variant = variant_of(layer, weights, per_channel, bias, note,
                         f"fused {fused}" if fused != "NONE" else None,
                         f"{out_type} output" if out_type else None)
    rng = random_for(layer.name or layer.op, type_, sides, variant)
    w = make_weights(rng, layer.w_shape, layer.axis, weights, per_channel, zero_point)
    x_real = rng.uniform(-0.9, 1.2, (SAMPLES, *layer.x_shape)) * (6 if fused == "RELU6" else 1)
    b_real = rng.uniform(-1, 1, layer.w_shape[layer.axis]) * (1 if bias else 0)
    y = _run(layer, x_real, w.real(), b_real)

    if sides == "equal":
        reach = (min(x_real.min(), y.min()), max(x_real.max(), y.max()))
        x_params, y_params = params_for(type_, *reach), params_for(out_type or type_, *reach)
    else:
        x_params = params_for(type_, x_real.min(), x_real.max())
        y_params = params_for(out_type or type_, y.min(), y.max(), 1)
    x = x_params.quantize(x_real)
    accumulator = _Bias(bias, b_real, x_params.scale * w.scale * np.float32(bias_scale), bias_zero)
    return assemble(layer, (layer.op, type_, sides, variant), x, x_params, w, accumulator, y_params,
                    fused, fields, absent_bias)


@dataclasses.dataclass(frozen=True)
class _Bias:
    """type: None for no bias. zero: the real number that its integer 0 should stand for."""

    type: str | None
    real: np.ndarray
    scale: np.ndarray
    zero: float = 0.0


def bias_of(type_, real, scale):
    """A bias of real numbers, or type None: none."""
    return _Bias(type_, real, scale)


def assemble(layer, key, x, x_params, w, bias, y_params, fused="NONE", fields=None,
             absent_bias=False):
    """The Case of a key: x are integers, w a Weights."""
    builder = circle_builder.CircleBuilder()
    b_index, b_exact = -1, 0.0
    if bias.type:
        b_index, b_exact = _add_bias(builder, bias.real, bias.type, bias.scale, bias.zero)
    real = _run(layer, x_params.dequantize(x), w.real(), b_exact)
    expected = y_params.quantize(reference.FUSED[fused](real))

    slots = {"x": builder.add_tensor("x", layer.x_shape, x_params.type, x_params.stored()),
             "w": builder.add_constant("w", w.integers, w.type, w.stored()), "b": b_index}
    if layer.shape_input:
        slots["s"] = builder.add_constant("s", np.asarray(layer.shape_input, np.int32))
    out = builder.add_tensor("y", expected.shape[1:], y_params.type, y_params.stored())
    _add(builder, layer, slots, out, fused, fields, absent_bias)
    builder.set_io([slots["x"]], [out])
    return Case(*key, builder.finish(), [x], [expected], ["steps"], [None])


def _add_bias(builder, real, type_, scale, zero_real):
    """The tensor's index and the real numbers that its integers stand for."""
    zero = int(np.rint(-zero_real / scale[0]))
    integers = np.rint(real / scale).astype(np.int64) + zero
    return (builder.add_constant("b", integers, type_, (scale, zero)),
            (integers - zero) * np.float64(scale))


def hybrid_case(op, *, weights, per_channel=False, bias=False, zero_point=None, fields=None,
                note=None, dequantized=False, absent_bias=False):
    """A float32 layer with integer (or float32) weights, fed directly or through a Dequantize."""
    layer = op if isinstance(op, Layer) else LAYERS[op]
    variant = variant_of(layer, weights, per_channel, "float32" if bias else None, note)
    rng = random_for(layer.name or layer.op, dequantized, variant)
    w = make_weights(rng, layer.w_shape, layer.axis, weights, per_channel, zero_point)
    shape = (SAMPLES, *layer.x_shape)
    if layer.x_limit:
        x = rng.integers(0, layer.x_limit, shape).astype(np.int32)
    else:
        x = rng.uniform(-0.9, 1.2, shape).astype(np.float32)
    b = rng.uniform(-1, 1, layer.w_shape[layer.axis]).astype(np.float32)
    expected = _run(layer, x if layer.x_limit else x.astype(np.float64), w.real(),
                    b.astype(np.float64) if bias else 0.0)

    builder = circle_builder.CircleBuilder()
    slots = {"x": builder.add_tensor("x", layer.x_shape, x.dtype.name),
             "w": builder.add_constant("w", w.integers, weights, w.stored()),
             "b": builder.add_constant("b", b) if bias else -1}
    if dequantized:
        integer, slots["w"] = slots["w"], builder.add_tensor("w_dequant", layer.w_shape)
        builder.add_operator("DEQUANTIZE", [integer], [slots["w"]], "DequantizeOptions", version=2)
    if layer.shape_input:
        slots["s"] = builder.add_constant("s", np.asarray(layer.shape_input, np.int32))
    out = builder.add_tensor("y", expected.shape[1:])
    _add(builder, layer, slots, out, "NONE", fields, absent_bias)
    builder.set_io([slots["x"]], [out])
    type_, sides, how = "float32", "hybrid", "hybrid"
    op = layer.op
    if dequantized:
        op, type_, sides, how = "DEQUANTIZE", f"{weights} to float32", "", "float"
        variant += f" of a float32 {layer.op}"
    elif weights == "float32":
        sides, how = "", "float"
        variant = variant.removeprefix("float32 per_tensor weights").removeprefix(", ")
    return Case(op, type_, sides, variant, builder.finish(), [x], [expected], [how], [None])


def _add(builder, layer, slots, out, fused, fields, absent_bias):
    fields = {**layer.fields, **(fields or {})}
    if fused != "NONE":
        fields["fusedActivationFunction"] = fused_code(fused)
    has_third = layer.has_bias and (slots["b"] >= 0 or absent_bias)
    inputs = [slots[letter] for letter in layer.order if letter != "b" or has_third]
    builder.add_operator(layer.op, inputs, [out], layer.options, **fields)
