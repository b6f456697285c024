# SPDX-License-Identifier: Apache-2.0
"""Models for roundtrip_test.py: each exercises what its docstring says.

MODELS maps the name of each to a function that makes its bytes. They are written by different
writers: circle-schema's object API in several revisions, flatc, ai-edge-litert's object API, and
(files found in testdata) tico.
"""

import importlib
import inspect
import json
import pathlib
import re
import subprocess
import tempfile

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as litert
from circle_schema import circle

from circle_builder import CIRCLE, TFLITE, AlignedBufferT, CircleBuilder, pack, table, tensor_type

_HERE = pathlib.Path(__file__).resolve().parent
_SCHEMA = _HERE.parent / "ir" / "circle.fbs"

MODELS = {}


def model(function):
    """Registers a function that makes a file."""
    MODELS[function.__name__] = function
    return function


def names(enum):
    """The names of an enum of circle-schema, with their values."""
    cls = getattr(getattr(circle, enum), enum)
    return {n: v for n, v in vars(cls).items() if not n.startswith("_")}


def small(identifier=CIRCLE, change=None):
    """A fully connected layer, y = FC(x, w, no bias), after `change(builder)`."""
    b = CircleBuilder()
    x = b.add_tensor("x", [1, 16])
    w = b.add_constant("w", np.arange(128, dtype=np.float32).reshape(8, 16))
    y = b.add_tensor("y", [1, 8])
    b.add_operator("FULLY_CONNECTED", [x, w, -1], [y], "FullyConnectedOptions", keepNumDims=True)
    b.set_io([x], [y])
    if change:
        change(b)
    return b.finish(identifier)


def add_node(b, op, *args, inputs=(0,), **fields):
    """A node that makes a tensor of its own."""
    return b.add_operator(op, inputs, [b.add_tensor("made", [1])], *args, **fields)


# --- operators and their options


def _field_types(name):
    """Accessor → type of each field of a table: "Int32", "[Int64]", "string"; no unions."""
    types = {}
    cls = getattr(getattr(circle, name), name)
    for field, function in vars(cls).items():
        if not inspect.isfunction(function) or field == "Init":
            continue
        source = inspect.getsource(function)
        vector = re.search(r"GetVectorAsNumpy\(flatbuffers\.number_types\.(\w+)Flags", source)
        number = re.search(r"_tab\.Get\(flatbuffers\.number_types\.(\w+)Flags", source)
        if vector:
            types[field.removesuffix("AsNumpy")] = f"[{vector[1]}]"
        elif "_tab.String(" in source:
            types[field] = "string"
        elif number and field not in types and field + "AsNumpy" not in vars(cls):
            types[field] = number[1]
    return types


def _fill(name, seed):
    """A table with a value in each field that is no default and occurs nowhere else in it."""
    filled = getattr(getattr(circle, name), name + "T")()
    for i, (accessor, kind) in enumerate(_field_types(name).items()):
        field = accessor[0].lower() + accessor[1:]
        number = 1 + (seed + i) % 100
        if "ubgraphInd" in field or field in ("subgraph", "calledComputations"):
            value = 1 if kind == "Int32" or kind == "Uint32" else [1, 0, 1]
        elif kind == "Bool":
            value = not getattr(filled, field)
        elif kind == "string":
            value = f"text {number} \N{GREEK SMALL LETTER ALPHA}"
        elif kind == "[Bool]":
            value = [i % 2 == 0, True, False]
        elif kind.startswith("["):
            value = [number, 0, number + 1] if kind == "[Uint8]" else [number, 2**31 - 1, number + 1]
        elif kind == "Float32":
            value = number + 0.375
        elif kind in ("Int64", "Uint64"):
            value = 2**40 + number
        else:
            value = number if kind in ("Int8", "Uint8") else 70000 + number
        setattr(filled, field, value)
    return filled


def _all_options(union, type_field, value_field, filled):
    b = CircleBuilder()
    b.add_tensor("x", [1])
    for name, number in names(union).items():
        if name == "NONE":
            continue
        options = _fill(name, number) if filled else table(name)
        add_node(b, "ADD", inputs=[0, 0], fields={type_field: number, value_field: options})
    b.begin_graph("called")
    return b.finish()


