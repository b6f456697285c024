# SPDX-License-Identifier: Apache-2.0
"""Compares two quantized forms of one float32 model, operator by operator.

The order of the operators and the names of tensors that a quantizer put in do not count; everything
else does: types, shapes, parameters, bytes, options, which tensor goes where, how often a
conversion stands. A tensor of the float model is told by its name, any other by what it holds.
A module; needs what circle_builder needs.
"""

import collections

import numpy as np

import circle_builder
import quantizer_params


def compare(float_model, one, other):
    """What only `one` has and what only `other` has: a sorted list of texts each."""
    sides = [_Side(float_model, model).counts() for model in (one, other)]
    return [sorted(text for (text, _), n in (mine - its).items() for _ in range(n))
            for mine, its in (sides, sides[::-1])]


def parameters(tensor):
    """(type, scales, zero points, axis): what tells quantized tensors apart."""
    name = circle_builder.type_name(tensor.type)
    if not quantizer_params.has_parameters(tensor):
        return (name, (), (), 0)
    quant = tensor.quantization
    scales = tuple(np.asarray(quant.scale, np.float32).tolist())
    axis = int(quant.quantizedDimension) if len(scales) > 1 else 0  # means nothing with one scale
    return (name, scales, tuple(np.asarray(quant.zeroPoint).tolist()), axis)


def _fields(options):
    """An options table as something that can be compared; one without fields is like none."""
    if isinstance(options, (np.ndarray, list)):
        return tuple(map(_fields, options))
    if hasattr(options, "__dict__"):
        return tuple((k, _fields(v)) for k, v in sorted(vars(options).items()) if v is not None)
    return () if options is None else options.item() if isinstance(options, np.generic) else options


class _Side:
    """One of the two models."""

    def __init__(self, float_model, model):
        self.model, self.graph = model, model.subgraphs[0]
        self.names = {i: n for n, i in quantizer_params.twins(float_model, model).items()}
        self.made = {int(t): (operator, slot) for operator in self.graph.operators
                     for slot, t in enumerate(operator.outputs)}
        self.known = {}

    def counts(self):
        """Counter of (text, everything that counts) of tensors, operators, inputs and outputs."""
        things = [(f"tensor {name}: {self.type(i)}", self.value(i)) for i, name in self.names.items()]
        things += [(self.text(o), self.operator(o)) for o in self.graph.operators]
        for side in ("inputs", "outputs"):
            tensors = [int(i) for i in getattr(self.graph, side)]
            things += [(f"{side[:-1]} {n}: {self.type(i)}", self.value(i))
                       for n, i in enumerate(tensors)]
        return collections.Counter(things)

    def type(self, index):
        return circle_builder.type_name(self.graph.tensors[index].type)

    def value(self, index):
        """What a tensor is, as something that can be compared."""
        if index == -1:
            return None
        if index not in self.known:
            tensor = self.graph.tensors[index]
            source = self.names.get(index)
            if source is None and index in self.made:
                operator, slot = self.made[index]
                source = (self.operator(operator), slot)
            data = self.model.buffers[tensor.buffer].data
            self.known[index] = (source, parameters(tensor), _fields(tensor.shape),
                                 None if data is None else bytes(data))
        return self.known[index]

    def operator(self, operator):
        outputs = [self.graph.tensors[o] for o in operator.outputs]
        return (circle_builder.operator_name(self.model, operator),
                _fields(operator.builtinOptions), tuple(self.value(int(i)) for i in operator.inputs),
                tuple((self.names.get(int(o)), parameters(t))
                      for o, t in zip(operator.outputs, outputs)))

    def text(self, operator):
        def side(indices):
            return ", ".join(f"{self.name(int(i))}: {self.type(int(i))}" for i in indices if i != -1)

        kind = circle_builder.operator_name(self.model, operator)
        return f"{side(operator.outputs)} = {kind}({side(operator.inputs)})"

    def name(self, index):
        return self.names.get(index, "_")
