# SPDX-License-Identifier: Apache-2.0
"""Reads the quantization parameters of a PyTorch 2 export program that convert_pt2e() made.

extract() gives one param_set.Entry per quantized tensor under its PyTorch name, in circle's layout:
weights OHWI (depthwise [1, H, W, channels]), linear weights as they are. Weights are named
"stem.weight", a program's input like the argument. Other activations are named like the module that
makes them ("stem_relu"), or with node_names like the node of the graph ("relu_3"), which tells the
results of a module that is used twice, and of functions, apart. A constant that is no weights is
named after the node that reads it and which input it is ("mul.1").

A module, used by digits/make.py and pytorch_exports/make.py. Needs torch.
"""

import numpy as np
import torch

from param_set import Entry

_aten = torch.ops.aten
_qd = torch.ops.quantized_decomposed
_QUANTIZE = {_qd.quantize_per_tensor.default, _qd.quantize_per_channel.default}
_DEQUANTIZE = {_qd.dequantize_per_tensor.default, _qd.dequantize_per_channel.default}
_WEIGHTED = {_aten.conv2d.default, _aten.linear.default}
_BIAS_ARGUMENT = 2
_GROUPS_ARGUMENT = 6


def extract(program, with_bias, node_names=False):
    """The entries of a converted program, in graph order.

    with_bias: also the biases, which PyTorch keeps as float32, as int32 with input scale x weights
    scale. node_names: activations are named like their node, not like their module.
    """
    activations, constants = {}, {}
    for node in program.graph.nodes:
        if node.target in _QUANTIZE:
            source = node.args[0]
            name = source.name if node_names else _tensor_name(source)
            activations[name] = Entry(name, *_parameters(program, node))
        elif node.target in _WEIGHTED:
            weights = _weights(program, node)
            constants[weights.name] = weights
            if with_bias:
                bias = _bias(program, node, weights)
                constants[bias.name] = bias
        else:
            for entry in _constants(program, node):
                constants[entry.name] = entry
    return list(activations.values()) + list(constants.values())


def _module_path(node):
    stack = list(node.meta["nn_module_stack"].values())
    return stack[-1][0]


def _tensor_name(node):
    return node.name if node.op == "placeholder" else _module_path(node)


def _attribute(program, node):
    return _getattr_path(program, node.target).detach().numpy()


def _getattr_path(module, path):
    """module.a.b for the path "a.b"."""
    for part in path.split("."):
        module = getattr(module, part)
    return module


def _parameters(program, node):
    """(dtype, scale, zero point) of a quantize or dequantize node."""
    scale, zero_point = node.args[1], node.args[2]
    if isinstance(scale, torch.fx.Node):
        scale, zero_point = _attribute(program, scale), _attribute(program, zero_point)
    dtype = next(a for a in reversed(node.args) if isinstance(a, torch.dtype))
    return (str(dtype).removeprefix("torch."), np.atleast_1d(np.asarray(scale, np.float32)),
            np.atleast_1d(np.asarray(zero_point, np.int64)))


def _constants(program, node):
    """The quantized constants that a node without weights reads."""
    for slot, source in enumerate(node.args):
        if (getattr(source, "target", None) in _DEQUANTIZE and source.args[0].op == "get_attr"):
            yield Entry(f"{node.name}.{slot}", *_parameters(program, source), 0,
                        _attribute(program, source.args[0]))


def _weights(program, node):
    dequantize = node.args[1]
    assert dequantize.target in _DEQUANTIZE, dequantize.format_node()
    value, axis = _attribute(program, dequantize.args[0]), 0
    if node.target == _aten.conv2d.default:
        groups = node.args[_GROUPS_ARGUMENT] if len(node.args) > _GROUPS_ARGUMENT else 1
        if groups > 1:  # depthwise: [channels, 1, H, W]
            value, axis = value.transpose(1, 2, 3, 0), 3
        else:
            value = value.transpose(0, 2, 3, 1)
    return Entry(_module_path(node) + ".weight", *_parameters(program, dequantize), axis, value)


def _bias(program, node, weights):
    _, input_scale, _ = _parameters(program, node.args[0])
    scale = input_scale * weights.scale
    values = np.rint(_attribute(program, node.args[_BIAS_ARGUMENT]) / scale)
    return Entry(_module_path(node) + ".bias", "int32", scale, np.zeros(len(scale), np.int64), 0,
                 values.astype(np.int32))