@model
def options_filled():
    """Every table of BuiltinOptions, every field with a value that is no default."""
    return _all_options("BuiltinOptions", "builtinOptionsType", "builtinOptions", True)


@model
def options_default():
    """Every table of BuiltinOptions with nothing stored in it."""
    return _all_options("BuiltinOptions", "builtinOptionsType", "builtinOptions", False)


@model
def options2_filled():
    """Every table of BuiltinOptions2, every field with a value that is no default."""
    return _all_options("BuiltinOptions2", "builtinOptions2Type", "builtinOptions2", True)


@model
def options2_default():
    """Every table of BuiltinOptions2 with nothing stored in it."""
    return _all_options("BuiltinOptions2", "builtinOptions2Type", "builtinOptions2", False)


@model
def options_of_both_unions():
    """A node with builtin options, builtin options 2 and custom options at once."""

    def change(b):
        b.graph.operators[0].builtinOptions2Type = names("BuiltinOptions2")["StablehloPadOptions"]
        b.graph.operators[0].builtinOptions2 = _fill("StablehloPadOptions", 5)
        b.graph.operators[0].customOptions = [1, 2, 3]

    return small(change=change)


@model
def options_type_without_table():
    """A union whose type is set and whose value is not."""

    def change(b):
        b.graph.operators[0].builtinOptions = None
        b.graph.operators[0].builtinOptions2Type = 3

    return small(change=change)


@model
def options_deprecated_fields():
    """ResizeBilinearOptions with the size that old files keep in it."""

    class OldResizeT(circle.ResizeBilinearOptions.ResizeBilinearOptionsT):
        def Pack(self, builder):
            builder.StartObject(4)
            builder.PrependInt32Slot(0, 224, 0)
            builder.PrependInt32Slot(1, 192, 0)
            builder.PrependBoolSlot(2, True, False)
            return builder.EndObject()

    def change(b):
        node = b.graph.operators[0]
        node.builtinOptionsType = names("BuiltinOptions")["ResizeBilinearOptions"]
        node.builtinOptions = OldResizeT()

    return small(change=change)


@model
def every_operator():
    """A node of every builtin operator, in three versions."""
    b = CircleBuilder()
    x = b.add_tensor("x", [1])
    for name in names("BuiltinOperator"):
        converts = name in ("QUANTIZE", "DEQUANTIZE")
        for version in (1, 2, 77):
            add_node(b, name, inputs=(1 if converts else 12) * [x], version=version)
    return b.finish()


@model
def unknown_operators():
    """Operator codes beyond the enum, on both sides."""
    b = CircleBuilder()
    b.add_tensor("x", [1])
    for code in (210, 9999, 2**31 - 1):
        add_node(b, code, version=3)
    for code in (-10, -128):
        add_node(b, code)
    return b.finish()


@model
def operator_codes_old():
    """Operator codes of files from before operator 127: only the deprecated field is set."""

    def change(b):
        add_node(b, "CONV_2D", "Conv2DOptions", inputs=[0, 1])
        for code in b.model.operatorCodes:
            code.builtinCode = 0

    return small(TFLITE, change)


@model
def operator_codes_new_only():
    """Operator codes of writers that forget the deprecated field, circle's negative ones too."""

    def change(b):
        add_node(b, "GELU", "GeluOptions")
        add_node(b, "INSTANCE_NORM", "InstanceNormOptions")
        for code in b.model.operatorCodes:
            code.deprecatedBuiltinCode = 0

    return small(change=change)


@model
def circle_operators():
    """Circle's own operators, whose codes are negative, with their options."""
    b = CircleBuilder()
    b.add_tensor("x", [1, 8])
    for op, options in (("INSTANCE_NORM", "InstanceNormOptions"), ("GRU", "GRUOptions"),
                        ("BCQ_FULLY_CONNECTED", "BCQFullyConnectedOptions"),
                        ("BCQ_GATHER", "BCQGatherOptions"), ("RMS_NORM", "RmsNormOptions"),
                        ("ROPE", "RoPEOptions"), ("RUN_MODEL", "RunModelOptions"),
                        ("ATTENTION", "AttentionOptions")):
        add_node(b, op, options, fields={})
    return b.finish()


