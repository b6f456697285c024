# SPDX-License-Identifier: Apache-2.0
"""A measured case as a user of q-implant has it: a float32 model, and parameters for its tensors.

implant() makes a quantized model of the two for a target, whose types need not be the case's own;
feed() and judge() go between the numbers of the case and the types that came out.
"""

import dataclasses
import functools
import json
import pathlib
import subprocess

import commands
import measure
import numpy as np
import param_set
from testdata_path import circle_builder, quantizer_params

# What q-implant tells of a node that the target does not compute rightly in the end.
_LEFT = ("does not run", "computes wrong values for", "crashes on")


@dataclasses.dataclass(frozen=True)
class Result:
    """What q-implant wrote for a target (None: nothing), and what it told."""

    model: object
    told: str

    @property
    def left(self):
        """The lines that tell of nodes that the target does not compute rightly."""
        return [line for line in self.told.splitlines() if any(words in line for words in _LEFT)]

    @property
    def ends(self):
        return _ends(self.model)

    def nodes(self, operator):
        """[[types of what is given and made]] of the nodes of an operator."""
        graph = self.model.subgraphs[0]
        return [[circle_builder.type_name(graph.tensors[i].type)
                 for i in (*node.inputs, *node.outputs) if i >= 0] for node in graph.operators
                if circle_builder.operator_name(self.model, node) == operator]


@functools.cache
def ends(model):
    """The TensorTs of the inputs and of the outputs of a file's bytes."""
    return _ends(circle_builder.unpack(model))


def _ends(model):
    graph = model.subgraphs[0]
    return [[graph.tensors[i] for i in side] for side in (graph.inputs, graph.outputs)]


def write(case, folder):
    """Writes folder/model.circle and folder/param.json: the case's tensors in float32."""
    folder = pathlib.Path(folder)
    folder.mkdir()
    if case.operator == "DEQUANTIZE":  # the model brings its integers: nothing is imported
        (folder / "model.circle").write_bytes(case.model)
        (folder / "param.json").write_text(json.dumps({"x": {"dtype": "float32"}}))
        return
    model, entries = take_apart(circle_builder.unpack(case.model))
    (folder / "model.circle").write_bytes(circle_builder.pack(model))
    param_set.write(folder, entries)


def implant(case, source, target, output):
    """Runs q-implant on what write() wrote to the folder `source`."""
    command = [commands.find("q-implant"), source / "model.circle", source / "param.json", output,
               "--target", target]
    if case.sides == "hybrid":
        command.append("--hybrid")
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    model = circle_builder.unpack(output.read_bytes()) if run.returncode == 0 else None
    return Result(model, run.stdout + run.stderr)


def take_apart(model):
    """Makes a ModelT float32. Returns it and an Entry for each tensor that had parameters."""
    entries = []
    for tensor in model.subgraphs[0].tensors:
        if not quantizer_params.has_parameters(tensor):
            continue
        values, quantization = integers(model, tensor), tensor.quantization
        entries.append(param_set.Entry(circle_builder.tensor_name(tensor),
                                       circle_builder.type_name(tensor.type),
                                       np.asarray(quantization.scale, np.float32),
                                       np.asarray(quantization.zeroPoint, np.int64),
                                       int(quantization.quantizedDimension), values))
        if values is not None:
            data = real(values, tensor).astype(np.float32)
            model.buffers[tensor.buffer].data = data.tobytes()
        tensor.type, tensor.quantization = circle_builder.tensor_type("float32"), None
    return model, entries


def integers(model, tensor):
    """The integers of a constant, 4-bit ones in a byte each; None for an activation."""
    values = quantizer_params.integers(model, tensor)
    if values is not None and circle_builder.type_name(tensor.type) == "uint4":
        values = (quantizer_params.unpack_4bit(values, tensor.shape) & 15).astype(np.uint8)
    return values


def real(values, tensor):
    """The float64 numbers that the values of a tensor stand for."""
    if not quantizer_params.has_parameters(tensor):
        return np.asarray(values, np.float64)
    quantization, shape = tensor.quantization, [1] * np.ndim(values)
    if len(quantization.scale) > 1:
        shape[quantization.quantizedDimension] = -1
    scale, zero = (np.reshape(np.asarray(a, np.float64), shape)
                   for a in (quantization.scale, quantization.zeroPoint))
    return (np.asarray(values, np.float64) - zero) * scale


def feed(case, result):
    """The case's inputs in the types of the result's: exactly the same numbers."""
    fed = []
    for values, old, new in zip(case.inputs, ends(case.model)[0], result.ends[0], strict=True):
        kind = circle_builder.numpy_type(circle_builder.type_name(new.type))
        if quantizer_params.has_parameters(old) and not quantizer_params.has_parameters(new):
            values = real(values, old)
        elif quantizer_params.has_parameters(old):
            values = moved(values, old, new)
            if not np.array_equal(values.astype(kind), values):
                raise ValueError(f"{case.key}: an input has fewer integers than the case")
        fed.append(values.astype(kind))
    return fed


def moved(values, old, new):
    """The integers of `new` for integers of `old`, another form of the same numbers."""
    if old.quantization.scale[0] != new.quantization.scale[0]:
        raise ValueError(f"scale {new.quantization.scale} for {old.quantization.scale}")
    return values.astype(np.int64) - old.quantization.zeroPoint[0] + new.quantization.zeroPoint[0]


def quantized(values, tensor):
    """What numbers are in the integers of a tensor, as float64; NaN and infinities stay."""
    limits = np.iinfo(circle_builder.numpy_type(circle_builder.type_name(tensor.type)))
    scale, zero = tensor.quantization.scale[0], tensor.quantization.zeroPoint[0]
    steps = np.rint(values.astype(np.float64) / np.float64(scale)) + zero
    return np.where(np.isfinite(steps), np.clip(steps, limits.min, limits.max), steps)


def judge(case, result, outputs):
    """As measure.judge(), in steps of the case's own outputs."""
    values = []
    for got, old, new in zip(outputs, ends(case.model)[1], result.ends[1], strict=True):
        if quantizer_params.has_parameters(old) and quantizer_params.has_parameters(new):
            got = moved(got, new, old)
        elif quantizer_params.has_parameters(old):
            got = quantized(got, old)
        values.append(got)
    return measure.judge(case, values)
