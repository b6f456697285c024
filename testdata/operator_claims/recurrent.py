# SPDX-License-Identifier: Apache-2.0
"""Cases of operators that keep a state: LSTM, RNN, SVDF, GRU.

The 16 samples of a case are one run of a runtime, so that its state goes on from sample to sample,
as the reference's does. Integer cases are compared with a reference that rounds what the kernel
stores (the states, the output) to the parameters of the model; each tensor has others.
"""

import dataclasses

import numpy as np
from cases import SAMPLES, Case, Params, fused_code, params_for, random_for
from recurrent_reference import GATES, Gru, Lstm, Rnn, Svdf, exact
from testdata_path import circle_builder

BATCH, TIME, INPUTS, CELLS, PROJECTED = 2, 3, 6, 8, 5
_RANGE = (-1.3, 1.1)  # of the input
_STATE_STEP = 2.0**-11  # of the cell state
_OUTPUT = (-0.75, 0.85)
_PROJECTED_OUTPUT = (-1.5, 1.8)
_STEPS = TIME * SAMPLES


@dataclasses.dataclass(frozen=True)
class Form:
    """Which operands an LSTM has, and what is odd about its parameters."""

    cifg: bool = False
    peephole: bool = False
    projection: bool = False
    norm: bool = False
    time_major: bool = False
    intermediates: bool = True
    named: bool = True  # the intermediates that its kernels do not read have tensors
    hidden: str = "output"  # the parameters of the hidden intermediate: "output" or "other"
    state: str = "output"  # of the output state: "output" or "other"
    short: bool = False  # 20 inputs: the last four, of a normalization, are not named
    cell_clip: float = 0.0
    proj_clip: float = 0.0
    cell_step: float = _STATE_STEP
    bias_factor: float = 1.0
    weights: str = "int8"
    per_channel: bool = False
    weights_zero_point: int = 0

    @property
    def gates(self):
        return GATES[1:] if self.cifg else GATES

    @property
    def outputs(self):
        return PROJECTED if self.projection else CELLS


FORMS = {
    "plain": Form(), "cifg": Form(cifg=True), "time major": Form(time_major=True),
    "peephole": Form(peephole=True), "projection": Form(projection=True), "norm": Form(norm=True),
    "clip of the cell": Form(cell_clip=0.4),
    "clip of the projection": Form(projection=True, proj_clip=0.3),
    "norm, cifg, peephole, projection": Form(cifg=True, peephole=True, projection=True, norm=True),
}  # yapf: disable
INT8_FORMS = FORMS | {
    "peephole, cifg": Form(cifg=True, peephole=True), "20 inputs": Form(short=True),
    "no intermediates": Form(intermediates=False),
    "one intermediate, four of -1": Form(named=False),
    "hidden intermediate unlike the output": Form(hidden="other"),
    "output state unlike the output": Form(state="other"),
    **{f"cell state scale 2^-{i}": Form(cell_step=2.0**-i) for i in (8, 9, 10, 13, 15, 16)},
    "cell state scale 0.0006": Form(cell_step=0.0006),
    "bias scale 5 times that of the accumulator": Form(bias_factor=5),
    "weights per_channel": Form(per_channel=True),
    "weights with a zero point": Form(weights_zero_point=7),
}


class _Graph:
    """One node's tensors, each with its parameters and with what they make of its values."""

    def __init__(self):
        self.b = circle_builder.CircleBuilder()
        self.real = {}

    def constant(self, name, values, params):
        """Its index. `real` gets the numbers that its integers stand for."""
        if params is None:
            self.real[name] = np.asarray(values, np.float32).astype(np.float64)
            return self.b.add_constant(name, np.asarray(values, np.float32))
        integers = params.quantize(values)
        self.real[name] = params.dequantize(integers)
        return self.b.add_constant(name, integers, params.type, params.stored())

    def rows(self, name, values, type_):
        """Likewise, with a scale for each row."""
        scales = (np.abs(values).max(1) / 127).astype(np.float32)
        integers = np.rint(values / scales[:, None].astype(np.float64)).astype(type_)
        self.real[name] = integers * scales[:, None].astype(np.float64)
        return self.b.add_constant(name, integers, type_, circle_builder.quantization(scales, 0))

    def tensor(self, name, shape, params, **fields):
        kind, stored = ("float32", None) if params is None else (params.type, params.stored())
        return self.b.add_tensor(name, shape, kind, stored, **fields)

    def state(self, name, shape, params):
        return self.tensor(name, shape, params, isVariable=True)


