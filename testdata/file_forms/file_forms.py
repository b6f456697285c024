# SPDX-License-Identifier: Apache-2.0
"""Every form of a file that is measured: all_forms().

The forms are those of one network (network.py), in float32 and in uint8, and of models of one
operator (operator_claims) as far as option tables go. What is the same file as the plain one is
left out.
"""

import dataclasses
import functools
import inspect
import re

import flatbuffers
import numpy as np
from circle_schema import circle

import network
from circle_builder import (CIRCLE, TFLITE, encode, operator_name, quantization, table, tensor_type,
                            unpack)
from measured_operators import operators

_PLACEHOLDER = 127  # OperatorCode.deprecated_builtin_code of operators above it
_APPENDED = 1 << 16  # where buffers behind the flatbuffer start


@dataclasses.dataclass(frozen=True)
class Form:
    """A file in one form.

    data: the file as TFLite, where LiteRT is to read it, and as circle. expected: real numbers of
    each output, None where no numpy has them: LiteRT's own are taken then. real: what outputs
    stand for.
    """

    model: str  # "float32" or "uint8": the network; an operator's name
    form: str
    litert: bytes
    onert: bytes
    inputs: list
    expected: list | None
    real: object

    @property
    def key(self):
        return (self.model, self.form)


def write(model, identifier, version=None):
    """The bytes of a ModelT, in the form that its objects have."""
    model.version = (3 if identifier == TFLITE else 0) if version is None else version
    builder = flatbuffers.Builder(1 << 14)
    builder.Finish(model.Pack(builder), file_identifier=identifier)
    return bytes(builder.Output())


# --- which objects a form changes


def _tensors(role):
    """A function of a builder: the tensors of that role."""

    def choose(b):
        graph = b.model.subgraphs[0]
        runtime = {t for node in graph.operators for t in node.outputs} | set(graph.inputs)
        ends = set(graph.inputs) | set(graph.outputs)
        chosen = {
            "inputs": lambda i, t: i in graph.inputs,
            "outputs": lambda i, t: i in graph.outputs,
            "inner": lambda i, t: i in runtime - ends,
            "run-time": lambda i, t: i in runtime,
            "constants": lambda i, t: i not in runtime,
            "scalar": lambda i, t: len(t.shape) == 0,
            "control": lambda i, t: i not in runtime and t.type == tensor_type("int32") and
            t.quantization is None,
        }[role]
        return [t for i, t in enumerate(graph.tensors) if chosen(i, t)]

    return choose


def _buffers(role):

    def choose(b):
        tensors = _tensors("constants" if role == "of constants" else "run-time")(b)
        named = {m.buffer for m in b.model.metadata} if role == "of metadata" else {
            t.buffer for t in tensors}
        return [b.model.buffers[i] for i in named]

    return choose


_PLACES = {
    "Model": {"": lambda b: [b.model]},
    "OperatorCode": {"": lambda b: b.model.operatorCodes},
    "SubGraph": {"": lambda b: b.model.subgraphs},
    "Tensor": {role: _tensors(role) for role in ("inputs", "outputs", "inner", "constants",
                                                 "scalar", "control")},
    "QuantizationParameters": {
        role: (lambda b, role=role: [t.quantization for t in _tensors(role)(b) if t.quantization])
        for role in ("run-time", "constants")},
    "Buffer": {role: _buffers(role) for role in ("of run-time tensors", "of constants",
                                                 "of metadata")},
    "Operator": {"": lambda b: b.model.subgraphs[0].operators},
    "Metadata": {"": lambda b: b.model.metadata},
    "SignatureDef": {"": lambda b: b.model.signatureDefs},
    "TensorMap": {"": lambda b: [m for s in b.model.signatureDefs for m in s.inputs + s.outputs]},
}


# --- forms by the schema: each optional field absent, empty, default


def _optional_fields(name):
    """Of the fields of a table that may be absent: name → a function that makes an empty one."""
    source = inspect.getsource(getattr(getattr(circle, name), name + "T").__init__)
    found = {}
    for field, kind in re.findall(r"self\.(\w+) = None\s+# type: (.*)", source):
        if kind.startswith("Union"):
            continue  # option tables: operator by operator
        if kind == "str":
            found[field] = str
        elif "List[" in kind:
            found[field] = list
        else:
            found[field] = functools.partial(table, re.findall(r"\.(\w+)T\b", kind)[-1])
    return found


