# SPDX-License-Identifier: Apache-2.0
"""Builds the fake-quantized float32 model of a parameter set: what its quantization alone costs.

    python testdata/fake_quant.py MODEL PARAM_FOLDER OUTPUT

As a module: fake_quantized(model_bytes, parameters) gives the bytes of the float32 model in which

- every annotated activation passes through a QUANTIZE and a DEQUANTIZE of its parameters, placed
  behind what makes it (in front of everything for a graph input). All its readers, and the graph's
  outputs and signatures, get what comes out, a tensor `<name>_fake_quantized`. A value just between
  two integers goes where the runtime's Quantize rounds it;
- every annotated constant holds (value - zero point) x scale, float32. One without `value` is
  quantized first as docs/rules.md says: clamp(rint(x / scale) + zero point), where signed weights
  of zero point 0 leave out the least integer;
- everything else is as it was. No operator but the inserted ones touches an integer, so any runtime
  with float32 kernels, Quantize and Dequantize computes it: LiteRT does.

The parameters are an iterable of param_set.Entry or a folder with a param.json (and name_map.json).
Names are the keys of docs/param-format.md: "name", "1:name", "#1/7". float32 entries mean nothing
here. The file keeps its identifier. ValueError where there is no such model: an unknown or repeated
name, an activation that is 4 bits wide, wider than 16 bits or has several scales, a constant that
is not float32.

Needs numpy, flatbuffers and circle-schema.
"""

import json
import os
import pathlib
import re
import sys

import numpy as np

import circle_builder
import param_set

SUFFIX = "_fake_quantized"

_ACTIVATION_TYPES = ("int8", "uint8", "int16")  # which Quantize and Dequantize have kernels for
_RANGES = {
    "int4": (-8, 7), "uint4": (0, 15), "int8": (-2**7, 2**7 - 1), "uint8": (0, 2**8 - 1),
    "int16": (-2**15, 2**15 - 1), "int32": (-2**31, 2**31 - 1), "int64": (-2**63, 2**63 - 1),
}  # yapf: disable
# Where operators read their weights.
_WEIGHTS_INPUT = {"CONV_2D": 1, "DEPTHWISE_CONV_2D": 1, "FULLY_CONNECTED": 1, "TRANSPOSE_CONV": 1}


def fake_quantized(model_bytes, parameters, cut_off=False):
    """The bytes of the fake-quantized model; the module's text says what that is.

    cut_off: values that no integer stands for are cut off in float32 before each QUANTIZE, for
    LiteRT's own wraps beyond 2^31 steps.
    """
    model = circle_builder.unpack(model_bytes)
    if isinstance(parameters, (str, os.PathLike)):
        parameters = read_entries(parameters)
    by_graph = [{} for _ in model.subgraphs]
    for entry in parameters:
        graph, tensor = find_tensor(model, entry.name)
        if tensor in by_graph[graph]:
            raise ValueError(f"two entries name the tensor of '{entry.name}'")
        by_graph[graph][tensor] = entry
    for graph, annotated in enumerate(by_graph):
        _Graph(model, graph, cut_off).fake_quantize(annotated)
    _drop_unused_data(model)
    return circle_builder.pack(model, model_bytes[4:8])


def read_entries(folder):
    """The param_set.Entry of each quantized tensor of a folder, named as the model names it."""
    folder = pathlib.Path(folder)
    names_path = folder / "name_map.json"
    names = json.loads(names_path.read_text()) if names_path.exists() else {}
    entries = []
    for key, fields in json.loads((folder / "param.json").read_text()).items():
        if fields["dtype"].lower() == "float32":
            continue
        arrays = {f: np.load(folder / fields[f]) for f in ("scale", "zerop", "value")
                  if f in fields}
        entries.append(
            param_set.Entry(names.get(key, key), fields["dtype"].lower(),
                            np.atleast_1d(arrays["scale"].astype(np.float32)),
                            np.atleast_1d(arrays["zerop"].astype(np.int64)),
                            fields["quantized_dimension"], arrays.get("value")))
    return entries


def find_tensor(model, key):
    """(graph index, tensor index) of a key of the parameter format."""
    found = [(g, t) for g, graph in enumerate(model.subgraphs)
             for t, tensor in enumerate(graph.tensors)
             if circle_builder.tensor_name(tensor) == key]
    if not found and (match := re.fullmatch(r"#(\d+)/(\d+)", key)):
        return int(match[1]), int(match[2])
    if not found and (match := re.fullmatch(r"(\d+):(.*)", key, re.DOTALL)):
        tensors = model.subgraphs[int(match[1])].tensors
        found = [(int(match[1]), t) for t, tensor in enumerate(tensors)
                 if circle_builder.tensor_name(tensor) == match[2]]
    if len(found) != 1:
        raise ValueError(f"{len(found)} tensors are named '{key}'")
    return found[0]


def quantize(floats, entry, narrow=False):
    """The integers of float32 values, int64: clamp(rint(x / scale) + zero point)."""
    scale, zerop = _along_axis(entry, entry.scale, floats), _along_axis(entry, entry.zerop, floats)
    low, high = _RANGES[entry.dtype]
    rounded = np.rint(np.asarray(floats, np.float32) / scale).astype(np.float64)  # may be far out
    return np.clip(rounded + zerop, low + narrow, high).astype(np.int64)


