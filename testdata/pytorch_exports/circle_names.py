# SPDX-License-Identifier: Apache-2.0
"""Finds which circle tensor a PyTorch tensor has become, by what the two hold.

Activations are compared over one sample that both models ran, as they are and with their channels
last, constants bit by bit. Where several circle tensors hold the same (a Transpose or Reshape
between them) it is the first to be made. A module; needs numpy and circle_builder.
"""

import numpy as np

import circle_builder

_TOLERANCE = 1e-4  # of the greatest value: sums are added up in another order


class CircleNames:
    """model: the ModelT. values: {tensor index: array} of everything in its only graph."""

    def __init__(self, model, values):
        self._graph = model.subgraphs[0]
        self._values = values
        self._made = [int(t) for t in self._graph.inputs]
        self._operators = {}
        for operator in self._graph.operators:
            for t in map(int, operator.outputs):
                self._made.append(t)
                self._operators[t] = operator
        self._constants = [t for t, tensor in enumerate(self._graph.tensors)
                           if circle_builder.constant(model, tensor) is not None]

    def activation(self, value):
        """The name of the tensor that holds this, or None where the circle has no such tensor."""
        index = self._activation(value)
        return None if index is None else self._name(index)

    def weights(self, value):
        """The name of the constant with exactly this value. ValueError unless there is one."""
        return self._only(self._constants, lambda x: np.array_equal(x, value))

    def operand(self, made, value, tolerance):
        """The constant near `value` that the operator reads which makes `made`, an activation."""
        read = [int(t) for t in self._operators[self._activation(made)].inputs]
        return self._only([t for t in read if t in self._constants],
                          lambda x: x.shape == value.shape and np.all(abs(x - value) < tolerance))

    def _activation(self, value):
        layouts = [value] + ([value.transpose(0, 2, 3, 1)] if value.ndim == 4 else [])
        limit = _TOLERANCE * np.abs(value).max()
        return next((t for t in self._made for v in layouts if v.shape == self._values[t].shape
                     and np.abs(v - self._values[t]).max() <= limit), None)

    def _only(self, indices, holds):
        found = [t for t in indices if holds(self._values[t])]
        if len(found) != 1:
            raise ValueError(f"{len(found)} constants hold this: {list(map(self._name, found))}")
        return self._name(found[0])

    def _name(self, index):
        return circle_builder.tensor_name(self._graph.tensors[index])