def _set(choose, field, make):

    def change(b):
        for obj in choose(b):
            setattr(obj, field, make())

    return change


def _store_defaults(choose):
    """Scalars are stored in these tables, and below them, though they have their default."""

    def change(b):
        for obj in choose(b):
            obj.Pack = functools.partial(_packed_with_defaults, obj.Pack)

    return change


def _packed_with_defaults(pack, builder):
    builder.ForceDefaults(True)
    place = pack(builder)
    builder.ForceDefaults(False)
    return place


def _schema_forms():
    for name, places in _PLACES.items():
        for role, choose in places.items():
            what = f"{name} {role}".strip()
            for field, empty in _optional_fields(name).items():
                yield f"{what}: {field} absent", _set(choose, field, lambda: None)
                yield f"{what}: {field} empty", _set(choose, field, empty)
            yield f"{what}: defaults stored", _store_defaults(choose)


# --- forms by hand: what several tables say together


FORMS = {}


def form(name):
    """Registers a function that changes a builder."""

    def register(function):
        FORMS[name] = function
        return function

    return register


def _add_buffer(b, data):
    buffer = table("Buffer") if data is None else b.model.buffers[b.add_buffer(data)]
    if data is None:
        b.model.buffers.append(buffer)
    return len(b.model.buffers) - 1


def _buffer_of_runtime_tensors(data, shared):

    def change(b):
        tensors = _tensors("run-time")(b)
        for tensor in tensors:
            tensor.buffer = tensors[0].buffer if shared and tensors[0].buffer else _add_buffer(
                b, data)

    return change


FORMS["run-time tensors: one further buffer without data"] = _buffer_of_runtime_tensors(None, True)
FORMS["run-time tensors: one further buffer of an empty vector"] = _buffer_of_runtime_tensors(
    b"", True)
FORMS["run-time tensors: a buffer each, without data"] = _buffer_of_runtime_tensors(None, False)
FORMS["run-time tensors: a buffer each, of an empty vector"] = _buffer_of_runtime_tensors(
    b"", False)


@form("buffer 0 holds a constant")
def _first_buffer_is_a_constant(b):
    _buffer_of_runtime_tensors(None, True)(b)
    _tensors("constants")(b)[0].buffer, old = 0, _tensors("constants")(b)[0].buffer
    b.model.buffers[0].data = b.model.buffers[old].data


@form("buffer 0 holds bytes that nothing names")
def _first_buffer_holds_bytes(b):
    _buffer_of_runtime_tensors(None, True)(b)
    b.model.buffers[0].data = b"abcd"


@form("buffers with offset 1, which stands for none")
def _offset_placeholder(b):
    for buffer in b.model.buffers:
        buffer.offset = buffer.size = 1


