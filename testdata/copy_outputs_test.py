# SPDX-License-Identifier: Apache-2.0
"""Graph outputs that nodes inside read, which onert overwrites: --target onert copies them.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/copy_outputs_test.py

Random float32 graphs of which some such tensors are outputs run on onert as they are, where many
are wrong, and as --target onert writes them, where none is.
"""

import numpy as np
import pytest

import circle_builder
import commands
import extract_round_trip_test
import model_checker
import param_set
import run_model

SHAPE = (3, 10)
NODES = 8
GRAPHS = 10
_OPERATORS = {
    "COS": (np.cos, "CosOptions", 1),
    "TANH": (np.tanh, None, 1),
    "ADD": (np.add, "AddOptions", 2),
    "MAXIMUM": (np.maximum, "MaximumMinimumOptions", 2),
}


class Graph:
    """Nodes in a row that read what was made before. outputs: what none reads, and some others."""

    def __init__(self, seed, alone=False):
        """alone: the one output is read inside, and other nodes feed nothing."""
        rng = np.random.default_rng(seed)
        self.sample = rng.standard_normal(SHAPE).astype(np.float32)
        self.builder = circle_builder.CircleBuilder()
        tensors, self.values, read = [self.builder.add_tensor("x", SHAPE)], [self.sample], set()
        for n in range(NODES):
            op = rng.choice(sorted(_OPERATORS))
            fn, options, count = _OPERATORS[op]
            sources = [int(rng.integers(max(0, n - 2), n + 1)) for _ in range(count)]
            tensors.append(self.builder.add_tensor(f"y{n}", SHAPE))
            self.builder.add_operator(op, [tensors[i] for i in sources], [tensors[-1]], options)
            self.values.append(fn(*[self.values[i] for i in sources]))
            read |= set(sources)
        inside = sorted(read - {0})
        some = rng.permutation(inside)[:1 if alone else max(1, len(inside) // 2)]
        unread = [] if alone else [i for i in range(1, len(tensors)) if i not in read]
        self.outputs = [int(i) for i in rng.permutation([*unread, *some])]
        self.inside = [i in read for i in self.outputs]
        self.builder.set_io([tensors[0]], [tensors[i] for i in self.outputs])

    def right(self, path):
        """Of each output that is read inside, and of each other one: whether onert has it right."""
        found = run_model.run_onert(path, [self.sample])
        are = [np.allclose(y, self.values[i], rtol=1e-4, atol=1e-4)
               for y, i in zip(found, self.outputs, strict=True)]
        return [[a for a, inside in zip(are, self.inside) if inside == which]
                for which in (True, False)]


@pytest.mark.parametrize("alone", (False, True))
def test_onert_overwrites_them_unless_they_are_copied(tmp_path, alone):
    plain, copied = tmp_path / "plain.circle", tmp_path / "copied.circle"
    before, after = [], []
    for seed in range(GRAPHS):
        graph = Graph(seed, alone)
        plain.write_bytes(graph.builder.finish())
        status, changed, told = commands.adapt("onert", plain, copied)
        assert (status, changed) == (0, True), told
        assert "warning: " not in told and "made by a Reshape that copies" in told
        assert model_checker.check(copied) == []
        inside, others = graph.right(plain)
        assert all(others)
        before += inside
        inside, others = graph.right(copied)
        assert all(others)
        after += inside
    assert all(after)
    assert before.count(False) > len(before) / 4, before


def test_of_quantized_tensors_and_back(tmp_path):
    """Also where an output has several forms: of the uint8 output the Cos reads another."""
    b = circle_builder.CircleBuilder()
    x, h, y, z = (b.add_tensor(name, SHAPE) for name in "xhyz")
    b.add_operator("ADD", [x, x], [h], "AddOptions")
    b.add_operator("COS", [h], [y], "CosOptions")
    b.add_operator("MAXIMUM", [y, h], [z], "MaximumMinimumOptions")
    b.set_io([x], [y, h, z])
    (tmp_path / "model.circle").write_bytes(b.finish())
    scales = {"x": 2**-6, "h": 2**-5, "y": 2**-7, "z": 2**-6}
    param_set.write(tmp_path, [
        param_set.Entry(name, "uint8", np.float32([scale]), np.int64([128]))
        for name, scale in scales.items()])
    trip = extract_round_trip_test.there_and_back(
        tmp_path / "model.circle", tmp_path / "param.json", tmp_path, untold=("--target", "onert"))
    assert trip.is_same, trip.difference()
    model = circle_builder.unpack(trip.quantized.read_bytes())
    names = [circle_builder.operator_name(model, n) for n in model.subgraphs[0].operators]
    assert names.count("RESHAPE") == 2
    sample = np.random.default_rng(3).uniform(-1.9, 1.9, (4, *SHAPE)).astype(np.float32)
    got = run_model.run_float_many(run_model.run_onert_many, trip.quantized, [sample])
    real = np.rint(sample / 2**-6) * 2**-6 * 2
    wanted = [np.cos(real), real, np.maximum(np.cos(real), real)]
    for found, expected, name in zip(got, wanted, "yhz", strict=True):
        low, high = -128 * scales[name], 127 * scales[name]
        assert np.abs(found - np.clip(expected, low, high)).max() <= 2 * scales[name], name


def test_the_report_lists_the_reshape_and_what_it_reads(tmp_path):
    graph = Graph(0)
    (tmp_path / "model.circle").write_bytes(graph.builder.finish())
    param_set.write(tmp_path, [param_set.Entry("x", "uint8", np.float32([1]), np.int64([0]))])
    status, _, told = extract_round_trip_test.run(
        "q-implant", tmp_path / "model.circle", tmp_path / "param.json", tmp_path / "made.circle",
        "--target", "onert", "--report", tmp_path / "report.json")
    assert status == 0, told
    report = (tmp_path / "report.json").read_text()
    copied = [f"y{i - 1}" for i, inside in zip(graph.outputs, graph.inside) if inside]
    assert report.count('"RESHAPE"') == len(copied)
    for name in copied:
        assert f'"{name}_between"' in report