def _rounding(params):
    if params is None:
        return exact
    return lambda x: params.dequantize(params.quantize(x))


def _symmetric(type_, values, factor=1.0):
    high = {"int8": 127, "uint8": 127, "int16": 32767, "int32": 2**31 - 1}[type_]
    return Params(type_, np.float32(np.abs(values).max() * factor / high), 0)


def _draw_lstm(rng, form):
    """The real weights by name."""
    w = {}
    for i, gate in enumerate(form.gates):
        w[f"input_to_{gate}"] = rng.uniform(-0.7 - 0.1 * i, 0.6, (CELLS, INPUTS))
        w[f"recurrent_to_{gate}"] = rng.uniform(-0.5, 0.4 + 0.1 * i, (CELLS, form.outputs))
        w[f"{gate}_bias"] = rng.uniform(-0.4, 0.5, CELLS)
        if form.peephole and gate != "cell":
            w[f"cell_to_{gate}"] = rng.uniform(-0.3, 0.3, CELLS)
        if form.norm:
            w[f"{gate}_norm"] = rng.uniform(0.2, 0.9, CELLS)
    if form.projection:
        w["projection"] = rng.uniform(-0.6, 0.7, (PROJECTED, CELLS))
        w["projection_bias"] = rng.uniform(-0.2, 0.2, PROJECTED)
    return w


_SLOTS = ([f"input_to_{gate}" for gate in GATES] + [f"recurrent_to_{gate}" for gate in GATES] +
          ["cell_to_input", "cell_to_forget", "cell_to_output"] +
          [f"{gate}_bias" for gate in GATES] + ["projection", "projection_bias"])


@dataclasses.dataclass(frozen=True)
class _LstmParams:
    """Those of what is no constant; None in float32 and hybrid nodes."""

    x: Params | None
    out: Params | None
    state: Params | None
    cell: Params | None
    hidden: Params | None


def _lstm_params(form, type_, quantized):
    if not quantized:
        return _LstmParams(None, None, None, None, None)
    out = params_for(type_, *(_PROJECTED_OUTPUT if form.projection else _OUTPUT), 2)
    other = params_for(type_, -1.0, 1.0, 3)
    return _LstmParams(params_for(type_, *_RANGE, 0), out,
                       out if form.state == "output" else other,
                       Params("int16", np.float32(form.cell_step), 0),
                       other if form.projection or form.hidden == "other" else out)


def _lstm_constant(graph, label, name, values, form, p, scales):
    """The index of a constant with the parameters that the kernels expect of it."""
    if "_bias" in name:
        gate = name.removesuffix("_bias")
        if form.norm and gate != "projection":
            scale = np.float64(scales[f"{gate}_norm"]) * 2.0**-10
        elif gate == "projection":
            scale = np.float64(p.hidden.scale) * scales["projection"]
        else:
            scale = np.float64(p.x.scale) * scales[f"input_to_{gate}"]
        params = Params("int32", np.float32(scale * form.bias_factor), 0)
        return graph.constant(label, values, params)
    if name.startswith("cell_to_") or name.endswith("_norm"):
        return graph.constant(label, values, _symmetric("int16", values))
    if form.per_channel:
        return graph.rows(label, values, form.weights)
    params = _symmetric(form.weights, values)
    if form.weights == "uint8" or form.weights_zero_point:
        middle = 128 if form.weights == "uint8" else form.weights_zero_point
        params = Params(form.weights, np.float32(params.scale * 1.2), middle)
    return graph.constant(label, values, params)


def _scales_of(weights, form):
    """The scale of each constant with one, as _lstm_constant() chooses it."""
    scales = {}
    for name, values in weights.items():
        is_vector = name.startswith("cell_to_") or name.endswith("_norm")
        scales[name] = _symmetric("int16" if is_vector else "int8", values).scale
        if form.weights_zero_point and not is_vector:
            scales[name] = np.float32(scales[name] * 1.2)
    return scales


