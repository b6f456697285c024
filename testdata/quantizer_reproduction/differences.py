# SPDX-License-Identifier: Apache-2.0
"""Where q-implant's model is another than ai-edge-quantizer's, why, and how a test shows it right.

BY_CASE maps (model, recipe) to the Differences of that pair; all other pairs give the same graph.
A module; needs numpy.
"""

import dataclasses
import typing

import numpy as np


@dataclasses.dataclass(frozen=True)
class Difference:
    """What one of the models has and the other has not, as graph_diff.compare() tells it.

    Without `mend` and `references` LiteRT computes the same outputs, bit for bit, from both models.
    mend: changes the quantizer's ModelT so that it does; unchanged it does not.
    references: {output's name: what it is in real numbers, a function of the real values of the
    other tensors by name}. q-implant's output is within a step of it, the quantizer's is not.
    rounded: outputs that are a step apart here and there, for one is rounded more often.
    """

    reason: str
    theirs: list
    ours: list
    mend: typing.Callable | None = None
    references: dict = dataclasses.field(default_factory=dict)
    rounded: tuple = ()


# --- what kernels misread


def matmul_by_constant(t):
    return Difference(
        "LiteRT's integer BatchMatMul has one scale for its second input and takes the first of "
        "the scales per channel for all; in float32 each counts",
        [f"by_constant: {t} = BATCH_MATMUL(a: {t}, matrix: int8)"],
        [f"by_constant: {t} = QUANTIZE(_: float32)",
         "_: float32 = BATCH_MATMUL(_: float32, _: float32)",
         "_: float32 = DEQUANTIZE(matrix: int8)"],
        references={"by_constant": lambda real: real["a"] @ real["matrix"]})


def division():
    return Difference(
        "LiteRT's int8 Div gives the lowest integer where the quotient is just below zero (a "
        "numerator of one step below zero, say), so in one element of some hundred",
        ["div: int8 = DIV(a: int8, positive: int8)", "ratio: int8 = DIV(a: int8, gate: int8)"],
        ["div: int8 = QUANTIZE(_: float32)", "ratio: int8 = QUANTIZE(_: float32)",
         "_: float32 = DIV(_: float32, _: float32)", "_: float32 = DIV(_: float32, _: float32)",
         "_: float32 = DEQUANTIZE(a: int8)", "_: float32 = DEQUANTIZE(positive: int8)",
         "_: float32 = DEQUANTIZE(gate: int8)"],
        references={"ratio": _ratio})


def _ratio(real):
    with np.errstate(divide="ignore", invalid="ignore"):
        return real["a"] / real["gate"]  # NaN and infinities, which nothing is held to, at 0


def int16_division():
    return Difference(
        "LiteRT's int16 Div turns a quotient just below zero into the greatest integer; there is "
        "none among these samples, but operator_claims has them",
        ["div: int16 = DIV(a: int16, positive: int16)", "ratio: int16 = DIV(a: int16, gate: int16)"],
        ["div: int16 = QUANTIZE(_: float32)", "ratio: int16 = QUANTIZE(_: float32)",
         "_: float32 = DIV(_: float32, _: float32)", "_: float32 = DIV(_: float32, _: float32)",
         "_: float32 = DEQUANTIZE(positive: int16)", "_: float32 = DEQUANTIZE(gate: int16)"],
        rounded=("div", "ratio"))


def equality():
    return Difference(
        "LiteRT's int16 Equal and NotEqual take values a few steps apart for equal",
        ["equal: bool = EQUAL(relu: int16, a: int16)",
         "not_equal: bool = NOT_EQUAL(relu: int16, a: int16)"],
        ["equal: bool = EQUAL(_: float32, _: float32)",
         "not_equal: bool = NOT_EQUAL(_: float32, _: float32)",
         "_: float32 = DEQUANTIZE(relu: int16)"],
        references={"equal": lambda real: real["relu"] == real["a"],
                    "not_equal": lambda real: real["relu"] != real["a"]})


def unused_outputs(t):
    return Difference(
        "outputs of an integer operator that nothing reads are integer too; LiteRT refuses an "
        "Unpack with float32 ones among them",
        [f"row_0: {t}, row_1: float32, row_2: float32, row_3: {t} = UNPACK(a: {t})",
         "tensor row_1: float32", "tensor row_2: float32"],
        [f"row_0: {t}, row_1: {t}, row_2: {t}, row_3: {t} = UNPACK(a: {t})",
         f"tensor row_1: {t}", f"tensor row_2: {t}"], mend=_type_unused_outputs)