@model
def operator_code_unused_and_repeated():
    """Operator codes that no node uses, and two equal ones."""

    def change(b):
        b.model.operatorCodes += [b.model.operatorCodes[0], table("OperatorCode", builtinCode=3,
                                                                  deprecatedBuiltinCode=3)]
        b.graph.operators[0].opcodeIndex = 1

    return small(change=change)


# --- custom operators


@model
def custom_operators():
    """Custom operators by name, with custom options: some, empty, none."""
    b = CircleBuilder()
    b.add_tensor("x", [1])
    for name, options in (("Some", list(range(256))), ("Empty", []), ("None", None), ("", [7])):
        add_node(b, "CUSTOM", custom_code=name, fields={"customOptions": options})
    return b.finish()


@model
def custom_options_appended():
    """Custom options behind the flatbuffer (large_custom_options_offset and size)."""
    header = CircleBuilder()
    header.add_tensor("x", [1])
    add_node(header, "CUSTOM", custom_code="Large",
             fields={"largeCustomOptionsOffset": 4096, "largeCustomOptionsSize": 1000})
    return header.finish().ljust(4096, b"\0") + bytes(range(250)) * 4


# --- nodes


@model
def node_fields():
    """Optional inputs, intermediates, mutating variable inputs, debug metadata, no outputs."""

    def change(b):
        made = b.add_tensor("made", [1])
        b.add_operator("LSTM", [0, -1, 1, -1, -1], [made, -1], "LSTMOptions", cellClip=0.5, fields={
            "intermediates": [1, 2, -1],
            "mutatingVariableInputs": [False, True, True, False, False],
            "debugMetadataIndex": 5,
        })
        b.add_operator("ASSIGN_VARIABLE", [], [], fields={"intermediates": [],
                                                          "mutatingVariableInputs": []})
        b.add_operator("CUSTOM", [], [])
        b.graph.operators.append(table("Operator", opcodeIndex=b.graph.operators[-1].opcodeIndex))

    return small(change=change)


@model
def control_flow():
    """While, If, CallOnce, Call and a StableHLO composite, with the graphs they run."""
    b = CircleBuilder()
    x = b.add_tensor("x", [1])
    add_node(b, "WHILE", "WhileOptions", condSubgraphIndex=1, bodySubgraphIndex=2)
    add_node(b, "IF", "IfOptions", thenSubgraphIndex=1, elseSubgraphIndex=2)
    b.add_operator("CALL_ONCE", [], [], "CallOnceOptions", initSubgraphIndex=2)
    add_node(b, "CALL", "CallOptions", subgraph=1)
    add_node(b, "STABLEHLO_COMPOSITE", "StableHLOCompositeOptions", name="odml.norm",
             decompositionSubgraphIndex=1, compositeAttributes=[1, 2, 3], version=4)
    add_node(b, "STABLEHLO_CASE", "StablehloCaseOptions", branchSubgraphIndices=[2, 1, 0])
    b.set_io([x], [x])
    for name in ("cond", "body"):
        b.begin_graph(name)
        y = b.add_tensor(name, [1], "bool")
        b.set_io([y], [y])
    return b.finish(TFLITE)


# --- graphs and the model


@model
def several_graphs():
    """Three graphs with names, one without, whose tensors share names and buffers."""
    b = CircleBuilder(graph_name="first")
    x = b.add_constant("w", np.ones([2, 2], np.float32))
    b.set_io([], [x])
    for name in ("second", "", None):
        b.begin_graph(name)
        b.add_tensor("w", [2, 2], buffer=1)
        b.graph.debugMetadataIndex = 9
    return b.finish()


@model
def graph_input_is_output():
    """Graph inputs and outputs that repeat, and one tensor that is both."""
    return small(change=lambda b: b.set_io([0, 0], [2, 0, 2]))


@model
def signatures():
    """Signatures of several graphs, without inputs, without a key."""

    def change(b):
        b.begin_graph("other")
        b.add_tensor("z", [1])
        b.add_signature("serving_default", {"x": 0, "": 1}, {"y": 2})
        b.add_signature("other", {}, {"z": 0}, graph_index=1)
        b.model.signatureDefs.append(table("SignatureDef"))

    return small(TFLITE, change)