def _lstm_inputs(graph, weights, form, p, kind, shapes, prefix=""):
    """The indices of inputs 1 to 23 of a full LSTM; kind: "float32", "hybrid" or a type."""
    scales = _scales_of(weights, form)

    def add(name):
        if name not in weights:
            return -1
        is_matrix = name.startswith(("input_to_", "recurrent_to_")) or name == "projection"
        if kind == "float32" or (kind == "hybrid" and not is_matrix):
            return graph.constant(prefix + name, weights[name], None)
        return _lstm_constant(graph, prefix + name, name, weights[name], form, p, scales)

    found = [add(name) for name in _SLOTS]
    found += [graph.state(f"{prefix}output_state", shapes[0], p.state),
              graph.state(f"{prefix}cell_state", shapes[1], p.cell)]
    return found if form.short else found + [add(f"{gate}_norm") for gate in GATES]


def _reals(graph, weights, prefix=""):
    return {name: graph.real[prefix + name] for name in weights}


def _intermediates(graph, form, p, rng):
    """Five tensors; of a normalized gate's sum in int16."""
    if p.x is None or not form.intermediates:
        return None, exact
    sums = {gate: Params("int16", np.float32(rng.uniform(5, 7) / 32767), 0) for gate in GATES}
    indices = []
    for gate in GATES:
        params = sums[gate] if form.norm else None
        indices.append(graph.tensor(f"sum_{gate}", [1], params) if form.named else -1)
    indices.append(graph.tensor("hidden", [1], p.hidden))
    return indices, lambda gate, x: _rounding(sums[gate])(x)


def _feed(rng, params, steps_major):
    """What to feed, [SAMPLES, batch, time, inputs], and the reals step by step."""
    reals = rng.uniform(*_RANGE, (SAMPLES, BATCH, TIME, INPUTS))
    fed = params.quantize(reals) if params else reals.astype(np.float32)
    back = params.dequantize(fed) if params else fed.astype(np.float64)
    steps = back.transpose(0, 2, 1, 3).reshape(_STEPS, BATCH, INPUTS)
    return (fed.transpose(0, 2, 1, 3) if steps_major else fed), steps


def _gather(rows, params, time_major):
    """The outputs of all steps as the node puts them out."""
    y = np.stack(rows).reshape(SAMPLES, TIME, BATCH, -1)
    y = y if time_major else y.transpose(0, 2, 1, 3)
    return params.quantize(y) if params else y


def lstm_case(name, form, type_, hybrid=False):
    """UNIDIRECTIONAL_SEQUENCE_LSTM."""
    op, sides = "UNIDIRECTIONAL_SEQUENCE_LSTM", "hybrid" if hybrid else ""
    quantized = type_ != "float32"
    rng = random_for(op, name, type_, hybrid)
    graph, weights = _Graph(), _draw_lstm(rng, form)
    p = _lstm_params(form, type_, quantized)
    x, steps = _feed(rng, p.x, form.time_major)
    source = graph.tensor("x", x.shape[1:], p.x)
    rest = _lstm_inputs(graph, weights, form, p, "hybrid" if hybrid else type_,
                        ((BATCH, form.outputs), (BATCH, CELLS)))
    extra, round_norm = _intermediates(graph, form, p, rng)
    lstm = Lstm(_reals(graph, weights), BATCH, CELLS, form.outputs, _rounding(p.cell),
                _rounding(p.hidden), _rounding(p.out),
                round_norm if extra and form.norm else lambda _, x: x,
                form.cell_clip or np.inf, form.proj_clip or np.inf)
    y = _gather([lstm.step(step) for step in steps], p.out, form.time_major)
    target = graph.tensor("y", y.shape[1:], p.out)
    graph.b.add_operator(op, [source, *rest], [target], "UnidirectionalSequenceLSTMOptions",
                         fusedActivationFunction=fused_code("TANH"), timeMajor=form.time_major,
                         cellClip=form.cell_clip, projClip=form.proj_clip,
                         fields={"intermediates": extra} if extra else None,
                         version=3 if quantized else 1)
    graph.b.set_io([source], [target])
    return Case(op, type_, sides or ("different" if quantized else ""), name, graph.b.finish(), [x],
                [y], [_judge(quantized, hybrid)], [None])


def _judge(quantized, hybrid=False):
    return "loop" if quantized else "hybrid" if hybrid else "float"


