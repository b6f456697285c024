# SPDX-License-Identifier: Apache-2.0
"""An independent check of circle and TFLite files, quantized ones above all.

    python testdata/model_checker.py MODEL...

Tells what is wrong with each file, a line for each problem; exit status 1 if there is any. It reads
the file with circle-schema and shares no code with q-implant, so that an error there is not
repeated here. It knows what a well-formed quantized model is, not which kernels a runtime has.

As a module: check(path) gives the problems as a list of texts.
Needs numpy, flatbuffers and circle-schema.
"""

import collections
import math
import pathlib
import sys

import numpy as np
from circle_schema import circle

import circle_builder

_ALIGNMENT = 16
_VERSIONS = {circle_builder.CIRCLE: 0, circle_builder.TFLITE: 3}
_BIAS_TOLERANCE = 1e-6  # relative, of bias scale = input scale x weights scale

_RANGES = {
    "int4": (-8, 7), "uint4": (0, 15), "int8": (-2**7, 2**7 - 1), "uint8": (0, 2**8 - 1),
    "int16": (-2**15, 2**15 - 1), "int32": (-2**31, 2**31 - 1), "int64": (-2**63, 2**63 - 1),
}  # yapf: disable
# Integers that are data, never indices: without parameters they mean nothing.
_SMALL = ("int4", "uint4", "int8", "uint8", "int16")

# Operators with weights and bias: which input is the data, the weights, the bias; the channel axis
# of the weights.
_LINEAR = {"CONV_2D": (0, 1, 2, 0), "DEPTHWISE_CONV_2D": (0, 1, 2, 3),
           "FULLY_CONNECTED": (0, 1, 2, 0), "TRANSPOSE_CONV": (2, 1, 3, 0)}  # yapf: disable
# Types that go with each type of the data.
_WEIGHTS_TYPES = {"float32": ("float32",), "uint8": ("uint8",), "int8": ("int8", "int4"),
                  "int16": ("int8",)}
_INT4_BESIDE_INT16 = {(op, "int16", "int4") for op in ("CONV_2D", "FULLY_CONNECTED")}
_BIAS_TYPES = {"float32": "float32", "uint8": "int32", "int8": "int32", "int16": "int64"}

# Operators that move values or pick among them: data inputs and outputs share their parameters.
_SAME_PARAMETERS = {
    "AVERAGE_POOL_2D", "BATCH_TO_SPACE_ND", "BROADCAST_TO", "CONCATENATION", "DEPTH_TO_SPACE",
    "EXPAND_DIMS", "GATHER", "GATHER_ND", "MAXIMUM", "MAX_POOL_2D", "MINIMUM", "MIRROR_PAD", "PACK",
    "PAD", "PADV2", "REDUCE_MAX", "REDUCE_MIN", "RESHAPE", "RESIZE_BILINEAR",
    "RESIZE_NEAREST_NEIGHBOR", "REVERSE_V2", "SELECT", "SELECT_V2", "SLICE", "SPACE_TO_BATCH_ND",
    "SPACE_TO_DEPTH", "SPLIT", "SPLIT_V", "SQUEEZE", "STRIDED_SLICE", "TILE", "TOPK_V2",
    "TRANSPOSE", "UNPACK",
}  # yapf: disable
# Whose kernel brings inputs of different parameters to the output's itself.
_RESCALES = {("CONCATENATION", "uint8")}
# Whose two sides differ in type by their meaning.
_ANY_TYPES = {"QUANTIZE", "DEQUANTIZE", "CAST", "CUSTOM", "WHILE", "IF", "CALL", "CALL_ONCE",
              "STABLEHLO_COMPOSITE", "LSTM", "SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM",
              "BIDIRECTIONAL_SEQUENCE_LSTM"}
# The graphs that an operator calls: fields of its options.
_CALLS = {"WHILE": ("condSubgraphIndex", "bodySubgraphIndex"),
          "IF": ("thenSubgraphIndex", "elseSubgraphIndex"), "CALL": ("subgraph",),
          "CALL_ONCE": ("initSubgraphIndex",),
          "STABLEHLO_COMPOSITE": ("decompositionSubgraphIndex",)}  # yapf: disable