@model
def signature_tag():
    """A signature with the tag that old writers set."""

    class OldSignatureT(circle.SignatureDef.SignatureDefT):
        def Pack(self, builder):
            key = builder.CreateString("serving_default")
            tag = builder.CreateString("serve")
            builder.StartObject(5)
            builder.PrependUOffsetTRelativeSlot(2, key, 0)
            builder.PrependUOffsetTRelativeSlot(3, tag, 0)
            return builder.EndObject()

    return small(TFLITE, lambda b: setattr(b.model, "signatureDefs", [OldSignatureT()]))


@model
def metadata():
    """Metadata with their buffers, the older nameless list, a description."""

    def change(b):
        b.add_metadata("min_runtime_version", b"1.5.0".ljust(16, b"\0"))
        b.add_metadata("", b"")
        b.model.metadata.append(table("Metadata"))
        b.model.metadataBuffer = [1, 0, 1]
        b.model.description = "made for a test, \N{SNOWMAN}"

    return small(TFLITE, change)


@model
def model_version():
    """A version that is neither circle's 0 nor TFLite's 3."""
    b = CircleBuilder()
    b.model.version = 12
    builder = flatbuffers.Builder(0)
    builder.Finish(b.model.Pack(builder), file_identifier=CIRCLE)
    return bytes(builder.Output())


def _bare(**fields):
    builder = flatbuffers.Builder(0)
    builder.Finish(table("Model", **fields).Pack(builder), file_identifier=CIRCLE)
    return bytes(builder.Output())


@model
def empty_model():
    """A model that stores nothing at all."""
    return _bare()


@model
def empty_lists():
    """A model all of whose vectors and strings are stored, and empty."""
    return _bare(operatorCodes=[], subgraphs=[], description="", buffers=[], metadataBuffer=[],
                 metadata=[], signatureDefs=[])


@model
def empty_graph():
    """A graph that stores nothing, and one all of whose vectors are empty."""
    return _bare(subgraphs=[table("SubGraph"), table("SubGraph", tensors=[], inputs=[], outputs=[],
                                                     operators=[], name="")])


@model
def empty_tables():
    """A tensor, a node, a buffer, a signature, a quantization that store nothing."""
    return _bare(buffers=[table("Buffer")],
                 operatorCodes=[table("OperatorCode", builtinCode=32), table("OperatorCode")],
                 metadata=[table("Metadata")],
                 signatureDefs=[table("SignatureDef", inputs=[table("TensorMap")], outputs=[])],
                 subgraphs=[table("SubGraph", tensors=[
                     table("Tensor"),
                     table("Tensor", quantization=table("QuantizationParameters"))],
                                  operators=[table("Operator")])])


# --- tensors


@model
def shapes():
    """Shapes absent, empty, with zeros; shape signatures; has_rank."""

    def change(b):
        for shape in (None, [], [0], [2, 0, 3], [1, 1, 1, 1, 1, 1, 1]):
            for signature in (None, [], [-1, 3]):
                for has_rank in (False, True):
                    b.add_tensor("s", shape, shapeSignature=signature, hasRank=has_rank)

    return small(change=change)


@model
def tensor_types():
    """An activation of every element type, and of types that only newer TFLite has."""

    def change(b):
        for name in names("TensorType"):
            b.add_tensor(name, [2, 32], name)
        for number in (19, 20, 21, 22, 100):
            b.add_tensor("newer", [2, 32])
            b.graph.tensors[-1].type = number

    return small(change=change)


@model
def variables():
    """Variable tensors, with and without an initial value, and the operators that use them."""

    def change(b):
        b.add_tensor("state", [1, 4], isVariable=True)
        b.add_constant("init", np.ones(4, np.float32), isVariable=True)
        b.add_tensor("handle", [], "resource")
        b.add_operator("VAR_HANDLE", [], [5], "VarHandleOptions", container="c", sharedName="v")
        add_node(b, "READ_VARIABLE", "ReadVariableOptions", inputs=[5])

    return small(TFLITE, change)