def single_lstm_case(name, form, type_, hybrid=False):
    """LSTM, the full kernel: one step a call."""
    op, quantized = "LSTM", type_ != "float32"
    rng = random_for(op, name, type_, hybrid)
    graph, weights = _Graph(), _draw_lstm(rng, form)
    p = _lstm_params(form, type_, quantized)
    x, steps = _feed(rng, p.x, True)
    x, steps = x[:, 0], steps.reshape(SAMPLES, TIME, BATCH, INPUTS)[:, 0]
    source = graph.tensor("x", x.shape[1:], p.x)
    rest = _lstm_inputs(graph, weights, form, p, "hybrid" if hybrid else type_,
                        ((BATCH, form.outputs), (BATCH, CELLS)))
    extra, round_norm = _intermediates(graph, form, p, rng)
    lstm = Lstm(_reals(graph, weights), BATCH, CELLS, form.outputs, _rounding(p.cell),
                _rounding(p.hidden), _rounding(p.out),
                round_norm if extra and form.norm else lambda _, x: x,
                form.cell_clip or np.inf, form.proj_clip or np.inf)
    rows = np.stack([lstm.step(step) for step in steps])
    y = p.out.quantize(rows) if quantized else rows
    target = graph.tensor("y", y.shape[1:], p.out)
    graph.b.add_operator(op, [source, *rest], [target], "LSTMOptions",
                         fusedActivationFunction=fused_code("TANH"),
                         cellClip=form.cell_clip, projClip=form.proj_clip,
                         fields={"intermediates": extra} if extra else None,
                         version=4 if quantized else 1)
    graph.b.set_io([source], [target])
    return Case(op, type_, "hybrid" if hybrid else "different" if quantized else "", name,
                graph.b.finish(), [x], [y], [_judge(quantized, hybrid)], [None])


def svdf_case(name, type_, *, hybrid=False, zero_point=-128, time_type="int16", bias_factor=1.0,
              activation="RELU", bias=True, state_type="int16"):
    op, quantized, rank, memory, units = "SVDF", type_ != "float32", 2, 5, 4
    rng = random_for(op, name, type_, hybrid)
    w = {"feature": rng.uniform(-0.8, 0.7, (units * rank, INPUTS)),
         "time": rng.uniform(-0.5, 0.6, (units * rank, memory)),
         "bias": rng.uniform(-0.3, 0.5, units)}
    graph = _Graph()
    x_params = params_for(type_, *_RANGE, 0) if quantized else None
    out = Params(type_, np.float32(0.02), zero_point) if quantized else None
    state = Params(state_type, np.float32(4 / {"int16": 32767, "int8": 127}[state_type]), 0) \
        if quantized else None
    reals = rng.uniform(*_RANGE, (SAMPLES, BATCH, INPUTS))
    x = x_params.quantize(reals) if quantized else reals.astype(np.float32)
    steps = x_params.dequantize(x) if quantized else x.astype(np.float64)
    feature = _symmetric("int8", w["feature"]) if quantized or hybrid else None
    time_type = time_type if quantized else "int8"
    time = _symmetric(time_type, w["time"]) if quantized or hybrid else None
    b = None if not quantized else Params(
        "int32", np.float32(np.float64(state.scale) * time.scale * bias_factor), 0)
    source = graph.tensor("x", (BATCH, INPUTS), x_params)
    inputs = [source, graph.constant("feature", w["feature"], feature),
              graph.constant("time", w["time"], time),
              graph.constant("bias", w["bias"], b) if bias else -1,
              graph.state("state", (BATCH, units * rank * memory), state)]
    real = {key: graph.real[key] for key in w if key in graph.real}
    svdf = Svdf(real, BATCH, rank, _rounding(state), _rounding(out))
    rows = np.stack([svdf.step(step) for step in steps])
    y = out.quantize(rows) if quantized else rows
    target = graph.tensor("y", y.shape[1:], out)
    graph.b.add_operator(op, inputs, [target], "SVDFOptions", rank=rank,
                         fusedActivationFunction=fused_code(activation),
                         version=3 if quantized else 2 if hybrid else 1)
    graph.b.set_io([source], [target])
    return Case(op, type_, "hybrid" if hybrid else "different" if quantized else "", name,
                graph.b.finish(), [x], [y], [_judge(quantized, hybrid)], [None])


