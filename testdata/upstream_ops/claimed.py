# SPDX-License-Identifier: Apache-2.0
"""What operator_claims/claims.json says of the nodes of a quantized model.

has_kernel() is the columns of ir/operators/operator_table.cc and ir/operators/weights_kernels.cc, by the rules with
which operator_table_test.py holds them against the claims. is_right() is finer: it takes the claims
of the very options and parameters that each node of a model has.
"""

import functools

import numpy as np
import operator_table_test as table
import operators
from cases import fused_code
from testdata_path import circle_builder

RUNTIMES = ("litert", "litert_without_xnnpack", "onert")
ACCUMULATOR = {"uint8": "int32", "int8": "int32", "int16": "int64"}  # of the bias
_LAYERS = ("CONV_2D", "DEPTHWISE_CONV_2D")
_FIXED = {spec.op: spec.fixed for spec in operators.SPECS if spec.fixed}


@functools.cache
def _by_key():
    return {tuple(c.get(k, "") for k in ("operator", "type", "sides", "variant")): c
            for c in table.CLAIMS}


@functools.cache
def _columns():
    return {key: table.column(sides) for key, sides in table.verdicts().items()}


def _word(key, runtime):
    """The first word of the claim: "right", "inexact", "wrong", "refused", "crashed"."""
    claim = _by_key()[key]
    return claim.get(runtime, claim["litert"]).split(":")[0].split()[0]


def _weights_variant(weights, sharing, type_):
    return f"{weights} {sharing} weights, {ACCUMULATOR[type_]} bias"


def has_kernel(op, type_, weights=None, sharing="per_tensor"):
    """Whether the operator table has an integer kernel on some runtime, of these weights."""
    if op in _LAYERS:
        key = (op, type_, "different", _weights_variant(weights, sharing, type_))
        return any(_word(key, runtime) == "right" for runtime in table.RUNTIMES)
    return any(_columns()[op, type_, runtime] in ("any", "equal") for runtime in table.RUNTIMES)


def needs_equal_sides(op, type_):
    """Whether no runtime's kernel converts between different parameters of the sides."""
    return all(_columns()[op, type_, runtime] != "any" for runtime in table.RUNTIMES)


def fixed_output(op, type_):
    """(scale, zero point) of what the operator's kernels put out; None where it is free."""
    return _FIXED.get(op, {}).get(type_)


def is_right(model, runtime):
    """Whether the claims are right, or inexact, for every node of the ModelT."""
    return all(_word(key, runtime) in ("right", "inexact")
               for node in model.subgraphs[0].operators for key in _keys(model, node))


def _type(tensor):
    return circle_builder.type_name(tensor.type)


def _params(tensor):
    quantization = tensor.quantization
    return np.asarray(quantization.scale).tolist(), np.asarray(quantization.zeroPoint).tolist()


def _sharing(tensor):
    return "per_channel" if len(tensor.quantization.scale) > 1 else "per_tensor"


def _keys(model, node):
    """The claims that a node needs."""
    tensors = model.subgraphs[0].tensors
    op = circle_builder.operator_name(model, node)
    ins = [None if i == -1 else tensors[i] for i in node.inputs]
    out = tensors[node.outputs[0]]
    kind = _type(ins[0])
    if op == "QUANTIZE":
        return [(op, f"{kind} to {_type(out)}", "" if kind == "float32" else "different", "")]
    if op == "DEQUANTIZE":
        return [(op, f"{kind} to float32", "", _dequantize_variant(model, node, ins[0]))]
    if op in _LAYERS:
        return _layer_keys(op, kind, node, ins)
    if kind == "float32":
        return [(op, kind, "", "")]
    data = [t for t in ins if _type(t) == kind]
    constant = len(data) > 1 and circle_builder.constant(model, data[-1]) is not None
    return [(op, kind, _sides(op, kind, data, out), "constant last input" if constant else "")]


def _sides(op, kind, data, out):
    fixed = fixed_output(op, kind)
    if fixed and _params(out) == ([np.float32(fixed[0])], [fixed[1]]):
        return "fixed"
    equal = not fixed and all(_params(t) == _params(out) for t in data)
    return "equal" if equal else "different"


def _dequantize_variant(model, node, source):
    """The weights of a float32 layer, or nothing special."""
    if circle_builder.constant(model, source) is None:
        return ""
    reader = next(n for n in model.subgraphs[0].operators if node.outputs[0] in n.inputs)
    op = circle_builder.operator_name(model, reader)
    return f"{_type(source)} {_sharing(source)} weights, float32 bias of a float32 {op}"


def _layer_keys(op, kind, node, ins):
    _, weights, bias = ins
    if kind == "float32":
        return [(op, kind, "", "float32 bias" if bias else "no bias, input -1")]
    if bias is None:  # measured of one scale only
        return [(op, kind, "different", f"{_type(weights)} per_tensor weights, no bias, input -1")]
    variant = _weights_variant(_type(weights), _sharing(weights), kind)
    keys = [(op, kind, "different", variant)]
    for name in ("RELU", "RELU6"):  # measured with the usual weights, of one scale
        if node.builtinOptions.fusedActivationFunction == fused_code(name):
            usual = _weights_variant("uint8" if kind == "uint8" else "int8", "per_tensor", kind)
            keys.append((op, kind, "different", f"{usual}, fused {name}"))
    return keys
