# SPDX-License-Identifier: Apache-2.0
"""Turns one operator into one-node models, with the inputs to feed and the outputs to expect.

A Spec says what an operator is; build() makes a Case of it for one type and one choice of
parameters ("sides"). Every tensor is fed and compared as the integers it holds.
"""

import dataclasses
import zlib
from collections.abc import Callable

import numpy as np
import reference
from testdata_path import circle_builder

SAMPLES = 16
_LIMITS = {"int4": (-8, 7), "uint4": (0, 15), "int8": (-128, 127), "uint8": (0, 255),
           "int16": (-32768, 32767), "int32": (-2**31, 2**31 - 1), "int64": (-2**63, 2**63 - 1)}
_SYMMETRIC = ("int16", "int32", "int64")


@dataclasses.dataclass(frozen=True)
class Params:
    """Per-tensor quantization parameters; of type float32: none."""

    type: str
    scale: np.float32 = np.float32(0)
    zero_point: int = 0

    def quantize(self, real):
        if self.type == "float32":
            return np.asarray(real, np.float32)
        low, high = _LIMITS[self.type]
        q = np.rint(np.asarray(real, np.float64) / np.float64(self.scale)) + self.zero_point
        return np.clip(q, low, high).astype(circle_builder.numpy_type(self.type))

    def dequantize(self, integers):
        if self.type == "float32":
            return integers.astype(np.float64)
        return (integers.astype(np.float64) - self.zero_point) * np.float64(self.scale)

    def stored(self):
        if self.type == "float32":
            return None
        return circle_builder.quantization(self.scale, self.zero_point)


@dataclasses.dataclass(frozen=True)
class Data:
    """An input that is quantized, of values in [low, high]."""

    shape: tuple
    low: float = -1.0
    high: float = 1.0
    constant: bool = False
    distinct: bool = False  # no value twice along the last axis
    fill: bool = False  # takes the parameters of the first data input


@dataclasses.dataclass(frozen=True)
class Control:
    """A constant that is never quantized: a shape, an axis."""

    values: object
    type: str = "int32"


@dataclasses.dataclass(frozen=True)
class Choice:
    """A run-time input that is never quantized: a condition, indices below `limit`."""

    shape: tuple
    type: str = "bool"
    limit: int = 2


@dataclasses.dataclass(frozen=True)
class Spec:
    """An operator. fn maps the arrays of its Data and Choice inputs, in order, to its outputs."""

    op: str
    fn: Callable
    inputs: tuple
    options: str | None = None
    fields: dict = dataclasses.field(default_factory=dict)
    outputs: tuple = ("data",)  # "data", or the type of an output that is never quantized
    version: int = 1
    fixed: dict = dataclasses.field(default_factory=dict)  # output (scale, zero point) by type
    near: Callable | None = None  # comparisons: two arrays and a step -> where they are too close

    @property
    def data(self):
        return [s for s in self.inputs if isinstance(s, Data)]


@dataclasses.dataclass
class Case:
    """A model, [SAMPLES, ...] arrays to feed, and arrays to expect."""

    operator: str
    type: str
    sides: str
    variant: str
    model: bytes
    inputs: list
    expected: list
    judges: list  # an output's: "steps", "equal", "float" or "hybrid"
    ignore: list  # an output's bools: elements not looked at; or None

    @property
    def key(self):
        return (self.operator, self.type, self.sides, self.variant)


def params_for(type_, low, high, place=0):
    """Parameters that hold [low, high]; another `place` gives another scale and zero point."""
    if type_ == "float32":
        return Params(type_)
    low, high = min(low, 0.0), max(high, 0.0)
    if type_ in _SYMMETRIC:
        reach = max(-low, high) * (1.02 + 0.17 * place)
        return Params(type_, np.float32(reach / _LIMITS[type_][1]))
    span = high - low
    low, high = low - span * (0.05 + 0.07 * place), high + span * (0.02 + 0.05 * place)
    bottom, top = _LIMITS[type_]
    scale = np.float32((high - low) / (top - bottom))
    return Params(type_, scale, int(np.rint(bottom - low / scale)))