def rnn_case(op, type_, hybrid=False):
    """RNN and UNIDIRECTIONAL_SEQUENCE_RNN."""
    quantized, sequence = type_ != "float32", op != "RNN"
    rng = random_for(op, type_, hybrid)
    w = {"input": rng.uniform(-0.6, 0.7, (CELLS, INPUTS)),
         "recurrent": rng.uniform(-0.3, 0.3, (CELLS, CELLS)), "bias": rng.uniform(-0.2, 0.4, CELLS)}
    graph = _Graph()
    p = params_for(type_, *_RANGE, 0) if quantized else None
    out = params_for(type_, 0, 3.5, 2) if quantized else None
    x, steps = _feed(rng, p, False)
    if not sequence:
        x, steps = x[:, :, 0], steps.reshape(SAMPLES, TIME, BATCH, INPUTS)[:, 0]
    source = graph.tensor("x", x.shape[1:], p)
    kinds = {key: _symmetric("int8", values) if (quantized or hybrid) and key != "bias" else None
             for key, values in w.items()}
    if quantized:
        kinds["bias"] = Params("int32", np.float32(p.scale * kinds["input"].scale), 0)
    inputs = [source, *[graph.constant(key, w[key], kinds[key]) for key in w],
              graph.state("state", (BATCH, CELLS), out)]
    rnn = Rnn(_reals(graph, w), BATCH, CELLS, _rounding(out))
    rows = [rnn.step(step) for step in steps]
    y = _gather(rows, out, False) if sequence else np.stack(rows) if out is None else \
        out.quantize(np.stack(rows))
    target = graph.tensor("y", y.shape[1:], out)
    graph.b.add_operator(op, inputs, [target], "SequenceRNNOptions" if sequence else "RNNOptions",
                         fusedActivationFunction=fused_code("RELU"), version=2 if hybrid else 1)
    graph.b.set_io([source], [target])
    return Case(op, type_, "hybrid" if hybrid else "different" if quantized else "",
                "plain, int8 weights" if hybrid else "plain", graph.b.finish(), [x], [y],
                [_judge(quantized, hybrid)], [None])


def _backwards(make, steps):
    """The outputs of a layer that reads the steps of each sample from the last; [steps, ...]."""
    rows = []
    layer = make()
    for sample in range(SAMPLES):
        part = steps[sample * TIME:(sample + 1) * TIME]
        rows += [layer.step(step) for step in part[::-1]][::-1]
    return rows


def bidirectional_lstm_case(type_, hybrid=False):
    op, quantized, form = "BIDIRECTIONAL_SEQUENCE_LSTM", type_ != "float32", Form()
    rng = random_for(op, type_, hybrid)
    graph, p = _Graph(), _lstm_params(form, type_, quantized)
    x, steps = _feed(rng, p.x, False)
    source = graph.tensor("x", x.shape[1:], p.x)
    parts, states, rows = [], [], []
    for prefix in ("fw_", "bw_"):
        weights = _draw_lstm(rng, form)
        kind = "hybrid" if hybrid else type_
        shapes = (BATCH, CELLS), (BATCH, CELLS)
        slots = _lstm_inputs(graph, weights, form, p, kind, shapes, prefix)
        parts += slots[:17]
        states += slots[17:19]
        real = _reals(graph, weights, prefix)

        def make(real=real):
            return Lstm(real, BATCH, CELLS, CELLS, _rounding(p.cell), exact, _rounding(p.out),
                        lambda _, x: x)

        layer = make()
        rows.append([layer.step(s) for s in steps] if prefix == "fw_" else _backwards(make, steps))
    ys = [_gather(r, p.out, False) for r in rows]
    targets = [graph.tensor(f"y{i}", y.shape[1:], p.out) for i, y in enumerate(ys)]
    graph.b.add_operator(op, [source, *parts, *states, *[-1] * 9], targets,
                         "BidirectionalSequenceLSTMOptions", timeMajor=False,
                         fusedActivationFunction=fused_code("TANH"))
    graph.b.set_io([source], targets)
    return Case(op, type_, "hybrid" if hybrid else "different" if quantized else "",
                "plain, int8 weights" if hybrid else "plain", graph.b.finish(), [x], ys,
                [_judge(quantized, hybrid)] * 2, [None] * 2)