def check(path):
    """What is wrong with the file, a text for each problem. Reads graphs, not values."""
    data = pathlib.Path(path).read_bytes()
    identifier = data[4:8]
    if identifier not in _VERSIONS:
        return [f"file: identifier {identifier!r} is neither CIR0 nor TFL3"]
    model = circle_builder.unpack(data)
    checker = _Checker(model)
    checker.check_file(data, identifier)
    for index in range(len(model.subgraphs)):
        _GraphChecker(checker, index).check()
    checker.check_signatures()
    checker.check_orphan_buffers()
    return checker.problems


def _list(values):
    return [] if values is None else [int(v) for v in values]


def _scales(tensor):
    quantization = tensor.quantization
    if quantization is None or quantization.scale is None:
        return np.zeros(0, np.float32)
    return np.asarray(quantization.scale, np.float32)


def _zero_points(tensor):
    quantization = tensor.quantization
    return [] if quantization is None else _list(quantization.zeroPoint)


def _axis(tensor):
    return int(tensor.quantization.quantizedDimension)


def _is_quantized(tensor):
    return len(_scales(tensor)) > 0


def _same_parameters(one, other):
    return (np.array_equal(_scales(one), _scales(other))
            and _zero_points(one) == _zero_points(other))


def _type(tensor):
    return circle_builder.type_name(tensor.type)


class _Checker:
    """What concerns the whole file; collects the problems."""

    def __init__(self, model):
        self.model = model
        self.problems = []

    def add(self, where, text):
        self.problems.append(f"{where}: {text}")

    def is_constant(self, tensor):
        if not 0 < tensor.buffer < len(self.model.buffers):
            return False
        data = self.model.buffers[tensor.buffer].data
        has_data = data is not None and len(data) > 0
        return has_data or (tensor.shape is not None and 0 in tensor.shape)

    def check_file(self, data, identifier):
        if self.model.version != _VERSIONS[identifier]:
            self.add("file", f"version {self.model.version}, {identifier.decode()} has "
                     f"{_VERSIONS[identifier]}")
        root = circle.Model.Model.GetRootAs(data)
        for i in range(root.BuffersLength()):
            buffer = root.Buffers(i)
            start = buffer._tab.Offset(4)
            if start and buffer.DataLength() and buffer._tab.Vector(start) % _ALIGNMENT:
                self.add(f"buffer {i}", f"its data starts at {buffer._tab.Vector(start)}, "
                         f"no multiple of {_ALIGNMENT}")
            if buffer.Offset() > 1:
                if buffer.Offset() % _ALIGNMENT:
                    self.add(f"buffer {i}", f"its data starts at {buffer.Offset()}, "
                             f"no multiple of {_ALIGNMENT}")
                if buffer.Offset() + buffer.Size() > len(data):
                    self.add(f"buffer {i}", f"its data ends at {buffer.Offset() + buffer.Size()}, "
                             f"the file at {len(data)}")
        first = self.model.buffers[0].data if self.model.buffers else None
        if first is not None and len(first):
            self.add("buffer 0", f"holds {len(first)} bytes; it means that a tensor has no data")

    def check_signatures(self):
        for signature in self.model.signatureDefs or []:
            key = signature.signatureKey
            where = f"signature '{key.decode() if isinstance(key, bytes) else key}'"
            if not 0 <= signature.subgraphIndex < len(self.model.subgraphs):
                self.add(where, f"names graph {signature.subgraphIndex}, there are "
                         f"{len(self.model.subgraphs)}")
                continue
            graph = self.model.subgraphs[signature.subgraphIndex]
            for side, maps, ends in (("input", signature.inputs, graph.inputs),
                                     ("output", signature.outputs, graph.outputs)):
                for entry in maps or []:
                    if entry.tensorIndex not in _list(ends):
                        self.add(where, f"{side} '{circle_builder.tensor_name(entry)}' is tensor "
                                 f"{entry.tensorIndex}, which is no {side} of the graph")

    def check_orphan_buffers(self):
        used = {0} | {t.buffer for g in self.model.subgraphs for t in g.tensors or []}
        for entry in self.model.metadata or []:
            used.add(entry.buffer)
            if not 0 <= entry.buffer < len(self.model.buffers):
                self.add(f"metadata '{circle_builder.tensor_name(entry)}'",
                         f"names buffer {entry.buffer}, there are {len(self.model.buffers)}")
        used |= set(_list(self.model.metadataBuffer))
        for i in sorted(set(range(len(self.model.buffers))) - used):
            self.add(f"buffer {i}", "nothing uses it")