@model
def variant_tensors():
    """Variant tensors with the types of their elements: some, none, an empty list."""

    def change(b):
        for subtypes in ([table("VariantSubType", shape=[2, 3], type=7, hasRank=True),
                          table("VariantSubType", shape=[]), table("VariantSubType")], [], None):
            b.add_tensor("v", [], "variant", variantTensors=subtypes)

    return small(change=change)


@model
def compression():
    """A compressed constant, whose size says nothing of its shape."""

    def change(b):
        b.graph.tensors[1].compressionType = names("CompressionType")["HUFFMAN"]
        b.model.buffers[1].data = bytes(5)

    return small(change=change)


@model
def names_empty_and_repeated():
    """Tensor names absent, empty, repeated, with a zero byte, in Unicode."""

    def change(b):
        for name in (None, "", "x", "x", "a\0b", "\N{SNOWMAN}", "a;b;c/d:0"):
            b.add_tensor(name, [1])

    return small(change=change)


def _sparse(vector, values):
    kind = names("SparseIndexVector")[vector]
    index = lambda content: table(vector, values=content)  # noqa: E731
    return table("SparsityParameters", traversalOrder=[0, 1, 2], blockMap=[1], dimMetadata=[
        table("DimensionMetadata", denseSize=3),
        table("DimensionMetadata", format=1, arraySegmentsType=kind, arraySegments=index([0, 1, 3]),
              arrayIndicesType=kind, arrayIndices=index(values)),
        table("DimensionMetadata", denseSize=4),
    ])


@model
def sparsity():
    """Sparse constants with index vectors of each width, blocks, empty lists."""

    def change(b):
        for vector, values in (("Int32Vector", [0, 70000, -1]), ("Uint16Vector", [0, 1, 65535]),
                               ("Uint8Vector", [0, 1, 255]), ("Uint8Vector", []),
                               ("Uint16Vector", None)):
            b.add_tensor("s", [3, 8], buffer=b.add_buffer(bytes(20)),
                         sparsity=_sparse(vector, values))
        b.add_tensor("s", [3, 8], sparsity=table("SparsityParameters"))
        b.add_tensor("s", [3, 8], sparsity=table("SparsityParameters", traversalOrder=[],
                                                 blockMap=[], dimMetadata=[]))

    return small(change=change)


# --- quantization


def _quantized(b, dtype="int8", **fields):
    b.add_tensor("q", [2, 32], dtype, quant=table("QuantizationParameters", **fields))


@model
def quantization():
    """Parameters per tensor and per channel, without zero points, empty, absent."""

    def change(b):
        _quantized(b, "uint8", scale=[0.5], zeroPoint=[128])
        _quantized(b, scale=[0.25, 0.125], zeroPoint=[0, 0], quantizedDimension=0)
        _quantized(b, "int16", scale=[0.1] * 32, zeroPoint=[0] * 32, quantizedDimension=1)
        _quantized(b, "int32", scale=[1e-30], zeroPoint=[-2**40])
        _quantized(b, scale=[float("nan"), -0.0], zeroPoint=[1, 2])
        _quantized(b, scale=[0.5])
        _quantized(b, scale=[], zeroPoint=[], min=[], max=[])
        _quantized(b, quantizedDimension=-3)

    return small(change=change)


@model
def quantization_range():
    """Only min and max, as recorded before a quantization, per tensor and per channel."""

    def change(b):
        _quantized(b, "float32", min=[-1.5], max=[2.5])
        _quantized(b, "float32", min=[-1.0, -2.0], max=[1.0, float("inf")], quantizedDimension=0)

    return small(change=change)


@model
def quantization_custom():
    """Custom quantization details of several lengths."""

    def change(b):
        kind = names("QuantizationDetails")["CustomQuantization"]
        for content in (None, [], [1], list(range(33))):
            _quantized(b, detailsType=kind, details=table("CustomQuantization", custom=content))

    return small(change=change)


@model
def quantization_mx():
    """MX types with the axis of their blocks."""

    def change(b):
        kind = names("QuantizationDetails")["MXQuantization"]
        for dtype in ("mxfp4", "mxint8"):
            _quantized(b, dtype, detailsType=kind, details=table("MXQuantization", axis=1))
            b.graph.tensors[-1].buffer = b.add_buffer(bytes(range(34)))

    return small(change=change)


