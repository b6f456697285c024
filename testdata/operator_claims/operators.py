# SPDX-License-Identifier: Apache-2.0
"""Every case that is measured: all_cases()."""

import dataclasses
import itertools

import numpy as np
import reference as ref
from cases import SAMPLES, Case, Choice, Control, Data, Params, Spec, build, params_for, random_for
from layers import hybrid_case, integer_case, make_weights
from recurrent import recurrent_cases
from testdata_path import circle_builder

TYPES = ("uint8", "int8", "int16")
_IMAGE = (1, 4, 4, 8)
_MIRROR_REFLECT = 0
_FUSABLE = ("ADD", "SUB", "MUL", "DIV", "AVERAGE_POOL_2D", "MAX_POOL_2D", "CONCATENATION")

# What ir/operators/fixed_output.cc holds, and the other value in use where there is one.
_FIXED = {
    "SOFTMAX": {"uint8": (1 / 255, 0), "int8": (1 / 256, -128), "int16": (1 / 32767, 0)},
    "LOGISTIC": {"uint8": (1 / 256, 0), "int8": (1 / 256, -128), "int16": (1 / 32768, 0)},
    "TANH": {"uint8": (2 / 256, 128), "int8": (1 / 128, 0), "int16": (1 / 32768, 0)},
    "LOG_SOFTMAX": {"uint8": (16 / 256, 255), "int8": (16 / 256, 127)},
    "L2_NORMALIZATION": {"uint8": (1 / 128, 128), "int8": (1 / 128, 0)},
}
OTHER_FIXED = {
    "SOFTMAX": {"uint8": ("1/256", 1 / 256, 0), "int8": ("1/255", 1 / 255, -128),
                "int16": ("1/32768", 1 / 32768, 0)},
    "LOGISTIC": {"uint8": ("1/255", 1 / 255, 0), "int8": ("1/255", 1 / 255, -128),
                 "int16": ("1/32767", 1 / 32767, 0)},
    "TANH": {"int16": ("1/32767", 1 / 32767, 0)},
}


def _unary(op, fn, low, high, options=None, shape=_IMAGE, **more):
    return Spec(op, fn, (Data(shape, low, high),), options, **more)


def _binary(op, fn, options=None, first=(-1.0, 1.3), second=(-0.7, 1.9), **more):
    return Spec(op, fn, (Data(_IMAGE, *first), Data(_IMAGE, *second)), options, **more)


def _mover(op, fn, *controls, options=None, shape=_IMAGE, **more):
    return Spec(op, fn, (Data(shape), *controls), options, **more)


def _reduce(op, fn, low=-1.0, high=1.0, axes=(1, 2), shape=_IMAGE, keep=True):
    return Spec(op, lambda x: fn(x, axis=axes, keepdims=keep), (Data(shape, low, high),
                                                                Control(list(axes))),
                "ReducerOptions", {"keepDims": keep})


def _comparison(op, fn, options):

    def near(a, b, step):
        return np.abs(a - b) <= step

    return _binary(op, fn, options, outputs=("bool",), near=near)


def _pool(padding="VALID"):
    return {"padding": getattr(circle_builder.circle.Padding.Padding, padding), "strideW": 2,
            "strideH": 2, "filterWidth": 2, "filterHeight": 2}