def random_for(*key):
    """A generator of its own for each case, so that adding cases changes no others."""
    return np.random.default_rng(zlib.crc32(repr(key).encode()))


def fused_code(name):
    """The ActivationFunctionType of that name."""
    kind = circle_builder.circle.ActivationFunctionType.ActivationFunctionType
    return getattr(kind, name)


def build(spec, type_, sides, variant="", *, types=None, out_type=None, out_params=None,
          fused="NONE", runtime=None, constant=None, fill_params="input", saturated=False):
    """A Case. type_ "float32" gives the float32 operator.

    types: those of the data inputs, where they aren't all type_; out_type likewise. out_params:
    (scale, zero point) of the data outputs. fused: a fused activation. runtime, constant: the data
    input to make the one or the other where the spec has it otherwise. fill_params: "own" gives a
    fill value parameters of its own. saturated: equal parameters hold the inputs only.
    """
    rng = random_for(spec.op, type_, sides, variant)
    is_constant = [(d.constant or i == constant) and i != runtime for i, d in enumerate(spec.data)]
    reals = draw_all(rng, spec, is_constant)
    ranges = [(y.min(), y.max()) for y, kind in zip(run(spec, reals, fused), spec.outputs)
              if kind == "data"]
    types, out_type = types or [type_] * len(spec.data), out_type or type_
    ins, outs = choose_params(spec, sides, types, out_type, ranges, saturated)
    if out_params is not None:
        outs = [Params(out_type, np.float32(out_params[0]), out_params[1])] * len(outs)
    for i, slot in enumerate(spec.data):
        if slot.fill:
            own = params_for(types[i], slot.low, slot.high, i)
            ins[i] = ins[0] if fill_params == "input" else own

    fed, exact = _quantize_all(rng, spec, reals, ins)
    return assemble(spec, (spec.op, type_, sides, variant), fed, exact, ins, outs, is_constant, fused)


def assemble(spec, key, fed, exact, ins, outs, is_constant, fused="NONE"):
    """The Case of a key: fed are the integers, exact the real numbers that they stand for."""
    outs = _with_gaps(spec.outputs, outs)
    expected = [y.astype(kind) if p is None else p.quantize(y) for y, kind, p in
                zip(run(spec, exact, fused), spec.outputs, outs)]
    judges = ["equal" if p is None else "float" if p.type == "float32" else "steps" for p in outs]
    unequal = spec.near is not None and key[2] == "different"
    ignore = _near(spec, exact, max(p.scale for p in ins)) if unequal else None
    model, runtime_inputs = _model(spec, fed, ins, is_constant, expected, outs, fused)
    return Case(*key, model, runtime_inputs, expected, judges, [ignore] * len(expected))


def draw_all(rng, spec, is_constant):
    """An array for each Data and Choice: [SAMPLES, *shape], or [1, *shape] for a constant."""
    constants = iter(is_constant)
    arrays = []
    for slot in spec.inputs:
        if isinstance(slot, Data):
            arrays.append(_draw(rng, slot, 1 if next(constants) else SAMPLES))
        elif isinstance(slot, Choice):
            values = rng.integers(0, slot.limit, (SAMPLES, *slot.shape))
            arrays.append(values.astype(slot.type))
    return arrays


def _draw(rng, slot, count):
    shape = (count, *slot.shape)
    if slot.distinct:
        steps = np.linspace(slot.low, slot.high, slot.shape[-1])
        return rng.permuted(np.broadcast_to(steps, shape).copy(), axis=-1)
    values = rng.uniform(slot.low, slot.high, shape)
    if values.size > 2:
        values.reshape(-1)[[0, -1]] = slot.low, slot.high
    return values