@model
def quantization_blockwise():
    """Blockwise quantization, whose scales are a tensor."""

    def change(b):
        scales = b.add_constant("scales", np.ones([2, 1], np.float16))
        kind = names("QuantizationDetails")["BlockwiseQuantization"]
        for zero_points in (-1, 1):
            _quantized(b, "int4", detailsType=kind, scale=[1.0], zeroPoint=[0],
                       details=table("BlockwiseQuantization", scales=scales, blockSize=32,
                                     zeroPoints=zero_points))

    return small(change=change)


# --- constants


@model
def constant_types():
    """A constant of every type of fixed size, complex and half floats among them."""

    def change(b):
        for dtype in ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8",
                      "uint16", "uint32", "uint64", "bool"):
            b.add_constant(dtype, np.arange(6).reshape(2, 3).astype(dtype))
        for dtype, size in (("bfloat16", 2), ("complex64", 8), ("complex128", 16)):
            b.add_tensor(dtype, [2, 3], dtype, buffer=b.add_buffer(bytes(range(6 * size))))

    return small(change=change)


@model
def constant_blocks():
    """GGML's block types, whose buffers hold the scales too."""

    def change(b):
        for dtype, block in (("ggml_q4_0", 18), ("ggml_q4_1", 20), ("ggml_q8_0", 34),
                             ("ggml_q8_1", 36)):
            b.add_tensor(dtype, [2, 32], dtype, buffer=b.add_buffer(bytes(range(block)) * 2))

    return small(change=change)


@model
def constant_packed():
    """int4 and uint4, two a byte, with an odd number of elements; scalars."""

    def change(b):
        for dtype in ("int4", "uint4"):
            b.add_tensor(dtype, [3, 3], dtype, buffer=b.add_buffer(b"\x12\x34\x56\x78\x09"))
            b.add_tensor(dtype, [], dtype, buffer=b.add_buffer(b"\x07"))

    return small(change=change)


@model
def constant_strings():
    """Strings: how many, where each starts, the characters."""
    texts = [b"one", b"", "\N{SNOWMAN}".encode()]
    starts = np.cumsum([4 * (len(texts) + 2)] + [len(t) for t in texts])
    content = np.array([len(texts), *starts], np.int32).tobytes() + b"".join(texts)

    def change(b):
        b.add_tensor("s", [3], "string", buffer=b.add_buffer(content))

    return small(TFLITE, change)


@model
def constant_of_no_size():
    """Constants without elements: a buffer that is absent, or stored and empty."""

    def change(b):
        b.add_tensor("absent", [0, 3], buffer=len(b.model.buffers))
        b.model.buffers.append(table("Buffer"))
        b.add_tensor("empty", [0, 3], buffer=b.add_buffer(b""))

    return small(change=change)


@model
def buffers_shared():
    """One buffer of several tensors, of other types and shapes; buffers of equal bytes; unused."""

    def change(b):
        b.add_tensor("same", [8, 16], buffer=1)
        b.add_tensor("flat", [128], buffer=1)
        b.add_tensor("bytes", [512], "uint8", buffer=1)
        for _ in range(2):
            b.add_buffer(b.model.buffers[1].data)
        b.add_buffer(b"no one uses this")

    return small(change=change)


class SharedVectorBufferT(circle.Buffer.BufferT):
    """Buffers whose tables point to the same vector of the file."""

    vector = None

    def Pack(self, builder):
        if SharedVectorBufferT.vector is None:
            SharedVectorBufferT.vector = builder.CreateByteVector(bytes(range(48)))
        circle.Buffer.BufferStart(builder)
        circle.Buffer.BufferAddData(builder, SharedVectorBufferT.vector)
        return circle.Buffer.BufferEnd(builder)


@model
def buffers_of_one_vector():
    """Two buffers whose tables point to the same bytes of the file."""
    SharedVectorBufferT.vector = None

    def change(b):
        b.model.buffers += [SharedVectorBufferT(), SharedVectorBufferT()]
        b.add_tensor("a", [12], buffer=2)
        b.add_tensor("b", [12], buffer=3)

    return small(change=change)


