# SPDX-License-Identifier: Apache-2.0
"""Compares two quantized forms of one float32 model, operator by operator.

The order of the operators and the names of tensors that a quantizer put in do not count; everything
else does: types, shapes, parameters, bytes, options, which tensor goes where, how often a
conversion stands. An activation of the float model is told by its name, anything else by what it
holds; what each tensor of the float model holds is compared too.
A module; needs what circle_builder needs.
"""

import collections

import numpy as np

import circle_builder
import quantizer_params


def compare(float_model, one, other):
    """What only `one` has and what only `other` has: a sorted list of texts each."""
    sides = [_Side(float_model, model) for model in (one, other)]
    things = [collections.Counter(thing for thing, _ in side.things()) for side in sides]
    only = [things[0] - things[1], things[1] - things[0]]
    texts = [dict(side.things()) for side in sides]
    return [sorted(text[thing] for thing in side.elements())
            for side, text in zip(only, texts, strict=True)]


def parameters(tensor):
    """(type, scales, zero points, axis): what tells quantized tensors apart."""
    name = circle_builder.type_name(tensor.type)
    if not quantizer_params.has_parameters(tensor):
        return (name, (), (), 0)
    quant = tensor.quantization
    scales = tuple(np.asarray(quant.scale, np.float32).tolist())
    axis = int(quant.quantizedDimension) if len(scales) > 1 else 0  # means nothing with one scale
    return (name, scales, tuple(np.asarray(quant.zeroPoint).tolist()), axis)


def _fields(value):
    """A table, array or number as something that can be compared; an empty table is like none."""
    if value is None:
        return ()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (np.ndarray, list)):
        return tuple(map(_fields, value))
    if hasattr(value, "__dict__"):
        return tuple((k, _fields(v)) for k, v in sorted(vars(value).items()) if v is not None)
    return value


class _Side:
    """One of the two models."""

    def __init__(self, float_model, model):
        self.model, self.graph = model, model.subgraphs[0]
        self.names = {i: n for n, i in quantizer_params.twins(float_model, model).items()}
        self.made = {int(t): (operator, slot) for operator in self.graph.operators
                     for slot, t in enumerate(operator.outputs)}
        self.known = {}

    def things(self):
        """(thing, its text) of the float model's tensors, the operators, inputs and outputs."""
        things = [((name, self.value(i)), f"tensor {name}: {self.type(i)}")
                  for i, name in self.names.items()]
        things += [(self.operator(o), self.text(o)) for o in self.graph.operators]
        for side in ("inputs", "outputs"):
            things += [((side, n, self.value(int(i))), f"{side[:-1]} {n}: {self.type(i)}")
                       for n, i in enumerate(getattr(self.graph, side))]
        return things

    def type(self, index):
        return circle_builder.type_name(self.graph.tensors[index].type)

    def value(self, index):
        """What a tensor is, as something that can be compared."""
        if index == -1:
            return None
        if index not in self.known:
            tensor = self.graph.tensors[index]
            data = self.model.buffers[tensor.buffer].data
            source = self.names.get(index)
            if data is not None:
                source = bytes(data)
            elif source is None and index in self.made:
                operator, slot = self.made[index]
                source = (self.operator(operator), slot)
            self.known[index] = (source, parameters(tensor), _fields(tensor.shape))
        return self.known[index]

    def operator(self, operator):
        outputs = [(self.names.get(int(o)), parameters(self.graph.tensors[o]))
                   for o in operator.outputs]
        return (circle_builder.operator_name(self.model, operator),
                _fields(operator.builtinOptions),
                tuple(self.value(int(i)) for i in operator.inputs), tuple(outputs))

    def text(self, operator):
        def side(indices):
            return ", ".join(f"{self.names.get(int(i), '_')}: {self.type(int(i))}"
                             for i in indices if i != -1)

        kind = circle_builder.operator_name(self.model, operator)
        return f"{side(operator.outputs)} = {kind}({side(operator.inputs)})"