def dequantize(integers, entry):
    """The float32 values of integers: (q - zero point) x scale."""
    scale = _along_axis(entry, entry.scale, integers)
    zerop = _along_axis(entry, entry.zerop, integers)
    return (integers.astype(np.int64) - zerop).astype(np.float32) * scale


def _along_axis(entry, parameters, array):
    if len(parameters) == 1:
        return parameters[0]
    shape = [1] * array.ndim
    shape[entry.axis] = -1
    return parameters.reshape(shape)


class _Graph:
    """One graph of a model that is being fake-quantized."""

    def __init__(self, model, index, cut_off):
        self.model, self.index, self.cut_off = model, index, cut_off
        self.graph = model.subgraphs[index]
        self.builder = circle_builder.CircleBuilder()  # adds to this model, whatever is in it
        self.builder.model, self.builder.graph = model, self.graph

    def fake_quantize(self, annotated):
        """annotated: {tensor index: Entry}."""
        twins = {}
        for tensor, entry in annotated.items():
            floats = circle_builder.constant(self.model, self.graph.tensors[tensor])
            if floats is None:
                twins[tensor] = self.add_twin(tensor, entry)
            else:
                self.replace_constant(tensor, floats, entry)
        self.insert(twins, annotated)

    def replace_constant(self, index, floats, entry):
        if floats.dtype != np.float32:
            raise ValueError(f"'{entry.name}' is {floats.dtype.name}, not float32")
        integers = entry.value
        if integers is None:
            is_weights = any(
                _WEIGHTS_INPUT.get(circle_builder.operator_name(self.model, o)) == slot
                for o in self.graph.operators for slot, t in enumerate(o.inputs) if t == index)
            symmetric = _RANGES[entry.dtype][0] < 0 and not np.any(entry.zerop)
            integers = quantize(floats, entry, narrow=is_weights and symmetric)
        if integers.shape != floats.shape:
            raise ValueError(f"'{entry.name}': its value's shape is {integers.shape}, "
                             f"the tensor's {floats.shape}")
        data = circle_builder.encode(dequantize(integers, entry), "float32")
        self.graph.tensors[index].buffer = self.builder.add_buffer(data)  # others may share the old

    def add_twin(self, index, entry):
        """The indices of the integer tensor and of the float32 tensor behind it."""
        if entry.dtype not in _ACTIVATION_TYPES or len(entry.scale) != 1:
            raise ValueError(f"'{entry.name}': an activation can't be {entry.dtype} with "
                             f"{len(entry.scale)} scale(s) here")
        tensor = self.graph.tensors[index]
        name, same = circle_builder.tensor_name(tensor), {"shapeSignature": tensor.shapeSignature}
        quant = (entry.scale, entry.zerop)
        return (self.builder.add_tensor(f"{name}{SUFFIX}_integers", tensor.shape, entry.dtype,
                                        quant, **same),
                self.builder.add_tensor(f"{name}{SUFFIX}", tensor.shape, **same))

    def add_clamp(self, tensor, entry):
        """The index of a tensor of the values that the entry's integers stand for."""
        ends = dequantize(np.array(_RANGES[entry.dtype][::-1]), entry)
        for op, end in zip(("MINIMUM", "MAXIMUM"), ends):
            name = f"{entry.name}{SUFFIX}_{op.lower()}"
            bound = self.builder.add_constant(f"{name}_bound", np.float32(end).reshape(()))
            made = self.builder.add_tensor(name, self.graph.tensors[tensor].shape)
            self.builder.add_operator(op, [tensor, bound], [made], "MaximumMinimumOptions")
            tensor = made
        return tensor

    def insert(self, twins, annotated):
        """Puts a QUANTIZE and a DEQUANTIZE behind what makes each tensor of twins."""
        fakes = {t: fake for t, (_, fake) in twins.items()}
        old, self.graph.operators = list(self.graph.operators), []
        waiting = dict(twins)

        def convert(tensors):
            for tensor in (t for t in tensors if t in waiting):
                integers, fake = waiting.pop(tensor)
                within = self.add_clamp(tensor, annotated[tensor]) if self.cut_off else tensor
                self.builder.add_operator("QUANTIZE", [within], [integers], "QuantizeOptions")
                self.builder.add_operator("DEQUANTIZE", [integers], [fake], "DequantizeOptions")

        convert([int(t) for t in self.graph.inputs])
        for operator in old:
            operator.inputs = [fakes.get(int(t), int(t)) for t in operator.inputs]
            self.graph.operators.append(operator)
            convert([int(t) for t in operator.outputs])
        for tensor in waiting:
            raise ValueError(f"nothing makes '{annotated[tensor].name}'")
        self.graph.outputs = [fakes.get(int(t), int(t)) for t in self.graph.outputs]
        for signature in self.model.signatureDefs or []:
            if signature.subgraphIndex == self.index:
                for output in signature.outputs or []:
                    output.tensorIndex = fakes.get(output.tensorIndex, output.tensorIndex)


def _drop_unused_data(model):
    used = {t.buffer for g in model.subgraphs for t in g.tensors}
    used |= {entry.buffer for entry in model.metadata or []}
    for index, buffer in enumerate(model.buffers):
        if index not in used:
            buffer.data = None


def main():
    model, folder, output = map(pathlib.Path, sys.argv[1:])
    output.write_bytes(fake_quantized(model.read_bytes(), folder))


if __name__ == "__main__":
    main()