@model
def buffers_unaligned():
    """Constants of a writer that does not align them."""

    def change(b):
        buffers = []
        for buffer in b.model.buffers:
            plain = table("Buffer")
            plain.data = None if buffer.data is None else np.frombuffer(buffer.data, np.uint8)
            buffers.append(plain)
        b.model.buffers = buffers + [table("Buffer", data=np.arange(5, dtype=np.uint8))]

    return small(change=change)


def appended(data):
    """The same model with the bytes of its buffers behind the flatbuffer."""
    unpacked = circle.Model.ModelT.InitFromPackedBuf(data)
    payloads = [b"" if b.data is None else bytes(np.asarray(b.data, np.uint8))
                for b in unpacked.buffers]
    size = len(data) + 64 * len(payloads)  # more than the tables take
    size += -size % 16
    end = size
    for buffer, content in zip(unpacked.buffers, payloads):
        if content:
            buffer.data, buffer.offset, buffer.size = None, end, len(content)
            end += len(content) + -len(content) % 16
    builder = flatbuffers.Builder(0)
    builder.Finish(unpacked.Pack(builder), file_identifier=data[4:8])
    file = bytes(builder.Output()).ljust(size, b"\0")
    for content in payloads:
        file += content + bytes(-len(content) % 16)
    return file


@model
def layout_appended():
    """Constants behind the flatbuffer (Buffer.offset and size)."""
    return appended(constant_types())


@model
def layout_placeholder():
    """Buffers with offset 1 and size 1, which TFLite's writers leave in those without bytes."""

    def change(b):
        b.model.buffers[0].offset = b.model.buffers[0].size = 1

    return small(TFLITE, change)


# --- other writers


def _old(revision):
    return importlib.import_module(f"circle_schema.{revision}.circle")


def _of_revision(revision, change=None):
    """A small model written by an older revision of the bindings."""
    c = _old(revision)

    def make(name, /, **fields):
        made = getattr(importlib.import_module(f"{c.__name__}.{name}"), name + "T")()
        for field, value in fields.items():
            assert hasattr(made, field), (revision, name, field)
            setattr(made, field, value)
        return made

    graph = make("SubGraph", name="main", inputs=[0], outputs=[1], operators=[
        make("Operator", inputs=[0], outputs=[1])],
                 tensors=[make("Tensor", name="x", shape=[1, 2]),
                          make("Tensor", name="y", shape=[1, 2])])
    root = make("Model", buffers=[make("Buffer")], subgraphs=[graph], operatorCodes=[
        make("OperatorCode", builtinCode=-3, deprecatedBuiltinCode=-3)])
    if change:
        change(root)
    builder = flatbuffers.Builder(0)
    builder.Finish(root.Pack(builder), file_identifier=CIRCLE)
    return bytes(builder.Output())


@model
def circle_0_4():
    """A file of circle's revision 0.4."""
    return _of_revision("v0_4")


@model
def circle_0_6_data_format():
    """A file of circle's revision 0.6, whose graph has a data format."""
    return _of_revision("v0_6", lambda m: setattr(m.subgraphs[0], "dataFormat", 1))


@model
def circle_0_8():
    """A file of circle's revision 0.8."""
    return _of_revision("v0_8")


def _flatc(content):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "model.json"
        source.write_text(json.dumps(content))
        subprocess.run(["flatc", "--binary", "--unknown-json", "-o", folder, _SCHEMA, source],
                       check=True)
        return (pathlib.Path(folder) / "model.circle").read_bytes()


