# SPDX-License-Identifier: Apache-2.0
"""What operators with a state compute, on real numbers, one call after another.

Written from the operators' definitions (LSTM: Greff et al., "LSTM: A Search Space Odyssey"; SVDF:
Nakkiran et al., "Compressing deep neural networks using a rank-constrained topology"), sharing
nothing with any runtime's kernels. A `rounding` is what an integer kernel stores a value in; the
references take one for each value that has parameters of its own.
"""

import numpy as np

GATES = ("input", "forget", "cell", "output")


def exact(x):
    return x


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _normalize(x):
    """Layer normalization along the last axis, without its factor."""
    centered = x - x.mean(-1, keepdims=True)
    return centered / np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-8)


class Lstm:
    """An LSTM that keeps its state from step to step, for one sequence of a batch.

    weights: by name, e.g. "input_to_cell", "recurrent_to_output", "cell_bias"; without
    "input_to_input" the input gate is 1 - the forget gate (cifg). Where they are given:
    "cell_to_output" and so on (peephole), "projection", "projection_bias", "cell_norm" and so on.
    """

    def __init__(self, weights, batch, cells, outputs, round_cell=exact, round_hidden=exact,
                 round_output=exact, round_norm=exact, cell_clip=np.inf,
                 proj_clip=np.inf):
        self.w = weights
        self.cell = np.zeros((batch, cells))
        self.out = np.zeros((batch, outputs))
        self.round_cell, self.round_hidden = round_cell, round_hidden
        self.round_output, self.round_norm = round_output, round_norm
        self.cell_clip, self.proj_clip = cell_clip, proj_clip

    def _sum(self, gate, x, cell):
        w = self.w
        total = x @ w[f"input_to_{gate}"].T + self.out @ w[f"recurrent_to_{gate}"].T
        if f"cell_to_{gate}" in w:
            total = total + cell * w[f"cell_to_{gate}"]
        if f"{gate}_norm" in w:
            total = _normalize(self.round_norm(gate, total)) * w[f"{gate}_norm"]
        return total + w[f"{gate}_bias"]

    def step(self, x):
        """x: [batch, inputs] -> [batch, outputs]."""
        forget = sigmoid(self._sum("forget", x, self.cell))
        cifg = "input_to_input" not in self.w
        enter = 1 - forget if cifg else sigmoid(self._sum("input", x, self.cell))
        fresh = np.tanh(self._sum("cell", x, self.cell))
        self.cell = self.round_cell(
            np.clip(forget * self.cell + enter * fresh, -self.cell_clip, self.cell_clip))
        gate = sigmoid(self._sum("output", x, self.cell))
        hidden = gate * np.tanh(self.cell)
        if "projection" in self.w:
            hidden = self.round_hidden(hidden) @ self.w["projection"].T
            hidden = hidden + self.w.get("projection_bias", 0.0)
            hidden = np.clip(hidden, -self.proj_clip, self.proj_clip)
        self.out = self.round_output(hidden)
        return self.out


class Rnn:
    """out = relu(W x + R out + b)."""

    def __init__(self, weights, batch, units, round_output=exact):
        self.w, self.round_output = weights, round_output
        self.out = np.zeros((batch, units))

    def step(self, x):
        total = x @ self.w["input"].T + self.out @ self.w["recurrent"].T + self.w["bias"]
        self.out = self.round_output(np.maximum(total, 0))
        return self.out


class Svdf:
    """Each filter keeps its last `memory` activations; `rank` filters make one unit."""

    def __init__(self, weights, batch, rank, round_state=exact, round_output=exact):
        self.w, self.rank = weights, rank
        self.round_state, self.round_output = round_state, round_output
        filters, memory = weights["time"].shape
        self.state = np.zeros((batch, filters, memory))

    def step(self, x):
        self.state = np.roll(self.state, -1, axis=2)
        self.state[:, :, -1] = self.round_state(x @ self.w["feature"].T)
        filtered = (self.state * self.w["time"]).sum(-1)
        units = filtered.reshape(len(x), -1, self.rank).sum(-1) + self.w.get("bias", 0.0)
        return self.round_output(np.maximum(units, 0))


class Gru:
    """Gates in the order update, reset, candidate along the first axis of the weights."""

    def __init__(self, weights, batch, units):
        self.w = weights
        self.out = np.zeros((batch, units))

    def step(self, x):
        w = self.w
        xz, xr, xh = np.split(x @ w["input"].T + w["input_bias"], 3, -1)
        hz, hr, hh = np.split(self.out @ w["hidden"].T + w["hidden_bias"], 3, -1)
        update, reset = sigmoid(xz + hz), sigmoid(xr + hr)
        self.out = update * self.out + (1 - update) * np.tanh(xh + reset * hh)
        return self.out
