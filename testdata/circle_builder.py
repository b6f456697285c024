# SPDX-License-Identifier: Apache-2.0
"""Builds, reads and repacks circle and TFLite files with numpy arrays.

A thin layer over circle-schema's object API (ModelT, SubGraphT, TensorT, ...): the objects stay
reachable as `builder.model`, for whatever has no helper here.

    b = CircleBuilder()
    x = b.add_tensor("x", [1, 4])
    w = b.add_constant("w", np.ones([3, 4], np.float32))
    y = b.add_tensor("y", [1, 3])
    b.add_operator("FULLY_CONNECTED", [x, w, -1], [y], "FullyConnectedOptions")
    b.set_io([x], [y])
    open("fc.circle", "wb").write(b.finish())

A module, not a command. Needs numpy, flatbuffers and circle-schema.
"""

import flatbuffers
import numpy as np
from circle_schema import circle

CIRCLE = b"CIR0"
TFLITE = b"TFL3"

_ALIGNMENT = 16  # of Buffer.data, `force_align: 16` in the schema; the generated Python forgets it
_PLACEHOLDER_CODE = 127  # OperatorCode.deprecated_builtin_code of operators above it
_NUMPY_TYPES = {
    "float16": np.float16, "float32": np.float32, "float64": np.float64,
    "int8": np.int8, "int16": np.int16, "int32": np.int32, "int64": np.int64,
    "uint8": np.uint8, "uint16": np.uint16, "uint32": np.uint32, "uint64": np.uint64,
    "int4": np.int8, "uint4": np.uint8, "bool": np.bool_,
}  # yapf: disable
_TYPE_NAMES = {
    code: name.lower()
    for name, code in vars(circle.TensorType.TensorType).items() if not name.startswith("_")
}


class AlignedBufferT(circle.Buffer.BufferT):
    """A BufferT whose data starts at a multiple of 16 in the file, as the schema demands."""

    def Pack(self, builder):
        data = None
        if self.data is not None:
            payload = np.frombuffer(bytes(self.data), np.uint8)
            builder.StartVector(1, len(payload), _ALIGNMENT)
            builder.head = builder.Head() - len(payload)
            builder.Bytes[builder.Head():builder.Head() + len(payload)] = payload.tobytes()
            data = builder.EndVector()
        circle.Buffer.BufferStart(builder)
        if data is not None:
            circle.Buffer.BufferAddData(builder, data)
        circle.Buffer.BufferAddOffset(builder, self.offset)
        circle.Buffer.BufferAddSize(builder, self.size)
        return circle.Buffer.BufferEnd(builder)


def tensor_type(name):
    """The TensorType code of a lower-case type name ("float32", "uint4", "ggml_q4_0")."""
    return getattr(circle.TensorType.TensorType, name.upper())


def type_name(code):
    """The lower-case name of a TensorType code."""
    return _TYPE_NAMES[code]


def numpy_type(name):
    """The numpy type that holds elements of circle type `name`; 4-bit types take one byte each."""
    return np.dtype(_NUMPY_TYPES[name])


def table(name, /, **fields):
    """An object-API table, e.g. table("Conv2DOptions", strideW=1). Refuses unknown fields."""
    obj = getattr(getattr(circle, name), name + "T")()
    for field, value in fields.items():
        if not hasattr(obj, field):
            raise AttributeError(f"{name} has no field {field}; it has {sorted(vars(obj))}")
        setattr(obj, field, value)
    return obj


def quantization(scale, zero_point=0, dimension=0):
    """QuantizationParametersT of one scale or one per channel; zero_point is repeated to match."""
    scale = np.atleast_1d(np.asarray(scale, np.float32))
    zero_point = np.broadcast_to(np.asarray(zero_point, np.int64), scale.shape).copy()
    return table("QuantizationParameters", scale=scale, zeroPoint=zero_point,
                 quantizedDimension=dimension)


def pack_4bit(values):
    """Bytes of int4/uint4 values: two a byte, the first in the low half."""
    nibbles = np.asarray(values).reshape(-1).astype(np.uint8) & 0x0F
    nibbles = np.append(nibbles, np.zeros(len(nibbles) % 2, np.uint8))
    return (nibbles[0::2] | nibbles[1::2] << 4).tobytes()


def encode(values, type_name_):
    """The bytes that circle stores for an array of that type."""
    if type_name_ in ("int4", "uint4"):
        return pack_4bit(values)
    little_endian = numpy_type(type_name_).newbyteorder("<")
    return np.ascontiguousarray(values, little_endian).tobytes()


