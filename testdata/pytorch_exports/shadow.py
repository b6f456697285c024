# SPDX-License-Identifier: Apache-2.0
"""Changes a quantized model so that each of its integer nodes can be looked at by itself.

shadowed(model) puts a float32 node beside each: the same operator, which reads the node's own
inputs dequantized, so that errors of the nodes before do not count. The graph's outputs become
what the integer nodes make, dequantized, and then what the float32 nodes make.

observed(model) makes each integer activation an output, dequantized.

separate(model) takes the nodes apart: the graph keeps the integer nodes alone, its inputs are what
they read, its outputs what they make.

They change a ModelT of one graph, and give the run_model.End of the tensors they are about. No
output is read inside the graph: onert 0.1.0 may overwrite those. A module; needs numpy and
circle_builder.
"""

import copy

import numpy as np

import circle_builder
import conversions
import fake_quant
import param_set
import run_model


def shadowed(model):
    """Adds the float32 nodes; returns an End for each integer node, in the order of the outputs."""
    shadow = _Shadow(model)
    twins = [shadow.add(operator) for operator in _integer_nodes(model)]
    made = [t for t, _ in twins]
    shadow.set_outputs(*[shadow.dequantized(t, "observed") for t in made],
                       *[twin for _, twin in twins])
    return [shadow.end(t) for t in made]


def observed(model):
    """Dequantizes the integer activations; returns the Ends, in the order of the outputs."""
    shadow = _Shadow(model)
    tensors = [t for t in range(len(shadow.graph.tensors))
               if shadow.quantization(t) is not None and shadow.is_activation(t)]
    shadow.set_outputs(*[shadow.dequantized(t, "observed") for t in tensors])
    return [shadow.end(t) for t in tensors]


def separate(model):
    """Takes the nodes apart; returns the Ends of the graph's inputs and of its outputs."""
    shadow = _Shadow(model)
    nodes = _integer_nodes(model)
    read = [t for n in nodes for t in map(int, n.inputs) if t != -1 and shadow.is_activation(t)]
    read = list(dict.fromkeys(read))
    made = [int(n.outputs[0]) for n in nodes]
    for node, t in zip(nodes, made, strict=True):
        tensor = shadow.graph.tensors[t]
        node.outputs = [shadow.builder.add_tensor(
            f"separate/{t}", tensor.shape, circle_builder.type_name(tensor.type),
            tensor.quantization)]
    shadow.graph.operators, shadow.graph.inputs = nodes, read
    shadow.set_outputs(*[n.outputs[0] for n in nodes])
    return [shadow.end(t) for t in read], [shadow.end(t) for t in made]


def _integer_nodes(model):
    graph = conversions.Graph(model)
    nodes = [n for n in graph.computed() if not graph.is_float(n)]
    assert all(len(graph.outputs[n]) == 1 for n in nodes)
    return [model.subgraphs[0].operators[n] for n in nodes]


class _Shadow:

    def __init__(self, model):
        self.model, self.graph = model, model.subgraphs[0]
        self.builder = circle_builder.CircleBuilder()
        self.builder.model, self.builder.graph = model, self.graph
        self.floats = {}

    def set_outputs(self, *tensors):
        self.graph.outputs = list(tensors)
        self.model.signatureDefs = None  # they have other outputs

    def add(self, operator):
        """The integer tensor that an operator makes, and the float32 one that its twin makes."""
        twin = copy.copy(operator)
        made = int(operator.outputs[0])
        twin.inputs = [self.float_input(int(t)) for t in operator.inputs]
        twin.outputs = [self.builder.add_tensor(f"shadow/made/{made}",
                                                self.graph.tensors[made].shape)]
        self.graph.operators.append(twin)
        return made, twin.outputs[0]

    def float_input(self, t):
        """The tensor with the real numbers of t; t itself where it has no parameters."""
        if t == -1 or self.quantization(t) is None:
            return t
        if t not in self.floats:
            if self.is_activation(t):
                self.floats[t] = self.dequantized(t, "shadow/read")
            else:
                values = circle_builder.constant(self.model, self.graph.tensors[t])
                floats = fake_quant.dequantize(values, self.entry(t))
                self.floats[t] = self.builder.add_constant(f"shadow/read/{t}", floats)
        return self.floats[t]

    def dequantized(self, t, name):
        """A new tensor with the real numbers of an activation."""
        new = self.builder.add_tensor(f"{name}/{t}", self.graph.tensors[t].shape)
        self.builder.add_operator("DEQUANTIZE", [t], [new], "DequantizeOptions")
        return new

    def is_activation(self, t):
        return circle_builder.constant(self.model, self.graph.tensors[t]) is None

    def quantization(self, t):
        quant = self.graph.tensors[t].quantization
        return quant if quant is not None and quant.scale is not None else None

    def entry(self, t):
        quant = self.quantization(t)
        return param_set.Entry("", circle_builder.type_name(self.graph.tensors[t].type),
                               np.asarray(quant.scale, np.float32), np.asarray(quant.zeroPoint),
                               int(quant.quantizedDimension))

    def end(self, t):
        entry, tensor = self.entry(t), self.graph.tensors[t]
        return run_model.End(circle_builder.tensor_name(tensor), tuple(map(int, tensor.shape)),
                             entry.dtype, float(entry.scale[0]), int(entry.zerop[0]))