def bidirectional_rnn_case(type_, hybrid=False):
    op, quantized = "BIDIRECTIONAL_SEQUENCE_RNN", type_ != "float32"
    rng = random_for(op, type_, hybrid)
    graph = _Graph()
    p = params_for(type_, *_RANGE, 0) if quantized else None
    out = params_for(type_, 0, 3.5, 2) if quantized else None
    x, steps = _feed(rng, p, False)
    source = graph.tensor("x", x.shape[1:], p)
    inputs, rows = [source], []
    for prefix in ("fw_", "bw_"):
        w = {"input": rng.uniform(-0.6, 0.7, (CELLS, INPUTS)),
             "recurrent": rng.uniform(-0.3, 0.3, (CELLS, CELLS)),
             "bias": rng.uniform(-0.2, 0.4, CELLS)}
        for key, values in w.items():
            kind = _symmetric("int8", values) if (quantized or hybrid) and key != "bias" else None
            inputs.append(graph.constant(prefix + key, values, kind))
        inputs.append(graph.state(f"{prefix}state", (BATCH, CELLS), out))
        real = _reals(graph, w, prefix)

        def make(real=real):
            return Rnn(real, BATCH, CELLS, _rounding(out))

        layer = make()
        rows.append([layer.step(s) for s in steps] if prefix == "fw_" else _backwards(make, steps))
    ys = [_gather(r, out, False) for r in rows]
    targets = [graph.tensor(f"y{i}", y.shape[1:], out) for i, y in enumerate(ys)]
    graph.b.add_operator(op, [*inputs, -1, -1, -1], targets, "BidirectionalSequenceRNNOptions",
                         timeMajor=False, fusedActivationFunction=fused_code("RELU"))
    graph.b.set_io([source], targets)
    return Case(op, type_, "hybrid" if hybrid else "different" if quantized else "",
                "plain, int8 weights" if hybrid else "plain", graph.b.finish(), [x], ys,
                [_judge(quantized, hybrid)] * 2, [None] * 2)


def gru_case(type_):
    """Circle's own operator, whose state starts from an input."""
    op, quantized = "GRU", type_ != "float32"
    rng = random_for(op, type_)
    w = {"hidden": rng.uniform(-0.4, 0.4, (3 * CELLS, CELLS)),
         "hidden_bias": rng.uniform(-0.2, 0.2, 3 * CELLS),
         "input": rng.uniform(-0.6, 0.7, (3 * CELLS, INPUTS)),
         "input_bias": rng.uniform(-0.2, 0.3, 3 * CELLS)}
    graph = _Graph()
    p = params_for(type_, *_RANGE, 0) if quantized else None
    out = params_for(type_, -1, 1, 2) if quantized else None
    x, steps = _feed(rng, p, True)
    source = graph.tensor("x", x.shape[1:], p)
    kinds = {key: _symmetric("int8", v) if quantized and "bias" not in key else None
             for key, v in w.items()}
    inputs = [source, *[graph.constant(key, w[key], kinds[key]) for key in w],
              graph.constant("start", np.zeros((BATCH, CELLS)), out)]
    rows = []
    for sample in range(SAMPLES):
        layer = Gru(_reals(graph, w), BATCH, CELLS)
        rows += [layer.step(s) for s in steps[sample * TIME:(sample + 1) * TIME]]
    y = _gather(rows, out, True)
    target = graph.tensor("y", y.shape[1:], out)
    graph.b.add_operator(op, inputs, [target], "GRUOptions", returnSequences=True, timeMajor=True,
                         fusedActivationFunction=fused_code("TANH"))
    graph.b.set_io([source], [target])
    return Case(op, type_, "different" if quantized else "", "plain", graph.b.finish(), [x], [y],
                [_judge(quantized)], [None])