class CircleBuilder:
    """Collects one model. Tensors and operators go to the last graph that was begun."""

    def __init__(self, graph_name="main", description=None):
        self.model = table("Model", description=description, operatorCodes=[], subgraphs=[],
                           buffers=[AlignedBufferT()])  # buffer 0 is empty: "no constant data"
        self._codes = {}
        self.begin_graph(graph_name)

    def begin_graph(self, name):
        """Starts another graph; returns its index."""
        self.graph = table("SubGraph", name=name, tensors=[], operators=[], inputs=[], outputs=[])
        self.model.subgraphs.append(self.graph)
        return len(self.model.subgraphs) - 1

    def add_buffer(self, data):
        """Adds the bytes as a buffer (always a new one); returns its index."""
        buffer = AlignedBufferT()
        buffer.data = bytes(data)
        self.model.buffers.append(buffer)
        return len(self.model.buffers) - 1

    def add_tensor(self, name, shape, dtype="float32", quant=None, **fields):
        """Adds an activation; `fields` are further TensorT fields. Returns its index.

        `quant` is a QuantizationParametersT or the arguments of quantization() as a tuple;
        shape None leaves the shape out.
        """
        if isinstance(quant, tuple):
            quant = quantization(*quant)
        tensor = table("Tensor", name=name, type=tensor_type(dtype), quantization=quant,
                       shape=None if shape is None else [int(d) for d in shape], **fields)
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def add_constant(self, name, values, dtype=None, quant=None, **fields):
        """Adds a constant; dtype defaults to that of the array (or float32 for other values)."""
        if dtype is None:
            dtype = values.dtype.name if isinstance(values, np.ndarray) else "float32"
        values = np.asarray(values)
        buffer = self.add_buffer(encode(values, dtype))
        return self.add_tensor(name, values.shape, dtype, quant, buffer=buffer, **fields)

    def add_operator(self, op, inputs, outputs, options=None, *, version=1, custom_code=None,
                     fields=None, **option_fields):
        """Adds an operator; returns its index in the graph.

        op: a BuiltinOperator name ("CONV_2D") or its number. options: the name of an options table
        (of either union), filled from option_fields. fields: further OperatorT fields.
        """
        known = {"opcodeIndex": self._code(op, version, custom_code),
                 "inputs": [int(i) for i in inputs], "outputs": [int(i) for i in outputs]}
        operator = table("Operator", **{**known, **(fields or {})})
        if options is not None:
            content = table(options, **option_fields)
            kind = getattr(circle.BuiltinOptions.BuiltinOptions, options, None)
            if kind is not None:
                operator.builtinOptionsType, operator.builtinOptions = kind, content
            else:
                kind = getattr(circle.BuiltinOptions2.BuiltinOptions2, options)
                operator.builtinOptions2Type, operator.builtinOptions2 = kind, content
        elif option_fields:
            raise TypeError(f"{sorted(option_fields)} given without an options table")
        self.graph.operators.append(operator)
        return len(self.graph.operators) - 1

    def set_io(self, inputs, outputs):
        """Sets the current graph's inputs and outputs (tensor indices)."""
        self.graph.inputs = [int(i) for i in inputs]
        self.graph.outputs = [int(i) for i in outputs]

    def add_signature(self, key, inputs, outputs, graph_index=0):
        """Adds a signature; inputs and outputs map a name to a tensor index."""
        maps = [[table("TensorMap", name=n, tensorIndex=i) for n, i in side.items()]
                for side in (inputs, outputs)]
        signature = table("SignatureDef", signatureKey=key, subgraphIndex=graph_index,
                          inputs=maps[0], outputs=maps[1])
        self.model.signatureDefs = (self.model.signatureDefs or []) + [signature]

    def add_metadata(self, name, data):
        """Adds a metadata entry with its buffer; returns the buffer's index."""
        buffer = self.add_buffer(data)
        entry = table("Metadata", name=name, buffer=buffer)
        self.model.metadata = (self.model.metadata or []) + [entry]
        return buffer

    def finish(self, identifier=CIRCLE):
        """The file's bytes."""
        return pack(self.model, identifier)

    def _code(self, op, version, custom_code):
        builtin = op if isinstance(op, int) else getattr(circle.BuiltinOperator.BuiltinOperator, op)
        key = (builtin, version, custom_code)
        if key not in self._codes:
            self._codes[key] = len(self.model.operatorCodes)
            self.model.operatorCodes.append(
                table("OperatorCode", builtinCode=builtin, version=version, customCode=custom_code,
                      deprecatedBuiltinCode=min(builtin, _PLACEHOLDER_CODE)))
        return self._codes[key]


def pack(model, identifier=CIRCLE):
    """The bytes of a ModelT. Sets `version` as the format of the identifier has it (0 or 3)."""
    model.version = 3 if identifier == TFLITE else 0
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(model.Pack(builder), file_identifier=identifier)
    return bytes(builder.Output())


def unpack(data):
    """The ModelT of a file's bytes, circle or TFLite; appended payloads go into the buffers."""
    model = circle.Model.ModelT.InitFromPackedBuf(data)
    for i, old in enumerate(model.buffers):
        new = model.buffers[i] = AlignedBufferT()
        if old.offset > 1:  # 0 and 1 both mean "not appended"
            new.data = data[old.offset:old.offset + old.size]
        elif old.data is not None:
            new.data = np.asarray(old.data, np.uint8).tobytes()
    return model


def repack(data, identifier):
    """The same model under another identifier."""
    return pack(unpack(data), identifier)


def constant(model, tensor):
    """The array of a constant TensorT, None for an activation. 4-bit types: the packed bytes."""
    data = model.buffers[tensor.buffer].data
    if data is None or len(data) == 0:
        return None
    name = type_name(tensor.type)
    if name in ("int4", "uint4"):
        return np.frombuffer(bytes(data), np.uint8)
    return np.frombuffer(bytes(data), numpy_type(name)).reshape(tensor.shape)


def tensor_name(tensor):
    """The name of a TensorT as str (the object API gives bytes after reading)."""
    name = tensor.name
    return name.decode(errors="surrogateescape") if isinstance(name, bytes) else name or ""


def operator_name(model, operator):
    """The BuiltinOperator name of an OperatorT."""
    code = model.operatorCodes[operator.opcodeIndex]
    value = max(code.builtinCode, code.deprecatedBuiltinCode)
    names = vars(circle.BuiltinOperator.BuiltinOperator)
    return next(n for n, v in names.items() if v == value and not n.startswith("_"))