def _type_unused_outputs(model):
    tensors = {t.name: t for t in model.subgraphs[0].tensors}
    for name in (b"row_1", b"row_2"):
        tensors[name].type = tensors[b"row_0"].type
        tensors[name].quantization = tensors[b"row_0"].quantization


# --- what is right either way


def relu6(t):
    return Difference(
        "a Relu6 between two annotated tensors has a kernel, so it is integer; the quantizer does "
        "not know it",
        [f"relu6: {t} = QUANTIZE(_: float32)", "_: float32 = RELU6(_: float32)",
         f"_: float32 = DEQUANTIZE(sum: {t})"],
        [f"relu6: {t} = RELU6(sum: {t})"])


def integer_embedding(t):
    return Difference(
        "an EmbeddingLookup with an annotated output only moves values: its table becomes integer "
        "instead of what it gives, a quarter of the bytes or half",
        ["_: float32 = EMBEDDING_LOOKUP(tokens: int32, embedding: float32)",
         f"embedded: {t} = QUANTIZE(_: float32)", "tensor embedding: float32"],
        [f"embedded: {t} = EMBEDDING_LOOKUP(tokens: int32, embedding: {t})",
         f"tensor embedding: {t}"])


def needless_quantize(t):
    return Difference(
        "no Quantize between equal parameters",
        [f"_: {t} = QUANTIZE(place: {t})", f"placed: {t} = ADD(embedded: {t}, _: {t})"],
        [f"placed: {t} = ADD(embedded: {t}, place: {t})"])


def needless_quantize_in_pack():
    return Difference(
        "no Quantize between equal parameters",
        ["_: int16 = QUANTIZE(b: int16)", "packed: int16 = PACK(_: int16, _: int16)"],
        ["packed: int16 = PACK(_: int16, b: int16)"])


def table_of_integers(t):
    return Difference(
        "an annotated constant is integer, and whoever reads it as float32 reads those integers; "
        "the quantizer keeps a float32 copy for the EmbeddingLookup, five times the bytes. The "
        "float32 numbers differ by the table's rounding",
        ["_: float32 = EMBEDDING_LOOKUP(tokens: int32, _: float32)",
         f"embedded: {t} = QUANTIZE(_: float32)"],
        ["_: float32 = EMBEDDING_LOOKUP(tokens: int32, _: float32)",
         f"embedded: {t} = QUANTIZE(_: float32)", "_: float32 = DEQUANTIZE(table: int8)"],
        mend=_round_table)


def _round_table(model):
    tensors = {t.name: t for t in model.subgraphs[0].tensors}
    table = tensors[b"table"]
    copy = next(t for name, t in tensors.items() if name.startswith(b"table_duplicated"))
    values = np.frombuffer(model.buffers[table.buffer].data, np.int8).reshape(table.shape)
    floats = values.astype(np.float32) * np.asarray(table.quantization.scale, np.float32)[:, None]
    model.buffers[copy.buffer].data = floats.tobytes()


def shared_bias(t):
    return Difference(
        "two layers that share a bias and read data of different scales need one each: here the "
        "first layer's keeps the name, there the second's",
        [f"tensor bias: {t}"], [f"tensor bias: {t}"])


_EMBEDDING = {t: [integer_embedding(t), needless_quantize(t)] for t in ("int8", "int16")}

BY_CASE = {
    ("transformer", "static_int8"): _EMBEDDING["int8"],
    ("transformer", "static_int8_float_ends"): _EMBEDDING["int8"],
    ("transformer", "mixed"): _EMBEDDING["int8"],
    ("transformer", "static_int16"): _EMBEDDING["int16"],
    ("transformer", "static_int16_float_ends"): _EMBEDDING["int16"],
    ("shared", "static_int8"): [table_of_integers("int8"), shared_bias("int32")],
    ("shared", "static_int16"): [table_of_integers("int16"), shared_bias("int64")],
    ("arithmetic", "static_int8"): [matmul_by_constant("int8"), division(), relu6("int8")],
    ("arithmetic", "static_int8_per_tensor"): [division(), relu6("int8")],
    ("arithmetic", "static_int16_per_tensor"):
        [dataclasses.replace(equality(), references={}), int16_division(), relu6("int16")],
    ("arithmetic", "static_int8_float_ends"): [matmul_by_constant("int8"), division()],
    ("arithmetic", "static_int16"):
        [matmul_by_constant("int16"), equality(), int16_division(), relu6("int16")],
    ("selection", "static_int8"): [unused_outputs("int8")],
    ("selection", "static_int16"): [unused_outputs("int16"), needless_quantize_in_pack()],
}  # yapf: disable