@model
def flatc_writer():
    """A file that flatc made from JSON: vtables shared, fields in another order."""
    return _flatc({
        "version": 3,
        "description": "by flatc",
        "operator_codes": [{"builtin_code": "CONV_2D", "deprecated_builtin_code": 3, "version": 2},
                           {"builtin_code": "CUSTOM", "deprecated_builtin_code": 32,
                            "custom_code": "Mine"}],
        "buffers": [{}, {"data": list(range(72))}, {"data": []}, {"data": [9] * 7}],
        "metadata": [{"name": "m", "buffer": 3}],
        "subgraphs": [{
            "name": "main", "inputs": [0], "outputs": [2],
            "tensors": [
                {"name": "x", "shape": [1, 4, 4, 1], "shape_signature": [-1, 4, 4, 1],
                 "quantization": {"scale": [0.5], "zero_point": [3], "min": [-1], "max": [1]}},
                {"name": "w", "shape": [2, 3, 3, 1], "buffer": 1, "type": "FLOAT32"},
                {"name": "y", "shape": [1, 2, 2, 2], "type": "INT8", "quantization": {
                    "details_type": "BlockwiseQuantization",
                    "details": {"scales": 1, "zero_points": 1, "block_size": 4}}}],
            "operators": [
                {"inputs": [0, 1, -1], "outputs": [2], "builtin_options_type": "Conv2DOptions",
                 "builtin_options": {"padding": "VALID", "stride_w": 1, "stride_h": 2,
                                     "fused_activation_function": "RELU6"}},
                {"opcode_index": 1, "inputs": [2], "outputs": [], "custom_options": [1, 2, 3],
                 "mutating_variable_inputs": [True]}]}],
        "signature_defs": [{"signature_key": "s", "inputs": [{"name": "x", "tensor_index": 0}],
                            "outputs": [{"name": "y", "tensor_index": 2}]}],
    })


class ForcingBuilder(flatbuffers.Builder):
    """Stores default values too, but no null offsets: those would point at themselves."""

    def __init__(self):
        super().__init__(0)
        self.ForceDefaults(True)

    def PrependUOffsetTRelativeSlot(self, slot, at, default):
        if at:
            super().PrependUOffsetTRelativeSlot(slot, at, default)


@model
def forced_defaults():
    """A file whose writer stores default values too."""
    b = CircleBuilder()
    x = b.add_tensor("x", [1, 2])
    add_node(b, "CONV_2D", "Conv2DOptions", inputs=[x, x])
    b.set_io([x], [x])
    builder = ForcingBuilder()
    builder.Finish(b.model.Pack(builder), file_identifier=CIRCLE)
    return bytes(builder.Output())


def litert_file(change=None, **model_fields):
    """A file by the object API of ai-edge-litert, whose schema is newer than circle's."""
    quantization = litert.QuantizationParametersT()
    quantization.detailsType = litert.QuantizationDetails.BlockwiseQuantization
    quantization.details = litert.BlockwiseQuantizationT(scales=1, zeroPoints=-1, blockSize=32)
    tensors = [litert.TensorT(shape=[1, 32], name="x", hasRank=True),
               litert.TensorT(shape=[2, 1], name="scales", type=1, buffer=1),
               litert.TensorT(shape=[2, 32], name="w", type=17, buffer=2,
                              quantization=quantization),
               litert.TensorT(shape=[1, 2], name="y", hasRank=True)]
    node = litert.OperatorT(inputs=[0, 2, -1], outputs=[3])
    node.builtinOptionsType = litert.BuiltinOptions.FullyConnectedOptions
    node.builtinOptions = litert.FullyConnectedOptionsT(keepNumDims=True, quantizedBiasType=2)
    graph = litert.SubGraphT(tensors=tensors, inputs=[0], outputs=[3], operators=[node], name="main")
    code = litert.OperatorCodeT(deprecatedBuiltinCode=9, builtinCode=9, version=12)
    buffers = [litert.BufferT(), litert.BufferT(data=np.zeros(4, np.uint8)),
               litert.BufferT(data=np.arange(32, dtype=np.uint8))]
    root = litert.ModelT(version=3, operatorCodes=[code], subgraphs=[graph], buffers=buffers,
                         **model_fields)
    if change:
        change(root)
    builder = flatbuffers.Builder(0)
    builder.Finish(root.Pack(builder), file_identifier=TFLITE)
    return bytes(builder.Output())


@model
def litert_writer():
    """A file by ai-edge-litert: blockwise details under TFLite's number."""
    return litert_file()


@model
def tflite_identifier():
    """The same tables under TFLite's identifier."""
    return small(TFLITE)


def _file(path):
    function = lambda: path.read_bytes()  # noqa: E731
    function.__doc__ = f"The file {path.relative_to(_HERE)}, as its converter made it."
    return function


for _path in sorted(_HERE.glob("*/*.circle")) + sorted(_HERE.glob("*/*.tflite")):
    MODELS["file_" + re.sub(r"\W", "_", str(_path.relative_to(_HERE)))] = _file(_path)