def top(x, k=3):
    order = np.argsort(-x, axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(x, order, -1), order


def _gather_nd(x):
    return x[[0, 2], [1, 3]]


def _update(x, part):
    out = x.copy()
    out[1:3, 2:5] = part
    return out


_PADS = [[0, 0], [1, 2], [0, 1], [0, 0]]
_PADS_5 = [[0, 0], [1, 0], [0, 1], [1, 1], [0, 0]]
_ROW = (4, 8)

SPECS = (
    # Compute.
    _binary("ADD", np.add, "AddOptions"),
    _binary("SUB", np.subtract, "SubOptions"),
    _binary("MUL", np.multiply, "MulOptions"),
    # Large, since LiteRT's 8-bit kernel fails only where the quotient is next to 0.
    Spec("DIV", np.divide, (Data((1, 8, 8, 16), -1.0, 1.3), Data((1, 8, 8, 16), 0.5, 2.5)),
         "DivOptions"),
    _binary("SQUARED_DIFFERENCE", lambda x, y: (x - y)**2, "SquaredDifferenceOptions"),
    _unary("AVERAGE_POOL_2D", ref.average_pool, -1, 1.4, "Pool2DOptions", fields=_pool()),
    _unary("L2_POOL_2D", ref.l2_pool, -1, 1.4, "Pool2DOptions", fields=_pool()),
    _unary("SOFTMAX", ref.softmax, -4, 4, "SoftmaxOptions", (2, 10), fields={"beta": 1.0},
           fixed=_FIXED["SOFTMAX"]),
    _unary("LOG_SOFTMAX", ref.log_softmax, -4, 4, "LogSoftmaxOptions", (2, 10),
           fixed=_FIXED["LOG_SOFTMAX"]),
    _unary("LOGISTIC", ref.logistic, -6, 6, fixed=_FIXED["LOGISTIC"]),
    _unary("TANH", np.tanh, -3, 3, fixed=_FIXED["TANH"]),
    _unary("L2_NORMALIZATION", ref.l2_normalization, -1, 1.5, "L2NormOptions", (3, 8),
           fixed=_FIXED["L2_NORMALIZATION"]),
    _unary("EXP", np.exp, -3, 1.5, "ExpOptions"),
    _unary("LOG", np.log, 0.2, 5),
    _unary("SQRT", np.sqrt, 0.1, 5),
    _unary("RSQRT", lambda x: 1 / np.sqrt(x), 0.3, 5),
    _unary("SQUARE", np.square, -1.5, 1.2, "SquareOptions"),
    _unary("ABS", np.abs, -1.5, 1.2, "AbsOptions"),
    _unary("NEG", np.negative, -1.5, 1.2, "NegOptions"),
    _unary("SIN", np.sin, -3, 3),
    _unary("COS", np.cos, -3, 3, "CosOptions"),
    _unary("FLOOR", np.floor, -3, 3),
    _unary("CEIL", np.ceil, -3, 3),
    _unary("ROUND", np.rint, -3, 3),
    _unary("SIGN", np.sign, -3, 3, "SignOptions"),
    _unary("ELU", ref.elu, -4, 3),
    _unary("GELU", ref.gelu, -4, 3, "GeluOptions"),
    _unary("HARD_SWISH", ref.hard_swish, -5, 5, "HardSwishOptions"),
    _unary("LEAKY_RELU", lambda x: ref.leaky_relu(x, 0.1), -4, 3, "LeakyReluOptions",
           fields={"alpha": 0.1}),
    Spec("PRELU", lambda x, a: np.where(x > 0, x, x * a),
         (Data(_IMAGE, -4, 3), Data((1, 1, 8), 0.05, 0.6, constant=True))),
    Spec("POW", lambda x, y: np.abs(x)**y, (Data(_IMAGE, 0.2, 2), Data(_IMAGE, 0.5, 2)),
         "PowOptions"),
    _binary("FLOOR_DIV", lambda x, y: np.floor(x / y), "FloorDivOptions", (-5, 7), (0.5, 2.5)),
    Spec("ADD_N", lambda x, y, z: x + y + z, (Data(_IMAGE), Data(_IMAGE, -0.7, 1.9),
                                              Data(_IMAGE, -2, 0.4)), "AddNOptions"),
    Spec("CUMSUM", lambda x: np.cumsum(x, -1), (Data(_IMAGE), Control(-1)), "CumsumOptions"),
    Spec("BATCH_MATMUL", np.matmul, (Data((2, 4, 8)), Data((2, 8, 6), -0.7, 1.9)),
         "BatchMatMulOptions"),
    _reduce("MEAN", np.mean, -1, 1.4),
    _reduce("SUM", np.sum, -1, 1.4),
    _reduce("REDUCE_PROD", np.prod, 0.6, 1.5, axes=(3,)),
    Spec("RESIZE_BILINEAR", lambda x: ref.resize_bilinear(x, 7, 8), (Data(_IMAGE),
                                                                    Control([7, 8])),
         "ResizeBilinearOptions", {"halfPixelCenters": True}),
    _comparison("LESS", np.less, "LessOptions"),
    _comparison("LESS_EQUAL", np.less_equal, "LessEqualOptions"),
    _comparison("GREATER", np.greater, "GreaterOptions"),
    _comparison("GREATER_EQUAL", np.greater_equal, "GreaterEqualOptions"),
    _comparison("EQUAL", np.equal, "EqualOptions"),
    _comparison("NOT_EQUAL", np.not_equal, "NotEqualOptions"),
    Spec("ARG_MAX", lambda x: np.argmax(x, -1), (Data((3, 4, 8), distinct=True), Control(2)),
         "ArgMaxOptions", {"outputType": circle_builder.tensor_type("int32")}, ("int32",)),
    Spec("ARG_MIN", lambda x: np.argmin(x, -1), (Data((3, 4, 8), distinct=True), Control(2)),
         "ArgMinOptions", {"outputType": circle_builder.tensor_type("int32")}, ("int32",)),
    # Clamps.
    _unary("RELU", lambda x: np.maximum(x, 0), -4, 8),
    _unary("RELU6", lambda x: np.clip(x, 0, 6), -4, 8),
    _unary("RELU_N1_TO_1", lambda x: np.clip(x, -1, 1), -2, 3),
    _unary("RELU_0_TO_1", lambda x: np.clip(x, 0, 1), -2, 3),
    # Movers.
    _unary("MAX_POOL_2D", ref.max_pool, -1, 1.4, "Pool2DOptions", fields=_pool()),
    _unary("DEPTH_TO_SPACE", ref.depth_to_space, -1, 1, "DepthToSpaceOptions",
           fields={"blockSize": 2}),
    _unary("SPACE_TO_DEPTH", ref.space_to_depth, -1, 1, "SpaceToDepthOptions",
           fields={"blockSize": 2}),
    Spec("CONCATENATION", lambda *x: np.concatenate(x, -1), (Data(_IMAGE), Data(_IMAGE, -0.7, 1.9),
                                                            Data((1, 4, 4, 3), -2, 0.4)),
         "ConcatenationOptions", {"axis": 3}),
    Spec("PACK", lambda *x: np.stack(x, 1), (Data(_ROW), Data(_ROW, -0.7, 1.9)), "PackOptions",
         {"axis": 1, "valuesCount": 2}),
    Spec("UNPACK", lambda x: tuple(x[:, i] for i in range(2)), (Data((3, 2, 5)),), "UnpackOptions",
         {"axis": 1, "num": 2}, ("data", "data")),
    Spec("SPLIT", lambda x: np.split(x, 2, 3), (Control(3), Data(_IMAGE)), "SplitOptions",
         {"numSplits": 2}, ("data", "data")),
    Spec("SPLIT_V", lambda x: np.split(x, [3], 3), (Data(_IMAGE), Control([3, 5]), Control(3)),
         "SplitVOptions", {"numSplits": 2}, ("data", "data")),
    _mover("RESHAPE", lambda x: x.reshape(1, 16, 8), Control([1, 16, 8]), options="ReshapeOptions",
           fields={"newShape": [1, 16, 8]}),
    _unary("SQUEEZE", lambda x: x[0], -1, 1, "SqueezeOptions", fields={"squeezeDims": [0]}),
    _mover("EXPAND_DIMS", lambda x: x[:, None], Control(1), options="ExpandDimsOptions",
           shape=_ROW),
    _mover("TRANSPOSE", lambda x: x.transpose(0, 3, 1, 2), Control([0, 3, 1, 2]),
           options="TransposeOptions"),
    _mover("PAD", lambda x: np.pad(x, _PADS), Control(_PADS), options="PadOptions"),
    Spec("PADV2", lambda x, v: np.pad(x, _PADS, constant_values=v),
         (Data(_IMAGE), Control(_PADS), Data((), 0.5, 0.6, constant=True, fill=True)),
         "PadV2Options"),
    _mover("MIRROR_PAD", lambda x: np.pad(x, [[0, 0], [1, 2], [0, 1], [0, 0]], "reflect"),
           Control(_PADS), options="MirrorPadOptions", fields={"mode": _MIRROR_REFLECT}),
    _mover("GATHER", lambda x: x[:, [2, 0, 3]], Control([2, 0, 3]), options="GatherOptions",
           fields={"axis": 1}, shape=_ROW),
    _mover("GATHER_ND", _gather_nd, Control([[0, 1], [2, 3]]), options="GatherNdOptions",
           shape=(3, 4, 5)),
    Spec("EMBEDDING_LOOKUP", lambda i, x: x[i], (Choice((5,), "int32", 7), Data((7, 6),
                                                                              constant=True))),
    _mover("BATCH_TO_SPACE_ND", ref.batch_to_space, Control([2, 2]), Control([[0, 0], [0, 0]]),
           options="BatchToSpaceNDOptions", shape=(4, 2, 2, 3)),
    _mover("SPACE_TO_BATCH_ND", ref.space_to_batch, Control([2, 2]), Control([[0, 0], [0, 0]]),
           options="SpaceToBatchNDOptions"),
    _mover("STRIDED_SLICE", lambda x: x[:, 1:4:2, 0:3], Control([0, 1, 0, 0]),
           Control([1, 4, 3, 8]), Control([1, 2, 1, 1]), options="StridedSliceOptions"),
    _mover("SLICE", lambda x: x[:, 1:3, 0:3], Control([0, 1, 0, 0]), Control([1, 2, 3, 8]),
           options="SliceOptions"),
    Spec("TOPK_V2", top, (Data(_ROW, distinct=True), Control(3)), "TopKV2Options",
         outputs=("data", "int32")),
    _binary("MAXIMUM", np.maximum, "MaximumMinimumOptions"),
    _binary("MINIMUM", np.minimum, "MaximumMinimumOptions"),
    _reduce("REDUCE_MAX", np.max),
    _reduce("REDUCE_MIN", np.min),
    Spec("SELECT", np.where, (Choice(_ROW), Data(_ROW), Data(_ROW, -0.7, 1.9)), "SelectOptions"),
    Spec("SELECT_V2", np.where, (Choice(_ROW), Data(_ROW), Data(_ROW, -0.7, 1.9)),
         "SelectV2Options"),
    _mover("TILE", lambda x: np.tile(x, (2, 3)), Control([2, 3]), options="TileOptions",
           shape=_ROW),
    _mover("BROADCAST_TO", lambda x: np.broadcast_to(x, (3, 4, 8)), Control([3, 4, 8]),
           options="BroadcastToOptions", shape=_ROW, version=2),
    _mover("RESIZE_NEAREST_NEIGHBOR", lambda x: ref.resize_nearest(x, 8, 6), Control([8, 6]),
           options="ResizeNearestNeighborOptions"),
    _mover("REVERSE_V2", lambda x: x[:, ::-1], Control([1]), options="ReverseV2Options",
           shape=_ROW),
    _mover("REVERSE_SEQUENCE", lambda x: ref.reverse_sequence(x, [2, 3]), Control([2, 3]),
           options="ReverseSequenceOptions", fields={"seqDim": 1, "batchDim": 0}, shape=(2, 4, 3)),
    Spec("DYNAMIC_UPDATE_SLICE", _update, (Data(_ROW), Data((2, 3), -0.7, 1.9), Control([1, 2])),
         "DynamicUpdateSliceOptions"),
)
_BY_OP = {spec.op: spec for spec in SPECS}
COMPARISONS = tuple(spec.op for spec in SPECS if spec.near)

# Of comparisons: LiteRT's depend on it.
_SCALES = {"scale 1/300": 1 / 300, "scale 1/256": 1 / 256, "scale 0.999": 0.999, "scale 1": 1.0,
           "scale 100": 100.0}

# Tried with results that leave the output's range; kernels that look results up can't go wrong.
_SATURATING = ("ADD", "SUB", "MUL", "DIV", "SQUARED_DIFFERENCE", "BATCH_MATMUL", "MEAN", "SUM",
               "REDUCE_PROD", "ABS", "LEAKY_RELU", "PRELU")


_MORE_SPECS = {
    "axis 1 of 3, keep_dims false": (
        _reduce("MEAN", np.mean, -1, 1.4, (1,), (2, 5, 6), False),
        _reduce("SUM", np.sum, -1, 1.4, (1,), (2, 5, 6), False),
        _reduce("REDUCE_MAX", np.max, -1, 1.4, (1,), (2, 5, 6), False),
    ),
    "perm 0 2 1": (_mover("TRANSPOSE", lambda x: x.transpose(0, 2, 1), Control([0, 2, 1]),
                          options="TransposeOptions", shape=(2, 5, 6)),),
    "adj_y": (Spec("BATCH_MATMUL", lambda x, y: x @ y.swapaxes(1, 2),
                   (Data((2, 4, 8)), Data((2, 6, 8), -0.7, 1.9)), "BatchMatMulOptions",
                   {"adjointRhs": True}),),
    "rank 4": (_unary("SOFTMAX", ref.softmax, -4, 4, "SoftmaxOptions", (1, 2, 3, 10),
                      fields={"beta": 1.0}, fixed=_FIXED["SOFTMAX"]),),
    "run-time indices": (Spec("GATHER", lambda x, i: x[i], (Data((7, 6)), Choice((5,), "int32", 7)),
                              "GatherOptions", {"axis": 0}),),
    "batch_dims": (Spec("GATHER", lambda x: np.take_along_axis(x, np.array([[1, 0], [2, 2]]), 1),
                        (Data((2, 6)), Control([[1, 0], [2, 2]])), "GatherOptions",
                        {"axis": 1, "batchDims": 1}),),
    "rank 5": (
        _mover("SLICE", lambda x: x[:, 1:, :2, 1:3], Control([0, 1, 0, 1, 0]),
               Control([1, 2, 2, 2, 5]), options="SliceOptions", shape=(1, 3, 4, 4, 5)),
        _mover("PAD", lambda x: np.pad(x, _PADS_5), Control(_PADS_5), options="PadOptions",
               shape=(1, 2, 3, 4, 5)),
        _reduce("MEAN", np.mean, -1, 1.4, (2, 3), (1, 2, 3, 4, 5)),
        *[dataclasses.replace(_BY_OP[op], inputs=(Data((2, 3, 2, 4, 2), -1.0, 1.3),
                                                  Data((2, 3, 2, 4, 2), -0.7, 1.9)))
          for op in (*COMPARISONS, "MAXIMUM", "MINIMUM", "ADD")],
    ),
    "axes 2, 3": (_reduce("MEAN", np.mean, -1, 1.4, (2, 3), (1, 8, 4, 4)),),
    "second input of rank 1": tuple(
        Spec(op, fn, (Data(_IMAGE, -1.0, 1.3), Data((8,), -0.7, 1.9)), options)
        for op, fn, options in (("ADD", np.add, "AddOptions"), ("MUL", np.multiply, "MulOptions"),
                                ("SUB", np.subtract, "SubOptions"))),
}


def _generic_cases():
    for spec in SPECS:
        yield build(spec, "float32", "")
        for type_ in TYPES:
            if spec.fixed:
                if type_ in spec.fixed:
                    yield build(spec, type_, "fixed", out_params=spec.fixed[type_])
            else:
                yield build(spec, type_, "equal")
            yield build(spec, type_, "different")
            if spec.op in OTHER_FIXED and type_ in OTHER_FIXED[spec.op]:
                name, *params = OTHER_FIXED[spec.op][type_]
                yield build(spec, type_, "different", f"output scale {name}", out_params=params)


def _variant_cases():
    for variant, specs in _MORE_SPECS.items():
        for spec in specs:
            yield build(spec, "float32", "", variant)
            for type_ in TYPES:
                if type_ in spec.fixed:
                    yield build(spec, type_, "fixed", variant, out_params=spec.fixed[type_])
                else:
                    yield build(spec, type_, "equal", variant)
                    yield build(spec, type_, "different", variant)
    for spec in SPECS:
        if spec.op in _FUSABLE:
            for fused in ("RELU", "RELU6"):
                yield build(spec, "float32", "", f"fused {fused}", fused=fused)
        data = [s for s in spec.inputs if isinstance(s, Data)]
        for type_ in TYPES:
            if len(data) > 1 and not any(d.constant for d in data):
                last = len(data) - 1
                for sides in ("equal", "different"):
                    yield build(spec, type_, sides, "constant last input", constant=last)
            if spec.op in _FUSABLE:
                for fused in ("RELU", "RELU6"):
                    yield build(spec, type_, "different", f"fused {fused}", fused=fused)
    for type_ in TYPES:
        yield build(_BY_OP["PRELU"], type_, "different", "run-time slope", runtime=1)
        yield build(_BY_OP["PADV2"], type_, "equal", "fill of its own parameters",
                    fill_params="own")
    for op in ("ADD", "SUB"):
        spec = _BY_OP[op]
        for fields in ({"potScaleInt16": False},):
            other = Spec(op, spec.fn, spec.inputs, spec.options, fields)
            for sides in ("equal", "different"):
                yield build(other, "int16", sides, "pot_scale_int16 false")
    for op in ("ADD", "MUL", "SUB"):
        for types, out in ((("int16", "int8"), "int16"), (("int8", "int16"), "int16"),
                           (("uint8", "int8"), "uint8"), (("int8", "int8"), "int16"),
                           (("int16", "int16"), "int8"), (("uint8", "uint8"), "int16")):
            variant = f"{types[1]} second input, {out} output"
            yield build(_BY_OP[op], types[0], "different", variant, types=types, out_type=out)
        for type_ in TYPES:
            yield _per_channel_addend(op, type_)


def _range_cases():
    """Other ranges than those of about 1, and outputs that hold little of theirs, or much more."""
    small = _times(_BY_OP["ELU"], 1e-7)  # where exp(x) - 1 is a difference of numbers near 1
    for type_, sides in (("float32", ""), *itertools.product(TYPES, ("equal", "different"))):
        yield build(small, type_, sides, "values times 1e-7")
    for type_ in TYPES:
        for op in COMPARISONS:
            for variant, scale in _SCALES.items():
                yield _close_operands(op, type_, variant, scale)
        for op in _SATURATING:
            yield _other_output(op, type_, "output range a sixteenth", 1 / 16)
            yield build(_BY_OP[op], type_, "equal", "range of the inputs", saturated=True)
        yield _other_output("DIV", type_, "output range times 1000", 1000)
        for op, factor in (("DIV", 1000), ("REDUCE_PROD", 3)):
            yield build(_times(_BY_OP[op], factor), type_, "equal", f"values times {factor}")


def _close_operands(op, type_, variant, scale):
    """A comparison of integers of equal parameters that are at most three steps apart."""
    rng = random_for(op, type_, variant)
    params = Params(type_, np.float32(scale), {"uint8": 120, "int8": -7, "int16": 0}[type_])
    limits = np.iinfo(type_)
    first = rng.integers(limits.min + 3, limits.max - 3, (SAMPLES, *_IMAGE))
    second = first + rng.integers(-3, 4, first.shape)
    b = circle_builder.CircleBuilder()
    ins = [b.add_tensor(name, _IMAGE, type_, params.stored()) for name in ("x0", "x1")]
    out = b.add_tensor("y0", _IMAGE, "bool")
    b.add_operator(op, ins, [out], _BY_OP[op].options)
    b.set_io(ins, [out])
    fed = [first.astype(type_), second.astype(type_)]
    return Case(op, type_, "equal", variant, b.finish(), fed, [_BY_OP[op].fn(first, second)],
                ["equal"], [None])


def _times(spec, factor):
    """The spec with all values of its data times the factor."""
    inputs = [dataclasses.replace(slot, low=slot.low * factor, high=slot.high * factor)
              if isinstance(slot, Data) else slot for slot in spec.inputs]
    return dataclasses.replace(spec, inputs=tuple(inputs))


def _other_output(op, type_, variant, factor):
    """The output's scale is the factor times that of the plain case."""
    graph = circle_builder.unpack(build(_BY_OP[op], type_, "different").model).subgraphs[0]
    plain = graph.tensors[graph.outputs[0]].quantization
    params = (np.float32(plain.scale[0]) * np.float32(factor), int(plain.zeroPoint[0]))
    return build(_BY_OP[op], type_, "different", variant, out_params=params)


def _per_channel_addend(op, type_):
    """An element-wise operator whose constant has a scale per channel."""
    fn = {"ADD": np.add, "SUB": np.subtract, "MUL": np.multiply}[op]
    variant = "per_channel constant last input"
    rng = random_for(op, type_, variant)
    constant = make_weights(rng, (8,), 0, type_, True)
    x_real = rng.uniform(-1, 1.3, (SAMPLES, *_IMAGE))
    x_params = params_for(type_, -1, 1.3)
    x = x_params.quantize(x_real)
    y = fn(x_params.dequantize(x), constant.real())
    y_params = params_for(type_, y.min(), y.max(), 2)
    b = circle_builder.CircleBuilder()
    slots = [b.add_tensor("x", _IMAGE, type_, x_params.stored()),
             b.add_constant("c", constant.integers, type_, constant.stored())]
    out = b.add_tensor("y", _IMAGE, type_, y_params.stored())
    b.add_operator(op, slots, [out], op.capitalize() + "Options")
    b.set_io(slots[:1], [out])
    return Case(op, type_, "different", variant, b.finish(), [x], [y_params.quantize(y)],
                ["steps"], [None])


# Weights types to try beside each activation type, and the bias type that goes with it.
_WEIGHTS = {"uint8": ("uint8", "int8", "int4", "uint4"), "int8": ("int8", "uint8", "int4"),
            "int16": ("int8", "int16", "uint8", "int4")}
_BIAS = {"uint8": "int32", "int8": "int32", "int16": "int64"}
_BIASED = ("FULLY_CONNECTED", "CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV")


def _layer_cases():
    for op in _BIASED:
        for type_ in TYPES:
            usual, bias = _WEIGHTS[type_][0], _BIAS[type_]
            for weights in _WEIGHTS[type_]:
                for per_channel in (False, True):
                    yield integer_case(op, type_, weights=weights, per_channel=per_channel,
                                       bias=bias)
            yield integer_case(op, type_, "equal", weights=usual, bias=bias)
            for per_channel in (False, True):
                yield integer_case(op, type_, weights=usual, per_channel=per_channel)
            yield integer_case(op, type_, weights=usual, note="input -1", absent_bias=True)
            for fused in ("RELU", "RELU6"):
                yield integer_case(op, type_, weights=usual, bias=bias, fused=fused)
            yield integer_case(op, type_, weights=usual, bias=bias, bias_scale=5.0,
                               note="bias scale 5 times that of the accumulator")
            yield integer_case(op, type_, weights=usual, bias=bias, bias_zero=-1.0,
                               note="bias zero point not 0")
            for out in TYPES:
                if out != type_:
                    yield integer_case(op, type_, weights=usual, bias=bias, out_type=out)
        for per_channel in (False, True):
            yield integer_case(op, "int16", weights="int8", per_channel=per_channel, bias="int32")
            yield integer_case(op, "int8", weights="int8", per_channel=per_channel, bias="int64")
            if op != "DEPTHWISE_CONV_2D":
                fields = {"quantizedBiasType": circle_builder.tensor_type("int32")}
                yield integer_case(op, "int16", weights="int8", per_channel=per_channel,
                                   bias="int32", fields=fields,
                                   note="quantized_bias_type int32")
        yield integer_case(op, "int8", weights="int8", bias="int32", zero_point=9,
                           note="weights zero point 9")
        yield integer_case(op, "uint8", weights="int8", bias="int32", zero_point=-10,
                           note="weights zero point -10")
    yield hybrid_case("CONV_2D groups", weights="float32", bias=True, note="groups")
    for type_ in TYPES:
        for per_channel in (False, True):
            yield integer_case("CONV_2D groups", type_, weights=_WEIGHTS[type_][0],
                               per_channel=per_channel, bias=_BIAS[type_], note="groups")
            yield integer_case("FULLY_CONNECTED 3-D", type_, weights=_WEIGHTS[type_][0],
                               per_channel=per_channel, bias=_BIAS[type_],
                               note="3-D input, keep_num_dims")
        for weights in _WEIGHTS[type_][:2]:
            for per_channel in (False, True):
                yield integer_case("BATCH_MATMUL", type_, weights=weights, per_channel=per_channel)


def _hybrid_cases():
    for op in _BIASED + ("BATCH_MATMUL", "EMBEDDING_LOOKUP", "GATHER"):
        if op in _BIASED:
            yield hybrid_case(op, weights="float32", bias=False)
            yield hybrid_case(op, weights="float32", bias=True)
            yield hybrid_case(op, weights="float32", note="input -1", absent_bias=True)
            yield hybrid_case(op, weights="int8", note="input -1", absent_bias=True)
        for bias in (False, True) if op in _BIASED else (False,):
            for weights in ("int8", "int4", "uint8", "int16"):
                for per_channel in (False, True):
                    yield hybrid_case(op, weights=weights, per_channel=per_channel, bias=bias)
            yield hybrid_case(op, weights="int8", bias=bias, zero_point=9,
                              note="weights zero point 9")
        if op in ("FULLY_CONNECTED", "BATCH_MATMUL"):
            for per_channel in (False, True):
                yield hybrid_case(op, weights="int8", per_channel=per_channel,
                                  bias=op == "FULLY_CONNECTED",
                                  fields={"asymmetricQuantizeInputs": True},
                                  note="asymmetric_quantize_inputs")


def case_of(op, type_, variant, sides, x, x_type, x_params, y, y_type, y_params, judge, options,
             version=1):
    b = circle_builder.CircleBuilder()
    inp = b.add_tensor("x", x.shape[1:], x_type, x_params.stored() if x_params else None)
    out = b.add_tensor("y", x.shape[1:], y_type, y_params.stored() if y_params else None)
    b.add_operator(op, [inp], [out], options, version=version)
    b.set_io([inp], [out])
    return Case(op, type_, sides, variant, b.finish(), [x], [y], [judge], [None])


def _quantize_cases():
    """Quantize of float32 and of each integer type to each."""
    for source in ("float32", *TYPES):
        for target in TYPES:
            name = f"{source} to {target}"
            real = random_for("QUANTIZE", name).uniform(-1, 1.3, (SAMPLES, *_IMAGE))
            x_params = None if source == "float32" else params_for(source, -1, 1.3)
            x = x_params.quantize(real) if x_params else real.astype(np.float32)
            exact = x_params.dequantize(x) if x_params else x.astype(np.float64)
            y_params = params_for(target, -1, 1.3, 1)
            yield case_of("QUANTIZE", name, "", "different" if x_params else "", x, source,
                           x_params, y_params.quantize(exact), target, y_params, "steps",
                           "QuantizeOptions")
    for source, target, by in (("int8", "uint8", 128), ("uint8", "int8", -128)):
        x_params = params_for(source, -1, 1.3)
        y_params = Params(target, x_params.scale, x_params.zero_point + by)
        x = x_params.quantize(random_for(source, by).uniform(-1, 1.3, (SAMPLES, *_IMAGE)))
        y = (x.astype(np.int32) + by).astype(target)
        yield case_of("QUANTIZE", f"{source} to {target}", "equal scale, zero point moved by 128",
                       "different", x, source, x_params, y, target, y_params, "steps",
                       "QuantizeOptions")


def _dequantize_cases():
    """Dequantize of run-time tensors, of constants, and of float32 layers' weights."""
    for source in TYPES:
        params = params_for(source, -1, 1.3)
        x = params.quantize(random_for(source).uniform(-1, 1.3, (SAMPLES, *_IMAGE)))
        yield case_of("DEQUANTIZE", f"{source} to float32", "", "", x, source, params,
                       params.dequantize(x), "float32", None, "float", "DequantizeOptions", 2)
    for source in ("uint8", "int8", "int16", "int4", "uint4", "int32", "int64", "float16"):
        for axis in (None, 0, 1) if source in ("uint8", "int8", "int16", "int4") else (None,):
            yield _constant_dequantize(source, axis)
    for op in _BIASED:
        for weights in ("int8", "uint8", "int4"):
            for per_channel in (False, True):
                yield hybrid_case(op, weights=weights, per_channel=per_channel, bias=True,
                                  dequantized=True)


def _constant_dequantize(source, axis):
    """A constant behind a Dequantize, then a float32 Add, so that there is an input."""
    shape = (4, 6)
    rng = random_for("constant", source, axis)
    if source == "float16":
        values = rng.uniform(-1, 1, shape).astype(np.float16)
        stored, real = None, values.astype(np.float64)
    elif source in ("int32", "int64"):
        params = Params(source, np.float32(1e-4), 0)
        values = params.quantize(rng.uniform(-1, 1, shape))
        stored, real = params.stored(), params.dequantize(values)
    else:
        w = make_weights(rng, shape, axis or 0, source, axis is not None)
        values, stored, real = w.integers, w.stored(), w.real()
    x = rng.uniform(-1, 1, (SAMPLES, *shape)).astype(np.float32)
    b = circle_builder.CircleBuilder()
    inp = b.add_tensor("x", shape)
    constant = b.add_constant("c", values, source, stored)
    middle, out = b.add_tensor("c_dequant", shape), b.add_tensor("y", shape)
    b.add_operator("DEQUANTIZE", [constant], [middle], "DequantizeOptions", version=2)
    b.add_operator("ADD", [inp, middle], [out], "AddOptions")
    b.set_io([inp], [out])
    kind = "" if axis is None else f", per_channel, axis {axis}"
    return Case("DEQUANTIZE", f"{source} to float32", "", f"constant of a float32 ADD{kind}",
                b.finish(), [x], [x + real], ["float"], [None])


def all_cases():
    """Every case, sorted, no two with the same key."""
    cases = [c for make in (_generic_cases, _variant_cases, _range_cases, _layer_cases,
                            _hybrid_cases, _quantize_cases, _dequantize_cases, recurrent_cases)
             for c in make()]
    cases.sort(key=lambda c: c.key)
    keys = [c.key for c in cases]
    doubled = {k for k in keys if keys.count(k) > 1}
    if doubled:
        raise ValueError(f"more than one case of {sorted(doubled)}")
    return cases