def variable_case(op, type_, sides):
    """A variable that is read before (READ_VARIABLE) or after it is written (ASSIGN_VARIABLE)."""
    quantized = type_ != "float32"
    rng = random_for(op, type_, sides)
    graph = _Graph()
    p = params_for(type_, *_RANGE, 0) if quantized else None
    out = p if sides != "different" else params_for(type_, *_RANGE, 2)
    reals = rng.uniform(*_RANGE, (SAMPLES, BATCH, INPUTS))
    x = p.quantize(reals) if quantized else reals.astype(np.float32)
    rows = p.dequantize(x) if quantized else x.astype(np.float64)
    if op == "READ_VARIABLE":
        rows = np.concatenate([np.zeros_like(rows[:1]), rows[:-1]])
    b, shape = graph.b, (BATCH, INPUTS)
    source, target = graph.tensor("x", shape, p), graph.tensor("y", shape, out)

    def handle():
        index = b.add_tensor("handle", [], "resource")
        b.add_operator("VAR_HANDLE", [], [index], "VarHandleOptions", container="",
                       sharedName="state")
        return index

    b.add_operator("CALL_ONCE", [], [], "CallOnceOptions", initSubgraphIndex=1)
    resource = handle()
    nodes = [("READ_VARIABLE", [resource], [target], "ReadVariableOptions"),
             ("ASSIGN_VARIABLE", [resource, source], [], "AssignVariableOptions")]
    for node in nodes if op == "READ_VARIABLE" else nodes[::-1]:
        b.add_operator(*node)
    b.set_io([source], [target])
    b.begin_graph("start")
    resource = handle()
    b.add_operator("ASSIGN_VARIABLE", [resource, graph.constant("zeros", np.zeros(shape), p)], [],
                   "AssignVariableOptions")
    b.set_io([], [])
    y = out.quantize(rows) if quantized else rows
    return Case(op, type_, sides, "plain", b.finish(), [x], [y],
                ["steps" if quantized else "float"], [None])


def _hybrid_forms():
    for name in ("plain", "cifg", "peephole", "projection", "norm"):
        yield f"{name}, int8 weights", FORMS[name]
    yield "plain, uint8 weights", dataclasses.replace(FORMS["plain"], weights="uint8")
    yield "plain, int8 weights per_channel", dataclasses.replace(FORMS["plain"], per_channel=True)


# Those that the rules of other operators do not concern: they have a table of their own.
OPERATORS = ("LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM", "BIDIRECTIONAL_SEQUENCE_LSTM", "RNN",
             "UNIDIRECTIONAL_SEQUENCE_RNN", "BIDIRECTIONAL_SEQUENCE_RNN", "SVDF", "GRU",
             "READ_VARIABLE", "ASSIGN_VARIABLE")


def recurrent_cases():
    integers = ("uint8", "int8", "int16")
    for make, op in ((lstm_case, "sequence"), (single_lstm_case, "single")):
        for name, form in FORMS.items():
            if op == "sequence" or name != "time major":
                yield make(name, form, "float32")
        for name, form in INT8_FORMS.items():
            if op == "sequence" or name != "time major":
                yield make(name, form, "int8")
        for type_ in ("uint8", "int16"):
            yield make("plain", Form(), type_)
        for name, form in _hybrid_forms():
            yield make(name, form, "float32", hybrid=True)
    yield svdf_case("plain", "float32")
    yield svdf_case("bias left out", "float32", bias=False)
    yield svdf_case("plain, int8 weights", "float32", hybrid=True)
    for type_ in integers:
        yield svdf_case("plain", type_, zero_point={"uint8": 0, "int8": -128, "int16": 0}[type_])
    yield svdf_case("bias left out", "int8", bias=False)
    yield svdf_case("output zero point -100", "int8", zero_point=-100)
    yield svdf_case("int8 time weights", "int8", time_type="int8")
    yield svdf_case("int8 state and time weights", "int8", time_type="int8", state_type="int8")
    yield svdf_case("no activation", "int8", activation="NONE")
    yield svdf_case("bias scale 5 times that of the accumulator", "int8", bias_factor=5)
    for op in ("RNN", "UNIDIRECTIONAL_SEQUENCE_RNN"):
        for type_ in ("float32", *integers):
            yield rnn_case(op, type_)
        yield rnn_case(op, "float32", hybrid=True)
    for make in (bidirectional_lstm_case, bidirectional_rnn_case):
        for type_ in ("float32", *integers):
            yield make(type_)
        yield make("float32", hybrid=True)
    for op in ("READ_VARIABLE", "ASSIGN_VARIABLE"):
        yield variable_case(op, "float32", "")
        for type_ in integers:
            yield variable_case(op, type_, "equal")
            yield variable_case(op, type_, "different")
    for type_ in ("float32", *integers):
        yield gru_case(type_)
