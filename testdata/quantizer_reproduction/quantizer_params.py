# SPDX-License-Identifier: Apache-2.0
"""Takes the parameters out of a model that another quantizer made of a float32 one.

    python testdata/quantizer_reproduction/quantizer_params.py FLOAT_MODEL QUANTIZED_MODEL FOLDER

Writes FOLDER/param.json and its npy files: an entry for each float32 tensor of the float model that
has become integer. What the quantizer put in is no tensor of the float model and is left out.

As a module: entries(float_model, quantized_model), ModelTs in, a list of param_set.Entry out.
Needs numpy, flatbuffers and circle-schema.
"""

import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import circle_builder  # noqa: E402
import param_set  # noqa: E402


def has_parameters(tensor):
    return tensor.quantization is not None and tensor.quantization.scale is not None


def twins(float_model, model):
    """{name of a tensor of the float model: index of the tensor in `model` that it has become}.

    The tensor of its name, or where that is float32 its integer copy: what a Quantize makes of it
    (a quantizer leaves a float32 operator's output its name), or what a Dequantize makes it of
    (q-implant leaves a float32 graph output its name). The first, where there are several.
    """
    graph = model.subgraphs[0]
    indices, copies = {}, {}
    for i, tensor in enumerate(graph.tensors):
        indices.setdefault(circle_builder.tensor_name(tensor), i)
    for operator in graph.operators:
        kind = circle_builder.operator_name(model, operator)
        if kind in ("QUANTIZE", "DEQUANTIZE"):
            ends = [int(operator.inputs[0]), int(operator.outputs[0])]
            source, copy = ends if kind == "QUANTIZE" else ends[::-1]
            copies.setdefault(source, copy)
    names = [circle_builder.tensor_name(t) for t in float_model.subgraphs[0].tensors]
    return {name: i if has_parameters(graph.tensors[i]) else copies.get(i, i)
            for name, i in indices.items() if name in names}


def is_bias(tensor):
    """True for int32 and int64 with parameters: nothing else has both."""
    return has_parameters(tensor) and circle_builder.type_name(tensor.type) in ("int32", "int64")


def unpack_4bit(packed, shape):
    """int8 values [shape] of the bytes of an int4 constant."""
    nibbles = np.stack([packed & 0x0F, packed >> 4], axis=-1).reshape(-1)[:int(np.prod(shape))]
    return ((nibbles.astype(np.int8) ^ 8) - 8).reshape(shape)


def integers(model, tensor):
    """The integers of a constant in its shape, 4-bit ones as int8; None for an activation."""
    values = circle_builder.constant(model, tensor)
    if values is not None and circle_builder.type_name(tensor.type) == "int4":
        return unpack_4bit(values, tensor.shape)
    return values


def entries(float_model, quantized_model):
    """The param_set.Entry of every float32 tensor of the float model that has become integer."""
    twin_of, found = twins(float_model, quantized_model), []
    names = [circle_builder.tensor_name(t) for t in quantized_model.subgraphs[0].tensors]
    for tensor in float_model.subgraphs[0].tensors:
        name = circle_builder.tensor_name(tensor)
        if circle_builder.type_name(tensor.type) != "float32" or name not in twin_of:
            continue
        twin = quantized_model.subgraphs[0].tensors[twin_of[name]]
        if is_bias(twin) and any(n.startswith(f"{name}_duplicated") for n in names):
            continue  # the layers that share it need different integers; one entry can't say both
        if has_parameters(twin):
            quant = twin.quantization
            found.append(param_set.Entry(name, circle_builder.type_name(twin.type),
                                         np.asarray(quant.scale, np.float32),
                                         np.asarray(quant.zeroPoint, np.int64),
                                         int(quant.quantizedDimension),
                                         integers(quantized_model, twin)))
    return found


def main():
    paths = [pathlib.Path(path) for path in sys.argv[1:]]
    models = [circle_builder.unpack(path.read_bytes()) for path in paths[:2]]
    param_set.write(paths[2], entries(*models))


if __name__ == "__main__":
    main()
