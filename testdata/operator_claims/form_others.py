# SPDX-License-Identifier: Apache-2.0
"""Forms that no Spec stands for: integers that are not quantized, casts, dynamic shapes."""

import dataclasses

import numpy as np
import operators
from cases import SAMPLES, Case, Choice, Control, Spec, build, random_for
from testdata_path import circle_builder

_CASTS = ("float32", "int32", "int64", "uint8", "int8", "int16", "bool")


def _casts():
    """Cast between every two types, of whole numbers that both hold."""
    for source in _CASTS:
        for target in _CASTS:
            if source == target:
                continue
            x = random_for(source, target).integers(0, 100, (SAMPLES, 2, 3, 8))
            if "bool" in (source, target):
                x = x % 2
            b = circle_builder.CircleBuilder()
            inp, out = b.add_tensor("x", x.shape[1:], source), b.add_tensor("y", x.shape[1:],
                                                                             target)
            b.add_operator("CAST", [inp], [out], "CastOptions",
                           inDataType=circle_builder.tensor_type(source),
                           outDataType=circle_builder.tensor_type(target))
            b.set_io([inp], [out])
            kinds = [circle_builder.numpy_type(name) for name in (source, target)]
            yield Case("CAST", f"{source} to {target}", "", "", b.finish(), [x.astype(kinds[0])],
                       [x.astype(kinds[1])], ["equal"], [None])


def _integers():
    """Operators on numbers that are no data of quantization: indices, conditions, shapes."""
    shape, control = (2, 3, 8), Control
    for kind in ("int32", "int64"):
        two = (Choice(shape, kind, 50), Choice(shape, kind, 50))
        for op, fn, options in (
                ("ADD", np.add, "AddOptions"), ("SUB", np.subtract, "SubOptions"),
                ("MUL", np.multiply, "MulOptions"), ("MAXIMUM", np.maximum,
                                                     "MaximumMinimumOptions"),
                ("MINIMUM", np.minimum, "MaximumMinimumOptions")):
            yield kind, Spec(op, fn, two, options, outputs=(kind,))
        for op, fn, options in (("EQUAL", np.equal, "EqualOptions"), ("LESS", np.less,
                                                                     "LessOptions"),
                                ("GREATER", np.greater, "GreaterOptions")):
            yield kind, Spec(op, fn, two, options, outputs=("bool",))
        one = Choice(shape, kind, 50)
        yield kind, Spec("RESHAPE", lambda x: x.reshape(6, 8), (one, control([6, 8])),
                         "ReshapeOptions", {"newShape": [6, 8]}, (kind,))
        yield kind, Spec("TRANSPOSE", lambda x: x.transpose(0, 2, 1), (one, control([0, 2, 1])),
                         "TransposeOptions", outputs=(kind,))
        yield kind, Spec("CONCATENATION", lambda *x: np.concatenate(x, 1), two,
                         "ConcatenationOptions", {"axis": 1}, (kind,))
        yield kind, Spec("GATHER", lambda x: x[:, [1, 0]], (one, control([1, 0])), "GatherOptions",
                         {"axis": 1}, (kind,))
        yield kind, Spec("SLICE", lambda x: x[:, 1:3], (one, control([0, 1, 0]),
                                                        control([2, 2, 8])), "SliceOptions",
                         outputs=(kind,))
        yield kind, Spec("EXPAND_DIMS", lambda x: x[:, None], (one, control(1)),
                         "ExpandDimsOptions", outputs=(kind,))
        yield kind, Spec("TILE", lambda x: np.tile(x, (1, 2, 1)), (one, control([1, 2, 1])),
                         "TileOptions", outputs=(kind,))
        yield kind, Spec("ONE_HOT", _one_hot, (
            Choice((2, 3), kind, 5), control(5), control(1.0, "float32"), control(0.0, "float32")),
            "OneHotOptions", {"axis": -1}, ("float32",))
        yield kind, Spec("SHAPE", lambda x, kind=kind: np.array(shape, kind), (
            Choice(shape, "int32", 50),), "ShapeOptions",
            {"outType": circle_builder.tensor_type(kind)}, (kind,))
    two = (Choice(shape), Choice(shape))
    yield "bool", Spec("LOGICAL_AND", np.logical_and, two, "LogicalAndOptions", outputs=("bool",))
    yield "bool", Spec("LOGICAL_OR", np.logical_or, two, "LogicalOrOptions", outputs=("bool",))
    yield "bool", Spec("LOGICAL_NOT", np.logical_not, two[:1], "LogicalNotOptions",
                       outputs=("bool",))
    bools = Choice((2, 1, 3, 4, 5))
    yield "bool", Spec("RESHAPE", lambda x: x.reshape(2, 3, 4, 5), (
        bools, control([2, 3, 4, 5])), "ReshapeOptions", {"newShape": [2, 3, 4, 5]}, ("bool",))
    yield "bool to rank 5", Spec("RESHAPE", lambda x: x.reshape(2, 1, 3, 4, 5), (
        Choice((2, 12, 5)), control([2, 1, 3, 4, 5])), "ReshapeOptions", {}, ("bool",))
    yield "bool", Spec("TRANSPOSE", lambda x: x.transpose(0, 2, 1), (two[0], control([0, 2, 1])),
                       "TransposeOptions", outputs=("bool",))
    yield "bool, second broadcast", Spec(
        "LOGICAL_AND", np.logical_and, (Choice(shape), Choice((1, 1, 8))), "LogicalAndOptions",
        outputs=("bool",))


def _one_hot(x):
    return np.eye(5, dtype=np.float32)[x]


def _dynamic():
    """The plain float32 case with a first dimension that the file leaves open."""
    for spec in operators.SPECS:
        case = build(spec, "float32", "", "first dimension open")
        model = circle_builder.unpack(case.model)
        graph = model.subgraphs[0]
        opened = [graph.tensors[i] for i in (*graph.inputs, *graph.outputs)]
        if any(len(tensor.shape) == 0 for tensor in opened):
            continue
        for tensor in opened:
            tensor.shapeSignature = [-1, *tensor.shape[1:]]
        yield dataclasses.replace(case, model=circle_builder.pack(model))


def cases():
    """Every case."""
    return [*_casts(), *(build(spec, "float32", "", form) for form, spec in _integers()),
            *_dynamic()]