def _near(spec, arrays, step):
    """Where a comparison's operands are too close, [SAMPLES, ...]."""
    rows = [[a[sample if len(a) > 1 else 0] for a in arrays] for sample in range(SAMPLES)]
    return np.stack([spec.near(*row, step) for row in rows])


def run(spec, arrays, fused):
    """The outputs of fn, each [SAMPLES, ...]."""
    rows = []
    for sample in range(SAMPLES):
        result = spec.fn(*[a[sample if len(a) > 1 else 0] for a in arrays])
        rows.append(list(result) if isinstance(result, (list, tuple)) else [result])
    columns = [np.stack([np.asarray(y) for y in column]) for column in zip(*rows)]
    return [reference.FUSED[fused](y) if kind == "data" else y
            for y, kind in zip(columns, spec.outputs, strict=True)]


def choose_params(spec, sides, types, out_type, out_ranges, saturated):
    """Parameters of the data inputs and of the data outputs."""
    in_ranges = [(d.low, d.high) for d in spec.data]
    if sides == "equal":
        every = in_ranges if saturated else in_ranges + out_ranges
        one = min(r[0] for r in every), max(r[1] for r in every)
        return ([params_for(t, *one) for t in types], [params_for(out_type, *one)
                                                       for _ in out_ranges])
    ins = [params_for(t, *r, i) for i, (t, r) in enumerate(zip(types, in_ranges))]
    return ins, [params_for(out_type, *r, len(ins) + i) for i, r in enumerate(out_ranges)]


def _with_gaps(kinds, params):
    """One entry for each output: None for those that are never quantized."""
    waiting = iter(params)
    return [next(waiting) if kind == "data" else None for kind in kinds]


def _quantize_all(rng, spec, reals, ins):
    """What each Data and Choice is fed, and the real numbers that this stands for."""
    kinds = [s for s in spec.inputs if not isinstance(s, Control)]
    waiting = iter(ins)
    fed, exact = [], []
    for slot, values in zip(kinds, reals, strict=True):
        if isinstance(slot, Choice):
            fed.append(values)
            exact.append(values)
            continue
        params = next(waiting)
        integers = params.quantize(values)
        if spec.near is not None and fed and slot.shape == spec.data[0].shape:
            # Half of the integers are those of the first input.
            integers = np.where(rng.random(integers.shape) < 0.5, fed[0][:len(integers)], integers)
        fed.append(integers)
        exact.append(params.dequantize(integers))
    return fed, exact


def _model(spec, fed, ins, is_constant, expected, outs, fused):
    """The file's bytes and the arrays of the graph's inputs."""
    b = circle_builder.CircleBuilder()
    arrays, data = iter(fed), iter(zip(ins, is_constant))
    node_inputs, graph_inputs, runtime_inputs = [], [], []
    for place, slot in enumerate(spec.inputs):
        if isinstance(slot, Control):
            node_inputs.append(b.add_constant(f"c{place}", np.asarray(slot.values), slot.type))
            continue
        values = next(arrays)
        params, constant = next(data) if isinstance(slot, Data) else (None, False)
        type_, stored = (params.type, params.stored()) if params else (slot.type, None)
        if constant:
            node_inputs.append(b.add_constant(f"x{place}", values[0], type_, stored))
            continue
        node_inputs.append(b.add_tensor(f"x{place}", slot.shape, type_, stored))
        graph_inputs.append(node_inputs[-1])
        runtime_inputs.append(values)
    node_outputs = [
        b.add_tensor(f"y{i}", y.shape[1:], *((p.type, p.stored()) if p else (kind, None)))
        for i, (y, p, kind) in enumerate(zip(expected, outs, spec.outputs))
    ]
    fields = dict(spec.fields)
    if fused != "NONE":
        fields["fusedActivationFunction"] = fused_code(fused)
    b.add_operator(spec.op, node_inputs, node_outputs, spec.options, version=spec.version, **fields)
    b.set_io(graph_inputs, node_outputs)
    return b.finish(), runtime_inputs