class _GraphChecker:
    """What concerns one graph."""

    def __init__(self, checker, index):
        self.file, self.index = checker, index
        self.model = checker.model
        self.graph = checker.model.subgraphs[index]
        self.tensors = self.graph.tensors or []
        self.operators = self.graph.operators or []

    def check(self):
        self.check_names()
        for tensor in self.tensors:
            self.check_constant(tensor)
            self.check_quantization(tensor)
        if self.check_indices():  # what follows follows them
            self.check_order()
            self.check_orphans()
            for i in range(len(self.operators)):
                self.check_operator(i)

    def add_tensor(self, tensor, text):
        self.file.add(f"graph {self.index}, tensor '{circle_builder.tensor_name(tensor)}'", text)

    def add_node(self, i, text):
        self.file.add(f"graph {self.index}, node {i} {self.kind(i)}", text)

    def kind(self, i):
        try:
            return circle_builder.operator_name(self.model, self.operators[i])
        except (IndexError, StopIteration):
            return "?"

    def inputs(self, i):
        """The tensors an operator reads, None for an absent one."""
        return [None if t == -1 else self.tensors[t] for t in _list(self.operators[i].inputs)]

    def outputs(self, i):
        return [self.tensors[t] for t in _list(self.operators[i].outputs)]

    # --- tensors

    def check_names(self):
        names = collections.Counter(map(circle_builder.tensor_name, self.tensors))
        for name, count in names.items():
            if not name:
                self.file.add(f"graph {self.index}", f"{count} tensor(s) without a name")
            elif count > 1:
                self.file.add(f"graph {self.index}", f"{count} tensors are named '{name}'")

    def check_constant(self, tensor):
        if not 0 <= tensor.buffer < len(self.model.buffers):
            self.add_tensor(tensor, f"names buffer {tensor.buffer}, there are "
                            f"{len(self.model.buffers)}")
            return
        try:
            bits = 4 if _type(tensor) in ("int4", "uint4") else \
                8 * circle_builder.numpy_type(_type(tensor)).itemsize
        except KeyError:
            return  # strings, blocks of GGML
        if not self.file.is_constant(tensor) or tensor.sparsity is not None:
            return
        expected = math.ceil(math.prod(_list(tensor.shape)) * bits / 8)
        data = self.model.buffers[tensor.buffer].data
        found = 0 if data is None else len(data)
        if found != expected:
            self.add_tensor(tensor, f"{_type(tensor)}{_list(tensor.shape)} takes {expected} bytes, "
                            f"its buffer has {found}")

    def check_quantization(self, tensor):
        scales, zero_points = _scales(tensor), _zero_points(tensor)
        if len(scales) != len(zero_points):
            self.add_tensor(tensor, f"{len(scales)} scale(s), {len(zero_points)} zero point(s)")
        if not len(scales):
            return
        if _type(tensor) not in _RANGES:
            self.add_tensor(tensor, f"{_type(tensor)} with a scale")
            return
        for scale in scales[~(np.isfinite(scales) & (scales > 0))][:1]:
            self.add_tensor(tensor, f"a scale is {scale}; it must be finite and > 0")
        low, high = _RANGES[_type(tensor)]
        for zero_point in [z for z in zero_points if not low <= z <= high][:1]:
            self.add_tensor(tensor, f"zero point {zero_point} is outside {_type(tensor)}")
        shape, axis = _list(tensor.shape), _axis(tensor)
        if not 0 <= axis < max(len(shape), 1 if len(scales) == 1 else 0):
            # LiteRT refuses the axis of a single scale too, though it means nothing.
            self.add_tensor(tensor, f"channel axis {axis}, its rank is {len(shape)}")
        elif len(scales) > 1 and shape[axis] != len(scales):
            self.add_tensor(tensor, f"{len(scales)} scales, {shape[axis]} channels along axis "
                            f"{axis} of {shape}")
        if len(scales) > 1 and not self.file.is_constant(tensor):
            self.add_tensor(tensor, f"an activation with {len(scales)} scales")

    # --- the graph's structure

    def check_indices(self):
        """Whether every index of the graph has its tensor and every operator its code."""
        before = len(self.file.problems)
        count = len(self.tensors)
        for side, ends in (("input", self.graph.inputs), ("output", self.graph.outputs)):
            for t in _list(ends):
                if not 0 <= t < count:
                    self.file.add(f"graph {self.index}", f"{side} is tensor {t}, there are {count}")
        for i, operator in enumerate(self.operators):
            if not 0 <= operator.opcodeIndex < len(self.model.operatorCodes):
                self.add_node(i, f"names operator code {operator.opcodeIndex}, there are "
                              f"{len(self.model.operatorCodes)}")
            for t in _list(operator.inputs):
                if not -1 <= t < count:
                    self.add_node(i, f"reads tensor {t}, there are {count}")
            for t in _list(operator.outputs):
                if not 0 <= t < count:
                    self.add_node(i, f"makes tensor {t}, there are {count}")
        return len(self.file.problems) == before

    def check_order(self):
        there = set(_list(self.graph.inputs))
        there |= {i for i, t in enumerate(self.tensors)
                  if self.file.is_constant(t) or t.isVariable}
        for i, operator in enumerate(self.operators):
            for t in _list(operator.inputs):
                if t != -1 and t not in there:
                    self.add_node(i, f"reads '{circle_builder.tensor_name(self.tensors[t])}' "
                                  "before it is made")
            for t in _list(operator.outputs):
                if t in there:
                    self.add_node(i, f"makes '{circle_builder.tensor_name(self.tensors[t])}', "
                                  "which is there already")
                there.add(t)
        for t in _list(self.graph.outputs):
            if t not in there:
                self.add_tensor(self.tensors[t], "a graph output that nothing makes")

    def check_orphans(self):
        used = set(_list(self.graph.inputs)) | set(_list(self.graph.outputs))
        for operator in self.operators:
            used |= set(_list(operator.inputs)) | set(_list(operator.outputs))
            used |= set(_list(operator.intermediates))
        for t, tensor in enumerate(self.tensors):
            if t not in used:
                self.add_tensor(tensor, "nothing uses it")

    # --- what stands at an operator

    def check_operator(self, i):
        kind = self.kind(i)
        if kind == "QUANTIZE":
            self.check_quantize(i)
        elif kind == "DEQUANTIZE":
            self.check_dequantize(i)
        elif kind in _CALLS:
            self.check_call(i)
        elif kind in _LINEAR:
            self.check_linear(i)
        elif kind not in _ANY_TYPES:
            self.check_data_types(i)
        if kind in _SAME_PARAMETERS:
            self.check_same_parameters(i)

    def check_quantize(self, i):
        source, target = self.inputs(i)[0], self.outputs(i)[0]
        if _type(source) != "float32" and not _is_quantized(source):
            self.add_node(i, f"reads {_type(source)} without parameters")
        if not _is_quantized(target):
            self.add_node(i, f"makes {_type(target)} without parameters")

    def check_dequantize(self, i):
        source, target = self.inputs(i)[0], self.outputs(i)[0]
        if _type(source) != "float16" and not _is_quantized(source):
            self.add_node(i, f"reads {_type(source)} without parameters")
        if _type(target) != "float32":
            self.add_node(i, f"makes {_type(target)}, not float32")

    def data(self, i):
        """What a node reads and makes that stands for real numbers."""
        return [t for t in self.inputs(i) + self.outputs(i) if t is not None
                and (_type(t) == "float32" or _type(t) in _SMALL or _is_quantized(t))]

    def check_data_types(self, i):
        data = self.data(i)
        types = sorted({_type(t) for t in data})
        if len(types) > 1 and not self.is_int16_beside_int8_constant(i):
            self.add_node(i, f"its data is of several types: {', '.join(types)}")
        if any(map(_is_quantized, data)):
            for tensor in data:
                if _type(tensor) != "float32" and not _is_quantized(tensor):
                    self.add_node(i, f"'{circle_builder.tensor_name(tensor)}' is {_type(tensor)} "
                                  "without parameters")

    def is_int16_beside_int8_constant(self, i):
        """LiteRT's int16 BatchMatMul multiplies with an int8 constant of one scale."""
        inputs, output = self.inputs(i), self.outputs(i)[0]
        return (self.kind(i) == "BATCH_MATMUL" and _type(inputs[0]) == _type(output) == "int16"
                and _type(inputs[1]) == "int8" and self.file.is_constant(inputs[1])
                and len(_scales(inputs[1])) == 1 and not any(_zero_points(inputs[1])))

    def check_same_parameters(self, i):
        data = self.data(i)
        if not data or (self.kind(i), _type(data[0])) in _RESCALES:
            return
        for tensor in data[1:]:
            if not _same_parameters(data[0], tensor):
                self.add_node(i, f"'{circle_builder.tensor_name(data[0])}' and "
                              f"'{circle_builder.tensor_name(tensor)}' have different parameters")

    def check_linear(self, i):
        inputs, output = self.inputs(i), self.outputs(i)[0]
        *places, axis = _LINEAR[self.kind(i)]
        data, weights, bias = (inputs[p] if p < len(inputs) else None for p in places)
        kind = _type(data)
        if kind not in _WEIGHTS_TYPES:
            self.add_node(i, f"{kind} data")
            return
        if _type(output) != kind:
            self.add_node(i, f"{kind} data, {_type(output)} output")
        if (_type(weights) not in _WEIGHTS_TYPES[kind]
                and (self.kind(i), kind, _type(weights)) not in _INT4_BESIDE_INT16):
            self.add_node(i, f"{kind} data, {_type(weights)} weights")
        if bias is not None and _type(bias) != _BIAS_TYPES[kind]:
            self.add_node(i, f"{kind} data, {_type(bias)} bias")
        for name, tensor in (("data", data), ("weights", weights), ("bias", bias),
                             ("output", output)):
            if tensor is not None and _is_quantized(tensor) != (kind != "float32"):
                self.add_node(i, f"{kind} data, {name} "
                              f"{'with' if _is_quantized(tensor) else 'without'} parameters")
                return
        if kind != "float32":
            if len(_scales(weights)) > 1 and _axis(weights) != axis:
                self.add_node(i, f"channel axis of its weights is {_axis(weights)}, not {axis}")
            if bias is not None:
                self.check_bias(i, data, weights, bias)

    def check_bias(self, i, data, weights, bias):
        expected = _scales(data).astype(np.float64)[0] * _scales(weights)
        found = _scales(bias)
        if len(found) != len(expected):
            self.add_node(i, f"{len(found)} bias scale(s), {len(expected)} weights scale(s)")
            return
        error = np.abs(found / expected - 1)
        if not error.max() <= _BIAS_TOLERANCE:
            worst = int(np.argmax(error))
            self.add_node(i, f"bias scale {found[worst]} is not input scale x weights scale "
                          f"{expected[worst]}")
        if any(_zero_points(bias)):
            self.add_node(i, "a zero point of its bias is not 0")

    def check_call(self, i):
        """Called graphs exist, take what the operator gives and give what it makes."""
        options = self.operators[i].builtinOptions or self.operators[i].builtinOptions2
        for field in _CALLS[self.kind(i)]:
            called = getattr(options, field)
            if not 0 <= called < len(self.model.subgraphs):
                self.add_node(i, f"calls graph {called}, there are {len(self.model.subgraphs)}")
                continue
            graph = self.model.subgraphs[called]
            given, made = self.inputs(i), self.outputs(i)
            if self.kind(i) == "IF":
                given = given[1:]  # the condition
            self.check_crossing(i, called, "input", given, graph, graph.inputs)
            if field != "condSubgraphIndex":
                self.check_crossing(i, called, "output", made, graph, graph.outputs)

    def check_crossing(self, i, called, side, here, graph, ends):
        there = [graph.tensors[t] for t in _list(ends)]
        if len(here) != len(there):
            self.add_node(i, f"{len(here)} {side}(s), graph {called} has {len(there)}")
            return
        for mine, its in zip(here, there):
            if mine is not None and (mine.type != its.type or not _same_parameters(mine, its)):
                self.add_node(i, f"{side} '{circle_builder.tensor_name(mine)}' is {_type(mine)}, "
                              f"'{circle_builder.tensor_name(its)}' of graph {called} is "
                              f"{_type(its)}, or their parameters differ")


def main():
    bad = 0
    for path in sys.argv[1:]:
        for problem in check(path):
            print(f"{path}: {problem}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
