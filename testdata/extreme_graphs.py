# SPDX-License-Identifier: Apache-2.0
"""Random graphs with scales that are far apart and constants that are extreme.

    graph = extreme_graph(seed, "onert")     # small; of operators that the runtime has in float32
    chosen = extreme_parameters(graph, seed)

Graphs and parameters of random_graphs.py, of which some inputs are 1e-8 to 1e8 times as large, some
constants have values from 1e-30 to the greatest float32, and some activations and weights a scale
that is 1e-8 to 1e8 times what their values need. The same seed gives the same bytes.

    python testdata/extreme_graphs.py SEED litert|onert FOLDER   # writes model.circle, param.json
"""

import dataclasses
import pathlib
import sys

import numpy as np

import circle_builder
import param_set
import random_graphs
from random_graphs import Net

_GREATEST = float(np.finfo(np.float32).max)
_LEAST = 1e-30
_DECADES = 8
_MAKERS = {
    "litert": ((Net.conv_2d, 8), (Net.depthwise_conv_2d, 5), (Net.fully_connected, 8),
               (Net.transpose_conv, 3), (Net.batch_matmul, 3), (Net.binary, 25), (Net.select, 2),
               (Net.prelu, 2), (Net.unary, 14), (Net.clamp, 6), (Net.pool, 3), (Net.reduce, 5),
               (Net.concatenation, 5), (Net.pad, 4), (Net.reshape, 3), (Net.transpose, 2)),
    "onert": ((Net.conv_2d, 8), (Net.depthwise_conv_2d, 5), (Net.fully_connected, 8),
              (Net.binary, 25), (Net.clamp, 6), (Net.pool, 3), (Net.reduce, 5), (Net.unary, 5),
              (Net.concatenation, 5), (Net.pad, 4), (Net.reshape, 3), (Net.transpose, 2)),
}
# What the target lacks, as operator_claims has measured, and what depends on the last bit of large
# numbers.
_JUMPING = ("SIN", "COS", "FLOOR")
_LACKING = {
    "litert": _JUMPING,
    "onert": (*_JUMPING, "HARD_SWISH", "MIRROR_PAD", "PRELU", "REDUCE_MIN", "RELU_0_TO_1",
              "RELU_N1_TO_1"),
}


class _ExtremeNet(Net):
    """A small graph, grown of what a target has; wide: of what LiteRT has, whatever the target."""

    def __init__(self, rng, target, wide):
        super().__init__(rng)
        self.makers = _MAKERS["litert" if wide else target]
        self.lacking = _LACKING["litert" if wide else target]

    def emit(self, op, *args, **fields):
        """False for what the target does not run in float32 either."""
        return op not in self.lacking and super().emit(op, *args, **fields)

    def grow(self):
        for _ in range(self.choice(1, 1, 2)):
            self.input(self.choice((1, 6, 6, 3), (1, 4, 4, 4), (1, 8), (3, 10)),
                       *self.choice((-1, 1.3), (-0.7, 1), (0, 1), (-2, 2)))
        makers, weights = zip(*self.makers)
        weights = np.asarray(weights) / sum(weights)
        wanted = int(self.rng.integers(2, 9))
        while len(self.builder.graph.operators) < wanted:
            makers[self.rng.choice(len(makers), p=weights)](self)
        self.set_ends()


def _magnitude(rng):
    """From the least to the greatest, each decade as likely."""
    return float(np.exp(rng.uniform(np.log(_LEAST), np.log(_GREATEST))))


def _with_constants(model_bytes, arrays):
    """The model with other data of the float32 constants of these names."""
    model = circle_builder.unpack(model_bytes)
    for tensor in model.subgraphs[0].tensors:
        array = arrays.get(circle_builder.tensor_name(tensor))
        if array is not None:
            data = circle_builder.encode(array, "float32")
            model.buffers[tensor.buffer].data = np.frombuffer(data, np.uint8)
    return circle_builder.pack(model, model_bytes[4:8])


def _distort(graph, rng, share):
    """The graph with other inputs and constants; its ranges are not those any more."""
    samples = [x * np.float32(10.0**rng.uniform(-_DECADES, _DECADES))
               if x.dtype == np.float32 and rng.random() < share else x for x in graph.samples]
    buffers = {}  # tensors may share one
    for i, tensor in enumerate(circle_builder.unpack(graph.model).subgraphs[0].tensors):
        if i in graph.arrays and circle_builder.type_name(tensor.type) == "float32":
            buffers.setdefault(tensor.buffer, []).append(i)
    arrays = dict(graph.arrays)
    for indices in buffers.values():
        greatest = np.abs(graph.arrays[indices[0]]).max()
        if rng.random() < share and greatest > 0:
            unit = graph.arrays[indices[0]].astype(np.float64) / greatest
            changed = np.float32(unit * _magnitude(rng))
            arrays |= {i: changed.reshape(graph.arrays[i].shape) for i in indices}
    by_name = {graph.names[i]: a for i, a in arrays.items() if a is not graph.arrays[i]}
    return dataclasses.replace(
        graph, samples=samples, arrays=arrays, model=_with_constants(graph.model, by_name),
        runnable=_with_constants(graph.runnable, by_name),
        constants={i: arrays[i] for i in graph.constants})


