# SPDX-License-Identifier: Apache-2.0
"""Runs circle and TFLite files on LiteRT and onert.

As a module: run_litert(path, inputs), run_onert(path, inputs), their *_many forms, which load the
model once and run it over many samples, and quantize() / dequantize() for the graph's ends.
onert runs in a child process, since some models crash it; LiteRT in this one.

As a command, one sample a row:
    python run_model.py litert|onert MODEL INPUTS.npz OUTPUTS.npz
INPUTS.npz holds input_0, input_1, ... of shape [samples, *tensor shape] in the graph's own types;
OUTPUTS.npz gets output_0, output_1, ... likewise.

Needs numpy, flatbuffers, circle-schema, and ai-edge-litert or onert.
"""

import argparse
import dataclasses
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import circle_builder

_CHILD_TIMEOUT_SECONDS = 600


@dataclasses.dataclass(frozen=True)
class End:
    """An input or output of the main graph. scale and zero_point are None for float32."""

    name: str
    shape: tuple
    dtype: str
    scale: float | None
    zero_point: int | None


def graph_ends(path):
    """(inputs, outputs) of the file's first graph, each a list of End."""
    model = circle_builder.unpack(pathlib.Path(path).read_bytes())
    graph = model.subgraphs[0]

    def end(index):
        tensor = graph.tensors[index]
        quant = tensor.quantization
        known = quant is not None and quant.scale is not None and len(quant.scale) == 1
        shape = () if tensor.shape is None else tuple(int(d) for d in tensor.shape)
        return End(circle_builder.tensor_name(tensor), shape,
                   circle_builder.type_name(tensor.type),
                   float(quant.scale[0]) if known else None,
                   int(quant.zeroPoint[0]) if known else None)

    return [end(i) for i in graph.inputs], [end(i) for i in graph.outputs]


def quantize(values, end):
    """float32 values in the type of `end`: rint(x / scale) + zero_point, clamped; float32 as is."""
    values = np.asarray(values, np.float32)
    if end.scale is None:
        return values
    dtype = circle_builder.numpy_type(end.dtype)
    limits = np.iinfo(dtype)
    q = np.rint(values / np.float32(end.scale)).astype(np.int64) + end.zero_point
    return np.clip(q, limits.min, limits.max).astype(dtype)


def dequantize(values, end):
    """The float32 values of integers in the type of `end`; float32 as is."""
    if end.scale is None:
        return np.asarray(values, np.float32)
    return (values.astype(np.int64) - end.zero_point).astype(np.float32) * np.float32(end.scale)


def run_litert_many(path, inputs, delegates=True):
    """Runs every sample. Inputs and outputs: lists of arrays [samples, *tensor shape].

    delegates: False keeps LiteRT from handing nodes to XNNPACK, as it does by default.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    data = pathlib.Path(path).read_bytes()
    kernels = (OpResolverType.AUTO if delegates
               else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    if data[4:8] != circle_builder.TFLITE:
        data = circle_builder.repack(data, circle_builder.TFLITE)
    interpreter = Interpreter(model_content=data, num_threads=1,
                              experimental_op_resolver_type=kernels)
    interpreter.allocate_tensors()
    sources = [d["index"] for d in interpreter.get_input_details()]
    targets = [d["index"] for d in interpreter.get_output_details()]
    rows = []
    for sample in zip(*inputs, strict=True):
        for index, values in zip(sources, sample, strict=True):
            interpreter.set_tensor(index, values)
        interpreter.invoke()
        rows.append([interpreter.get_tensor(index) for index in targets])
    return [np.stack(column) for column in zip(*rows)]


def run_onert_many(path, inputs):
    """Like run_litert_many(), on onert in a child process. RuntimeError if the child fails."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder, "in.npz"), pathlib.Path(folder, "out.npz")
        _save(source, "input", inputs)
        command = [sys.executable, __file__, "onert", str(path), str(source), str(target)]
        child = subprocess.run(command, capture_output=True, text=True, check=False,
                               timeout=_CHILD_TIMEOUT_SECONDS)
        if child.returncode != 0:
            raise RuntimeError(f"onert on {path}: child ended with {child.returncode}\n"
                               f"{child.stdout}{child.stderr}")
        return _load(target, "output")


def run_litert(path, inputs):
    """Runs one sample: lists of arrays of the graph's own shapes and types in and out."""
    return _run_one(run_litert_many, path, inputs)


def run_onert(path, inputs):
    """Like run_litert(), on onert in a child process. RuntimeError if the child fails."""
    return _run_one(run_onert_many, path, inputs)


def run_float_many(run_many, path, inputs):
    """Runs float32 samples through a model with float32 or quantized ends, float32 coming out."""
    sources, targets = graph_ends(path)
    outputs = run_many(path, [quantize(x, e) for x, e in zip(inputs, sources, strict=True)])
    return [dequantize(y, e) for y, e in zip(outputs, targets, strict=True)]


def _run_one(run_many, path, inputs):
    return [y[0] for y in run_many(path, [np.asarray(x)[None] for x in inputs])]


def run_onert_many_here(path, inputs):
    """Like run_onert_many(), but in this process, which may not survive it."""
    from onert.infer import session as onert_session
    from onert.native.libnnfw_api_pybind import prepare_config

    # The calls that session.infer() wraps: infer() itself refuses quantized inputs.
    session = onert_session(str(path))
    _close_dimensions(session, path, inputs)
    session.set_prepare_config(prepare_config.ENABLE_INTERNAL_OUTPUT_ALLOC)
    session.prepare()
    rows = []
    for sample in zip(*inputs, strict=True):
        session.set_inputs(len(sample), list(sample))
        session.run()
        session._set_outputs(session.output_size())
        rows.append([np.array(y) for y in session.outputs])
    return [np.stack(column) for column in zip(*rows)]


def _close_dimensions(session, path, inputs):
    """As infer() does: inputs whose file leaves dimensions open get the shapes of what is fed."""
    graph = circle_builder.unpack(pathlib.Path(path).read_bytes()).subgraphs[0]
    for place, (index, values) in enumerate(zip(graph.inputs, inputs, strict=True)):
        signature = graph.tensors[index].shapeSignature
        if signature is not None and -1 in list(signature):
            info = session.session.input_tensorinfo(place)
            info.dims = list(values.shape[1:])
            session.session.set_input_tensorinfo(place, info)


def _save(path, prefix, arrays):
    np.savez(path, **{f"{prefix}_{i}": a for i, a in enumerate(arrays)})


def _load(path, prefix):
    with np.load(path) as content:
        return [content[f"{prefix}_{i}"] for i in range(len(content.files))]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runtime", choices=["litert", "onert"])
    parser.add_argument("model")
    parser.add_argument("inputs")
    parser.add_argument("outputs")
    args = parser.parse_args()
    run_many = {"litert": run_litert_many, "onert": run_onert_many_here}[args.runtime]
    _save(args.outputs, "output", run_many(args.model, _load(args.inputs, "input")))


if __name__ == "__main__":
    main()