@form("constants stand behind the flatbuffer")
def _appended(b):
    position, b.appended = _APPENDED, b""
    for buffer in b.model.buffers:
        if buffer.data:
            buffer.offset, buffer.size = position + len(b.appended), len(buffer.data)
            b.appended += bytes(buffer.data).ljust(-(-len(buffer.data) // 16) * 16, b"\0")
            buffer.data = None


@form("constants at odd places")
def _unaligned(b):
    for buffer in _buffers("of constants")(b):
        buffer.Pack = functools.partial(_pack_unaligned, buffer)


def _pack_unaligned(buffer, builder):
    data = builder.CreateByteVector(bytes(buffer.data))
    circle.Buffer.BufferStart(builder)
    circle.Buffer.BufferAddData(builder, data)
    return circle.Buffer.BufferEnd(builder)


@form("two constants share a buffer")
def _shared_buffer(b):
    first, *others = [t for t in _tensors("constants")(b) if list(t.shape) == [5]]
    for other in others:
        if other.type == first.type:
            other.buffer = first.buffer


@form("buffers in reverse")
def _reversed_buffers(b):
    last = len(b.model.buffers) - 1
    b.model.buffers.reverse()
    for named in b.model.metadata + b.graph.tensors:
        named.buffer = last - named.buffer


def _name(choose, name):

    def change(b):
        for i, obj in enumerate(choose(b)):
            obj.name = name(i)

    return change


_ALL_TENSORS = lambda b: b.graph.tensors  # noqa: E731
FORMS["tensor names: all absent"] = _name(_ALL_TENSORS, lambda i: None)
FORMS["tensor names: all empty"] = _name(_ALL_TENSORS, lambda i: "")
FORMS["tensor names: all equal"] = _name(_ALL_TENSORS, lambda i: "t")
FORMS["tensor names: not UTF-8"] = _name(_ALL_TENSORS, lambda i: b"\xff\xfe%d" % i)
FORMS["tensor names: a zero byte"] = _name(_ALL_TENSORS, lambda i: b"t\0%d" % i)
FORMS["tensor names: 70000 bytes long"] = _name(_ALL_TENSORS, lambda i: "t" * 70000 + str(i))


@form("operator codes: only builtin_code")
def _new_codes(b):
    for code in b.model.operatorCodes:
        code.deprecatedBuiltinCode = 0


@form("operator codes: only deprecated_builtin_code")
def _old_codes(b):
    for code in b.model.operatorCodes:
        code.builtinCode = 0


@form("operator codes: the placeholder beside builtin_code")
def _placeholder_codes(b):
    for code in b.model.operatorCodes:
        code.deprecatedBuiltinCode = _PLACEHOLDER


@form("operator codes: one each node")
def _own_codes(b):
    codes = [b.model.operatorCodes[node.opcodeIndex] for node in b.graph.operators]
    b.model.operatorCodes = codes
    for i, node in enumerate(b.graph.operators):
        node.opcodeIndex = i


@form("operator codes: version 0")
def _code_version_0(b):
    for code in b.model.operatorCodes:
        code.version = 0


@form("operator codes: some that no node names, first")
def _unused_codes(b):
    for kind, name in ((32, "Unknown"), (32, None), (150, None), (9999, None)):
        b.model.operatorCodes.insert(0, table("OperatorCode", builtinCode=kind, customCode=name,
                                              deprecatedBuiltinCode=min(kind, _PLACEHOLDER)))
        for node in b.graph.operators:
            node.opcodeIndex += 1


def _unused_tensor(type_, shape=(2, 3), **fields):

    def change(b):
        b.add_tensor("unused", shape, type_, **fields)

    return change


for _type in ("float32", "float16", "float64", "bool", "string", "int4", "uint4", "int16", "int64",
              "uint32", "uint64", "complex64", "complex128", "resource", "variant"):
    FORMS[f"a tensor that nothing names: {_type}"] = _unused_tensor(_type)
FORMS["a tensor that nothing names: without a shape"] = _unused_tensor("float32", None)
FORMS["a tensor that nothing names: a dimension of 0"] = _unused_tensor("float32", (0, 3))
FORMS["a tensor that nothing names: a variable"] = _unused_tensor("float32", isVariable=True)


@form("a tensor that nothing names: a constant")
def _unused_constant(b):
    b.add_constant("unused", np.ones([3], np.float32))


@form("a tensor that nothing names: a constant of int4")
def _unused_constant_4(b):
    b.add_constant("unused", np.ones([3], np.int8), "int4")


@form("a tensor that nothing names: a constant of dimension 0")
def _unused_constant_0(b):
    b.add_constant("unused", np.ones([0], np.float32))


@form("a tensor that nothing names: sparse")
def _unused_sparse(b):
    b.add_tensor("unused", [3], sparsity=table("SparsityParameters"))


@form("a tensor that nothing names: a variable with a value")
def _unused_variable(b):
    b.add_constant("unused", np.ones([3], np.float32), isVariable=True)


@form("a tensor that nothing names: custom quantization")
def _unused_custom(b):
    b.add_tensor("unused", [3], quant=_custom_quantization(b))


@form("sparse weights")
def _sparse_weights(b):
    (weights,) = [t for t in b.graph.tensors if t.name == "weights"]
    columns = weights.shape[1]
    weights.sparsity = table(
        "SparsityParameters", traversalOrder=[0, 1], blockMap=[], dimMetadata=[
            table("DimensionMetadata", denseSize=weights.shape[0]),
            _sparse_axis(np.arange(weights.shape[0] + 1) * columns,
                         np.tile(np.arange(columns), weights.shape[0]))])


def _sparse_axis(segments, indices):
    kind = circle.SparseIndexVector.SparseIndexVector.Int32Vector
    return table("DimensionMetadata", format=1, arraySegmentsType=kind, arrayIndicesType=kind,
                 arraySegments=table("Int32Vector", values=list(segments)),
                 arrayIndices=table("Int32Vector", values=list(indices)))


@form("tensors in reverse")
def _reversed_tensors(b):
    last = len(b.graph.tensors) - 1
    b.graph.tensors.reverse()
    move = lambda ids: [last - i if i >= 0 else i for i in ids]  # noqa: E731
    b.graph.inputs, b.graph.outputs = move(b.graph.inputs), move(b.graph.outputs)
    for node in b.graph.operators:
        node.inputs, node.outputs = move(node.inputs), move(node.outputs)
    for signature in b.model.signatureDefs:
        for entry in signature.inputs + signature.outputs:
            entry.tensorIndex = last - entry.tensorIndex


def _shape_signature(choose, make):

    def change(b):
        for tensor in choose(b):
            tensor.shapeSignature = make(list(tensor.shape))

    return change


FORMS["shape_signature: as shape"] = _shape_signature(_ALL_TENSORS, lambda shape: shape)
FORMS["shape_signature: -1 for the batch of run-time tensors"] = _shape_signature(
    _tensors("run-time"), lambda shape: [-1, *shape[1:]])
FORMS["shape_signature: -1 for the batch of the input"] = _shape_signature(
    _tensors("inputs"), lambda shape: [-1, *shape[1:]])
FORMS["shape_signature: -1 for the batch of inner tensors"] = _shape_signature(
    _tensors("inner"), lambda shape: [-1, *shape[1:]])
FORMS["shape_signature: -1 for the batch of outputs"] = _shape_signature(
    _tensors("outputs"), lambda shape: [-1, *shape[1:]])
FORMS["shape_signature: -1 for all of inner tensors"] = _shape_signature(
    _tensors("inner"), lambda shape: [-1] * len(shape))


@form("shapes: [1] for the scalar")
def _scalar_of_rank_1(b):
    for tensor in _tensors("scalar")(b):
        tensor.shape = [1]


@form("has_rank everywhere")
def _has_rank(b):
    for tensor in b.graph.tensors:
        tensor.hasRank = True


def _custom_quantization(b):
    kinds = circle.QuantizationDetails.QuantizationDetails
    del b
    return table("QuantizationParameters", detailsType=kinds.CustomQuantization,
                 details=table("CustomQuantization", custom=[1, 2]))


def _quantize_floats(make):
    """Gives a quantization to every tensor that has none."""

    def change(b):
        for tensor in b.graph.tensors:
            if tensor.quantization is None:
                tensor.quantization = make(b)

    return change


FORMS["quantization of tensors without scale: min and max"] = _quantize_floats(
    lambda b: table("QuantizationParameters", min=[-1.0], max=[1.0]))
FORMS["quantization of tensors without scale: all vectors empty"] = _quantize_floats(
    lambda b: table("QuantizationParameters", min=[], max=[], scale=[], zeroPoint=[]))
FORMS["quantization of tensors without scale: scale 0"] = _quantize_floats(
    lambda b: quantization(0.0))
FORMS["quantization of tensors without scale: scale 1"] = _quantize_floats(
    lambda b: quantization(1.0))
FORMS["quantization of tensors without scale: a zero point alone"] = _quantize_floats(
    lambda b: table("QuantizationParameters", zeroPoint=[0]))
FORMS["quantization of tensors without scale: custom"] = _quantize_floats(_custom_quantization)


def _change_quantization(**fields):

    def change(b):
        for tensor in b.graph.tensors:
            for field, value in fields.items():
                if tensor.quantization is not None:
                    setattr(tensor.quantization, field, value)

    return change


FORMS["quantization: min and max beside scale"] = _change_quantization(min=[-1.0], max=[1.0])
FORMS["quantization: dimension 3 of one scale"] = _change_quantization(quantizedDimension=3)
FORMS["quantization: custom details beside scale"] = _change_quantization(
    detailsType=circle.QuantizationDetails.QuantizationDetails.CustomQuantization,
    details=table("CustomQuantization", custom=[1, 2]))


def _change_nodes(change_node):

    def change(b):
        for node in b.graph.operators:
            change_node(node)

    return change


def _drop_table(node):
    node.builtinOptions = None


def _drop_options(node):
    if not _is_stored(node.builtinOptions):
        node.builtinOptions, node.builtinOptionsType = None, 0


FORMS["nodes: custom options"] = _change_nodes(
    lambda node: setattr(node, "customOptions", [1, 2, 3]))
FORMS["nodes: options 2 without a table"] = _change_nodes(
    lambda node: setattr(node, "builtinOptions2Type", 3))
FORMS["nodes: a debug metadata index"] = _change_nodes(
    lambda node: setattr(node, "debugMetadataIndex", 0))
FORMS["nodes: no variable is written, said of each input"] = _change_nodes(
    lambda node: setattr(node, "mutatingVariableInputs", [False] * len(node.inputs)))
FORMS["nodes: options of default values absent"] = _change_nodes(_drop_options)


def _reshape(b):
    (node,) = [n for n in b.graph.operators if operator_name(b.model, n) == "RESHAPE"]
    return node


@form("Reshape: options absent")
def _reshape_without_options(b):
    _reshape(b).builtinOptions, _reshape(b).builtinOptionsType = None, 0


@form("Reshape: new_shape absent")
def _reshape_without_new_shape(b):
    _reshape(b).builtinOptions.newShape = None


@form("Reshape: new_shape empty")
def _reshape_of_empty_new_shape(b):
    _reshape(b).builtinOptions.newShape = []


@form("Reshape: new_shape other than the input says")
def _reshape_of_other_new_shape(b):
    _reshape(b).builtinOptions.newShape = [2, 6]


@form("Reshape: new_shape with -1")
def _reshape_of_minus_1(b):
    _reshape(b).builtinOptions.newShape = [1, -1]


@form("Reshape: no shape input")
def _reshape_without_input(b):
    _reshape(b).inputs = _reshape(b).inputs[:1]


@form("Reshape: shape input -1")
def _reshape_input_left_out(b):
    _reshape(b).inputs = [_reshape(b).inputs[0], -1]


@form("Reshape: shape input with -1 in it")
def _reshape_input_open(b):
    buffer = b.graph.tensors[_reshape(b).inputs[1]].buffer
    b.model.buffers[buffer].data = encode(np.array([1, -1]), "int32")


@form("graph: an output twice")
def _output_twice(b):
    b.graph.outputs = [b.graph.outputs[0], b.graph.outputs[1], b.graph.outputs[0]]


@form("graph: an output that is a constant")
def _constant_output(b):
    (factor,) = [i for i, t in enumerate(b.graph.tensors) if t.name == "offset"]
    b.graph.outputs = [*b.graph.outputs, factor]


@form("graph: an output that is the input")
def _output_is_input(b):
    b.graph.outputs = [*b.graph.outputs, b.graph.inputs[0]]


@form("graph: an input that nothing reads")
def _unread_input(b):
    first = b.graph.tensors[b.graph.inputs[0]]
    b.graph.inputs = [*b.graph.inputs, b.add_tensor("second", first.shape, "float32")]


def _second_graph(make):

    def change(b):
        first = b.graph
        b.model.subgraphs.append(make())
        b.graph = first

    return change


FORMS["a second graph: nothing in it"] = _second_graph(lambda: table("SubGraph"))
FORMS["a second graph: all vectors empty"] = _second_graph(
    lambda: table("SubGraph", tensors=[], inputs=[], outputs=[], operators=[], name=""))
FORMS["a second graph: inputs and outputs absent"] = _second_graph(
    lambda: table("SubGraph", tensors=[table("Tensor", name="t", shape=[1])], operators=[]))
FORMS["a second graph: a tensor that goes through"] = _second_graph(
    lambda: table("SubGraph", tensors=[table("Tensor", name="t", shape=[1])], inputs=[0],
                  outputs=[0], operators=[], name="main"))


@form("metadata: two of one name")
def _metadata_twice(b):
    b.add_metadata("min_runtime_version", b"1.6.0".ljust(16, b"\0"))


@form("metadata: without data")
def _metadata_of_buffer_0(b):
    b.model.metadata.append(table("Metadata", name="none", buffer=_add_buffer(b, None)))


@form("metadata: an empty vector")
def _metadata_of_nothing(b):
    b.add_metadata("nothing", b"")


@form("metadata: a constant's buffer")
def _metadata_of_a_constant(b):
    b.model.metadata.append(table("Metadata", name="weights",
                                  buffer=_tensors("constants")(b)[0].buffer))


@form("metadata_buffer")
def _metadata_buffer(b):
    b.model.metadataBuffer = [b.model.metadata[0].buffer, 0]


@form("signatures: two of one graph")
def _two_signatures(b):
    b.add_signature("other", {"x": b.graph.inputs[0]}, {"p": b.graph.outputs[1]})


@form("signatures: two of one key")
def _equal_signatures(b):
    b.model.signatureDefs = b.model.signatureDefs * 2


@form("signatures: outputs in another order")
def _signature_in_order(b):
    b.model.signatureDefs[0].outputs.reverse()


@form("all defaults stored")
def _all_defaults(b):
    _store_defaults(lambda b: [b.model])(b)


# --- making them


def _is_stored(options):
    """Whether a table of options has a field that is not the default."""
    plain = type(options)() if options is not None else None
    return options is not None and any(
        value is not None and np.any(value != getattr(plain, name))
        for name, value in vars(options).items())


def _files(make, change):
    """(LiteRT's file, onert's) of the builder that make() gives, after change."""
    files = []
    for identifier in (TFLITE, CIRCLE):
        b = make()
        change(b)
        data = write(b.model, identifier)
        if hasattr(b, "appended"):
            data = data.ljust(_APPENDED, b"\0") + b.appended
        files.append(data)
    return files


def _network_forms(type_):
    plain = network.build(type_)
    make = lambda: network.build(type_).builder  # noqa: E731
    seen = set()
    every = [("as it is", lambda b: None), *_schema_forms(), *FORMS.items()]
    for name, change in every:
        litert, onert = _files(make, change)
        if onert in seen:
            continue
        seen.add(onert)
        yield _network_form(type_, plain, name, litert, onert)
    for version, identifier in ((0, TFLITE), (3, CIRCLE)):
        data = write(make().model, identifier, version)
        yield _network_form(type_, plain, f"{identifier.decode()} of version {version}", data, data)


# What numpy's two outputs are not expected of.
_OTHER_OUTPUTS = ("graph: an output twice", "graph: an output that is a constant",
                  "graph: an output that is the input", "two constants share a buffer")


def _network_form(type_, plain, name, litert, onert):
    inputs = list(plain.inputs)
    if name == "graph: an input that nothing reads":
        inputs.append(np.zeros([network.SAMPLES, 1, 4, 4, 2], np.float32))
    expected = None if name in _OTHER_OUTPUTS else plain.expected
    return Form(type_, name, litert, onert, inputs, expected,
                functools.partial(network.real, plain))


def _default_options(op):
    """The table of an operator that has its name, None where there is none."""
    wanted = op.replace("_", "").lower() + "options"
    kinds = vars(circle.BuiltinOptions.BuiltinOptions)
    for name in kinds:
        if name.lower() == wanted:
            return name
    return None


def _operator_forms():
    """Of each operator that is measured in float32: its options absent, or those of its name."""
    done = set()
    for case in operators.all_cases():
        if case.type != "float32" or case.variant or case.operator in done:
            continue
        done.add(case.operator)
        yield from _forms_of_operator(case)


def _forms_of_operator(case):
    node = unpack(case.model).subgraphs[0].operators[-1]
    exact = not _is_stored(node.builtinOptions)

    def changed(change):
        model = unpack(case.model)
        change(model.subgraphs[0].operators[-1])
        return [write(model, identifier) for identifier in (TFLITE, CIRCLE)]

    def default(node):
        name = _default_options(case.operator)
        node.builtinOptionsType = getattr(circle.BuiltinOptions.BuiltinOptions, name)
        node.builtinOptions = table(name)

    def absent(node):
        node.builtinOptions, node.builtinOptionsType = None, 0

    forms = {"as it is": (lambda node: None, True)}
    if node.builtinOptions is not None:
        forms["options absent"] = (absent, exact)
        forms["options of a type, without a table"] = (_drop_table, exact)
        forms["options stored, with defaults"] = (
            lambda node: _store_defaults(lambda n: [n.builtinOptions])(node), True)
        if not exact:
            forms["options all default"] = (
                lambda node: setattr(node, "builtinOptions", type(node.builtinOptions)()), False)
    elif _default_options(case.operator):
        forms["options of its name"] = (default, True)
    for name, (change, known) in forms.items():
        yield Form(case.operator, name, *changed(change), case.inputs,
                   case.expected if known else None, list)


@functools.cache
def all_forms():
    """Every Form, with no two of one key."""
    return [*_network_forms("float32"), *_network_forms("uint8"), *_operator_forms()]