def extreme_graph(seed, target, wide=False):
    """A Graph of finite values. wide: also of operators that the target lacks in float32, for which
    q-implant may know others."""
    for attempt in range(100):
        rng = np.random.default_rng([seed, attempt, 7])
        net = _ExtremeNet(rng, target, wide)
        net.grow()
        runnable = net.runnable()
        graph = _distort(random_graphs.finished(net, runnable, {}), rng, 0.5 / (1 + attempt % 4))
        with np.errstate(all="ignore"):
            _, ranges = random_graphs.run(graph.runnable, graph.samples)
        if all(np.isfinite(r).all() and max(map(abs, r)) < _GREATEST / 4 for r in ranges.values()):
            return dataclasses.replace(graph, ranges={
                i: tuple(map(float, r)) for i, r in ranges.items()})
    raise AssertionError(f"seed {seed}: 100 graphs in a row have values that are not finite")


def with_inputs_within(graph, entries):
    """The graph with inputs that keep within 2^30 steps of their scales. The runtimes' Quantize
    wraps beyond 2^31, and what a caller puts in is not the model's matter."""
    scales = {entry.name: float(entry.scale[0]) for entry in entries}
    inputs = circle_builder.unpack(graph.model).subgraphs[0].inputs
    limits = [2.0**30 * scales.get(graph.names[i], np.inf) for i in inputs]
    return dataclasses.replace(graph, samples=[
        np.clip(x, -limit, limit).astype(x.dtype) if x.dtype == np.float32 else x
        for x, limit in zip(graph.samples, limits, strict=True)])


def _per_tensor(dtype, low, high):
    """Of any range; random_graphs takes what is below 1e-6 for nothing."""
    reach = max(-low, high)
    if not 1e-35 < reach < 1e-4:
        return random_graphs.per_tensor(dtype, low, high)
    scale, zerop = random_graphs.per_tensor(dtype, low / reach, high / reach)
    return (scale * np.float64(reach)).astype(np.float32), zerop


def _all_parameters(graph, dtype):
    """Parameters of one type for all activations, and for all weights."""
    entries = [param_set.Entry(graph.names[i], dtype,
                               *_per_tensor(dtype, *graph.ranges[i]))
               for i in graph.activations]
    for layer in {layer.weights: layer for layer in graph.layers}.values():
        array = graph.arrays[layer.weights]
        if dtype == "uint8":
            entries.append(param_set.Entry(graph.names[layer.weights], dtype,
                                           *_per_tensor(dtype, array.min(), array.max())))
        else:
            scale = np.abs(np.moveaxis(array, layer.axis, 0)).reshape(array.shape[layer.axis], -1)
            scale = np.maximum(scale.max(1) / 127, np.finfo(np.float32).tiny).astype(np.float32)
            entries.append(param_set.Entry(graph.names[layer.weights], "int8", scale,
                                           np.zeros(len(scale), np.int64), layer.axis))
    return random_graphs.Parameters(entries, _of_runnable(graph, entries))


def _of_runnable(graph, entries):
    """The same of what Dequantizes make of float16 constants."""
    made = {graph.names[layer.weights]: graph.names[layer.moved.index] for layer in graph.layers
            if layer.moved is not None and layer.moved.widened}
    return [dataclasses.replace(e, name=made.get(e.name, e.name)) for e in entries]


def extreme_parameters(graph, seed):
    """Parameters of which some have scales that are far from what the values need."""
    rng = np.random.default_rng([seed, 2000])
    if seed % 4 == 0:
        chosen = random_graphs.random_parameters(graph, seed)
    else:
        chosen = _all_parameters(graph, ("uint8", "int8", "int16")[seed // 4 % 3])
    share = (0, 0.1, 0.3)[seed % 3]
    biases = {graph.names[layer.bias] for layer in graph.layers if layer.bias >= 0}
    changed = {}
    for entry in chosen.entries:
        if entry.name in biases or entry.dtype in ("int32", "int64") or entry.value is not None:
            continue
        if rng.random() < share:
            with np.errstate(all="ignore"):
                scale = np.float32(entry.scale * 10.0**rng.uniform(-_DECADES, _DECADES))
            if np.isfinite(scale * np.float32(32768)).all() and (scale >= np.finfo(np.float32).tiny).all():
                changed[entry.name] = scale
    changed |= {e.name: changed[old.name] for e, old in
                zip(_of_runnable(graph, chosen.entries), chosen.entries) if old.name in changed}

    def moved(entries):
        return [dataclasses.replace(e, scale=changed.get(e.name, e.scale))
                for e in entries if e.name not in biases]

    return random_graphs.Parameters(moved(chosen.entries), moved(chosen.reference), chosen.pinned)


def main():
    seed, target, folder = int(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    graph = extreme_graph(seed, target)
    extreme_parameters(graph, seed).write(folder)
    (folder / "model.circle").write_bytes(graph.model)


if __name__ == "__main__":
    main()
