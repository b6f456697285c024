# SPDX-License-Identifier: Apache-2.0
"""The lines along which scales are moved apart to find where a kernel's arithmetic ends.

all_lines() gives every Line: one operator in one type, scales at which it is right, and which of
them grow (or shrink) together. Line.case(k) has each scale times 2^(k x its direction): integers
and zero points stay, so that the exact answer is another.
"""

import dataclasses
import functools
from collections.abc import Callable

import cases
import claims
import layers
import numpy as np
import operators
from cases import SAMPLES, Case, Choice, Data, Params

_SMALLEST, _GREATEST = 2.0**-126, 2.0**127  # normal float32
RATIO_OCTAVES = 60
SCALE_OCTAVES = 120

# By the data ends of an operator, the output last: the directions worth a look.
_ONE = {"input": (1, 0), "all": (1, 1)}
_SUM = {"inputs": (1, 1, 0), "first": (1, 0, 0), "second": (0, 1, 0), "apart": (1, -1, 0),
        "all": (1, 1, 1)}
_PRODUCT = {"first": (1, 0, 0), "second": (0, 1, 0), "apart": (1, -1, 0),
            "first and output": (1, 0, 1), "second and output": (0, 1, 1)}
_SQUARE = {**_SUM, "all": (1, 1, 2)}
_THREE = {"inputs": (1, 1, 1, 0), "first": (1, 0, 0, 0), "all": (1, 1, 1, 1)}
_COMPARED = {"first": (1, 0), "second": (0, 1), "all": (1, 1)}
_LAYER = {"output": (0, 0, -1), "data": (1, 0, 0), "apart": (1, -1, 0), "data and output": (1, 0, 1),
          "weights and output": (0, 1, 1)}
_PRODUCTS = ("MUL", "BATCH_MATMUL", "PRELU")
_WITH_CONSTANT = {"first": (1, 0, 0), "second": (0, 1, 0), "inputs": (1, 1, 0),
                  "inputs away from output": (1, 1, -1)}
# XNNPACK has other kernels for these with a constant last input.
_TAKE_CONSTANTS = ("ADD", "SUB", "MUL", "BATCH_MATMUL", "PRELU", "SQUARED_DIFFERENCE")
_TERMS = {"BATCH_MATMUL": 8, "SUM": 16}


@dataclasses.dataclass(frozen=True)
class Line:
    """Scales that move. ends: their names, "input 0", ..., "weights", "output"."""

    operator: str
    type: str
    variant: str
    direction: str
    sign: int
    ends: tuple
    base: tuple
    by: tuple
    runtimes: tuple
    at: Callable  # scales -> Case
    terms: int = 1  # how many products, or inputs, are summed up for one output
    spread: float = 1.0  # the greatest scale of the weights' channels over the first, the least

    @property
    def key(self):
        return (self.operator, self.type, self.variant, self.direction, self.sign)

    def scales(self, k):
        return [b * 2.0**(self.sign * k * d) for b, d in zip(self.base, self.by)]

    def reaches(self, k):
        """Whether the scales at k are float32 numbers, and not farther than is looked."""
        octaves = RATIO_OCTAVES if len(set(self.by)) > 1 else SCALE_OCTAVES
        scales = self.scales(k)
        product = scales[0] * scales[1] if "weights" in self.ends else scales[0]
        return k <= octaves and all(_SMALLEST <= s <= _GREATEST for s in (*scales, product))

    def case(self, k) -> Case:
        return self.at([np.float32(s) for s in self.scales(k)])


def _integers(rng, shape, params, positive, uniform):
    """Integers of which some are near the zero point, some extreme, and some anywhere."""
    low, high = np.iinfo(params.type).min, np.iinfo(params.type).max
    bits = np.log2(high - low)
    offset = np.rint(2**(rng.random(shape) * bits)) * rng.choice([-1, 0, 1], shape, p=[.45, .1, .45])
    near = params.zero_point + offset
    extreme = rng.choice([low, high], shape)
    anywhere = rng.integers(low, high + 1, shape)
    kind = np.full(shape, 2) if uniform else rng.integers(0, 4, (shape[0],) + (1,) * (len(shape) - 1))
    values = np.choose(kind, [near, extreme, anywhere, near])
    values = np.clip(values, params.zero_point + 1 if positive else low, high)
    return values.astype(params.type)


def _operator_at(spec, key, ins, outs, is_constant, fused, scales):
    """A Case with these scales in place of those of ins and outs."""
    rng = cases.random_for("limits", *key)
    ins = [dataclasses.replace(p, scale=s) for p, s in zip(ins, scales)]
    outs = [dataclasses.replace(p, scale=np.float32(scales[-1])) for p in outs]
    fed, exact, waiting = [], [], iter(zip(ins, is_constant))
    for slot in spec.inputs:
        if isinstance(slot, Choice):
            fed.append(rng.integers(0, slot.limit, (SAMPLES, *slot.shape)).astype(slot.type))
            exact.append(fed[-1])
        if not isinstance(slot, Data):
            continue
        params, constant = next(waiting)
        shape = (1 if constant else SAMPLES, *slot.shape)
        if slot.distinct:
            values = rng.permuted(np.broadcast_to(
                params.zero_point // 2 + np.arange(slot.shape[-1]) * 3, shape).copy(), axis=-1)
            values = values.astype(params.type)
        else:
            values = _integers(rng, shape, params, slot.low > 0, uniform=constant)
        fed.append(values)
        exact.append(params.dequantize(values))
    return cases.assemble(spec, key, fed, exact, ins, outs, is_constant, fused)


def _base(spec, type_, sides):
    """Parameters at which the operator is right: those of its case in the claims."""
    rng = cases.random_for("limits base", spec.op)
    is_constant = [d.constant for d in spec.data]
    reals = cases.draw_all(rng, spec, is_constant)
    ranges = [(y.min(), y.max()) for y, kind in zip(cases.run(spec, reals, "NONE"), spec.outputs)
              if kind == "data"]
    ins, outs = cases.choose_params(spec, sides, [type_] * len(spec.data), type_, ranges, False)
    if spec.fixed:
        outs = [Params(type_, np.float32(spec.fixed[type_][0]), spec.fixed[type_][1])]
    for i, slot in enumerate(spec.data):
        if slot.fill:
            ins[i] = ins[0]
    return ins, outs, is_constant


def _directions(spec, sides, data_outputs):
    count = len(spec.data)
    if sides == "equal":
        return {"all": (1,) * (count + bool(data_outputs))}
    if not data_outputs:
        return {"input": (1,)} if count == 1 else _COMPARED
    if spec.fixed:
        return {"input": (1, 0)}
    if count == 1:
        return _ONE
    if count == 3:
        return _THREE
    if spec.op == "SQUARED_DIFFERENCE":
        return _SQUARE
    return _PRODUCT if spec.op in _PRODUCTS else _SUM


def _operator_lines():
    verdicts = claims.verdicts()
    for spec in operators.SPECS:
        for type_ in claims.TYPES:
            columns = {r: claims.column(verdicts[spec.op, type_, r]) for r in claims.RUNTIMES}
            for sides in ("any", "equal"):
                runtimes = tuple(r for r in claims.RUNTIMES if columns[r] == sides)
                if runtimes:
                    yield from _lines_of(spec, type_, sides, runtimes)
                    if spec.op in ("ADD", "SUB", "MUL", "AVERAGE_POOL_2D", "MAX_POOL_2D"):
                        yield from _lines_of(spec, type_, sides, runtimes, "RELU6")
                    if sides == "any" and spec.op in _TAKE_CONSTANTS:
                        yield from _lines_of(spec, type_, sides, runtimes, constant_last=True)


def float32_lines(runtime):
    """Lines of the operators that a runtime has no right integer kernel of, in each type."""
    verdicts = claims.verdicts()
    for spec in operators.SPECS:
        for type_ in claims.TYPES:
            if claims.column(verdicts[spec.op, type_, runtime]) in ("any", "equal"):
                continue
            fixed = spec.fixed if type_ in spec.fixed else {}
            yield from _lines_of(dataclasses.replace(spec, fixed=fixed), type_, "any", (runtime,))


def _lines_of(spec, type_, sides, runtimes, fused="NONE", constant_last=False):
    ins, outs, is_constant = _base(spec, type_, "different" if sides == "any" else "equal")
    if constant_last:
        is_constant[-1] = True
        if type_ != "uint8":  # XNNPACK takes weights of zero point 0
            ins[-1] = dataclasses.replace(ins[-1], zero_point=0)
    base = [float(p.scale) for p in (*ins, *outs[:1])]
    names = tuple(f"input {i}" for i in range(len(ins))) + ("output",) * bool(outs)
    directions, variant = _directions(spec, sides, outs), sides
    if fused != "NONE":  # what the clamp is in steps of the output
        ones = (1,) * len(spec.data)
        directions, variant = {"all": (*ones, 2 if spec.op == "MUL" else 1)}, f"fused {fused}"
    if constant_last:
        directions, variant = _WITH_CONSTANT, "constant last input"
    for direction, by in directions.items():
        key = (spec.op, type_, "different" if sides == "any" else "equal", "")
        at = functools.partial(_operator_at, spec, key, ins, outs, is_constant, fused)
        for sign in (1, -1):
            yield Line(spec.op, type_, variant, direction, sign, names, tuple(base), by, runtimes,
                       at, _TERMS.get(spec.op, 1))


# The usual weights beside data of a type.
_WEIGHTS = {"uint8": "uint8", "int8": "int8", "int16": "int8"}
_BIAS = {"uint8": "int32", "int8": "int32", "int16": "int64"}


def _layer_at(layer, key, x_params, w, y_params, one_channel, fused, scales):
    rng = cases.random_for("limits", *key)
    x_params = dataclasses.replace(x_params, scale=scales[0])
    y_params = dataclasses.replace(y_params, scale=scales[2])
    shape = (w.scale / w.scale[0]).astype(np.float32)
    if one_channel:
        shape = np.where(np.arange(len(shape)) == 1, scales[1] / np.float32(one_channel), 1)
        scales = (scales[0], np.float32(one_channel))
    w = dataclasses.replace(w, scale=(shape * scales[1]).astype(np.float32))
    x = _integers(rng, (SAMPLES, *layer.x_shape), x_params, False, False)
    scale = x_params.scale * w.scale
    channels = layer.w_shape[layer.axis]
    integers = np.rint(2**(rng.random(channels) * 12)) * rng.choice([-1, 1], channels)
    bias = layers.bias_of(_BIAS[x_params.type], integers * np.float64(scale), scale)
    return layers.assemble(layer, key, x, x_params, w, bias, y_params, fused)


def _layer_lines():
    verdicts = claims.layers()
    for op in sorted({key[0] for key in verdicts if layers.LAYERS[key[0]].has_bias}):
        for type_ in claims.TYPES:
            for sharing in claims.SHARINGS:
                words = verdicts[op, type_, _WEIGHTS[type_], sharing]
                runtimes = tuple(r for r in claims.RUNTIMES if words[r] == "right")
                if runtimes:
                    yield from _lines_of_layer(layers.LAYERS[op], type_, sharing, runtimes)
                    if sharing == "per_tensor":
                        yield from _lines_of_layer(layers.LAYERS[op], type_, sharing, runtimes,
                                                   "RELU6")


def _lines_of_layer(layer, type_, sharing, runtimes, fused="NONE"):
    rng = cases.random_for("limits base", layer.op, type_, sharing)
    w = layers.make_weights(rng, layer.w_shape, layer.axis, _WEIGHTS[type_],
                            sharing == "per_channel")
    x_params = cases.params_for(type_, -0.9, 1.2)
    y_params = cases.params_for(type_, -2.0, 2.5, 1)
    base = (float(x_params.scale), float(w.scale[0]), float(y_params.scale))
    directions = dict(_LAYER)
    if sharing == "per_channel":
        directions["one channel"] = (0, 1, 0)
    variant, terms = sharing, int(np.prod(layer.w_shape)) // layer.w_shape[layer.axis]
    if fused != "NONE":
        directions, variant = {"data and output": (1, 0, 1)}, f"fused {fused}"
    for direction, by in directions.items():
        key = (layer.op, type_, "different", sharing)
        only = base[1] if direction == "one channel" else 0
        at = functools.partial(_layer_at, layer, key, x_params, w, y_params, only, fused)
        for sign in (1, -1):
            yield Line(layer.op, type_, variant, direction, sign, ("input 0", "weights", "output"),
                       base, by, runtimes, at, terms, float(w.scale.max() / w.scale[0]))


def _conversion_at(op, source, target, key, x_params, y_params, scales):
    rng = cases.random_for("limits", *key)
    if source == "float32":  # scales: of the values, of the output
        y_params = dataclasses.replace(y_params, scale=scales[1])
        near = Params(target, scales[0], y_params.zero_point)
        x = near.dequantize(_integers(rng, (SAMPLES, 4, 8), near, False, False)).astype(np.float32)
        x_params, exact = None, x.astype(np.float64)
    else:
        x_params = dataclasses.replace(x_params, scale=scales[0])
        x = _integers(rng, (SAMPLES, 4, 8), x_params, False, False)
        exact = x_params.dequantize(x)
    if target == "float32":
        return operators.case_of(op, key[1], "", key[2], x, source, x_params, exact, target, None,
                                 "float", "DequantizeOptions", 2)
    y_params = dataclasses.replace(y_params, scale=scales[1])
    return operators.case_of(op, key[1], "", key[2], x, source, x_params, y_params.quantize(exact),
                             target, y_params, "steps", "QuantizeOptions")


def _conversion_lines():
    for (source, target, sharing), words in claims.conversions().items():
        known = {*claims.TYPES, "float32"}
        runtimes = tuple(r for r in claims.RUNTIMES if words[r] == {"right"})
        if sharing != "per_tensor" or not {source, target} <= known or not runtimes:
            continue
        op = "DEQUANTIZE" if target == "float32" else "QUANTIZE"
        x_params = cases.params_for("int8" if source == "float32" else source, -1, 1.3)
        y_params = None if target == "float32" else cases.params_for(target, -1, 1.3, 1)
        base = [float(x_params.scale)] + ([float(y_params.scale)] if y_params else [])
        names = ("values" if source == "float32" else "input 0", "output")[:len(base)]
        directions = _ONE if y_params else {"all": (1,)}
        for direction, by in directions.items():
            key = (op, f"{source} to {target}", "different", "")
            at = functools.partial(_conversion_at, op, source, target, key, x_params, y_params)
            for sign in (1, -1):
                yield Line(op, f"{source} to {target}", "", direction, sign, names, tuple(base), by,
                           runtimes, at)


def all_lines():
    """Every line, sorted by key."""
    lines = [line for make in (_operator_lines, _layer_lines, _conversion_lines) for line in make()]
    return sorted(lines, key=lambda line: line.key)



