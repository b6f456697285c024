# SPDX-License-Identifier: Apache-2.0
"""Holds the operator table of the program against what the runtimes were measured to compute.

Every column that operator_facts prints, and the outputs that ir/operators/fixed_output.cc has.
"""

import collections
import functools
import json
import subprocess

import claims
import commands
import layers
import numpy as np
import operators
import param_set
import pytest
import recurrent
from cases import Control, Data
from claims import CLAIMS, RUNTIMES, SHARINGS, column, verdicts
from testdata_path import circle_builder

__all__ = ["CLAIMS", "RUNTIMES", "column", "verdicts"]  # what other tests take from here

# Right without a bias in this type, while other types of the operator crash.
_RIGHT_WITHOUT_BIAS = ("DEPTHWISE_CONV_2D", "int16", "litert")


@functools.cache
def read_facts():
    program = commands.find("operator_facts")
    return json.loads(subprocess.run([program], check=True, capture_output=True).stdout)


def read_table():
    return read_facts()["operators"]


def integer_types(row, runtime):
    return row[runtime]["any"] + row[runtime]["equal"]


def test_table_says_what_was_measured():
    table = read_table()
    measured = {name: {runtime: {"any": [], "equal": [], "wrong": [], "misread": []}
                       for runtime in RUNTIMES} for name in table}
    for (operator, kind, runtime), sides in verdicts().items():
        where = column(sides)
        if where is not None:
            measured[operator][runtime][where].append(kind)
        if claims.is_misread(sides):
            measured[operator][runtime]["misread"].append(kind)
    claimed = {name: {runtime: row[runtime] for runtime in RUNTIMES} for name, row in table.items()}

    def ordered(rows):
        return {name: {runtime: {k: sorted(v) for k, v in sets.items()}
                       for runtime, sets in row.items()} for name, row in rows.items()}

    assert ordered(claimed) == ordered(measured)
    assert sum(bool(integer_types(row, "litert")) for row in table.values()) > 60


def test_measured_says_what_was_measured():
    measured = {operator: set() for operator in read_table()}
    for claim in CLAIMS:
        if claim["type"] in claims.TYPES and claim.get("sides") != "hybrid":
            measured[claim["operator"]].add(claim["type"])
    assert {name: set(row["measured"]) for name, row in read_table().items()} == measured
    assert 80 < sum(map(bool, measured.values())) < len(measured) - 80


def test_litert_compares_says_what_was_measured():
    """8-bit kernels, EQUAL and NOT_EQUAL in int16 are right from a scale of 1/256 to below 1."""
    by_scale = {"1/300": False, "1/256": True, "0.999": True, "1": False, "100": False}
    for (operator, kind), words in claims.scales().items():
        by_integers = kind == "int16" and operator not in ("EQUAL", "NOT_EQUAL")
        assert {scale: word["litert"] == "right" for scale, word in words.items()} == (
            dict.fromkeys(by_scale, True) if by_integers else by_scale), (operator, kind)
        assert {word["onert"] for word in words.values()} == {
            "right" if kind == "uint8" else "refused"}
    claimed = {name for name, row in read_table().items() if row["litert_compares"]}
    assert claimed == {operator for operator, _ in claims.scales()}
    assert len(claims.scales()) == 18


def test_inputs_are_those_of_the_cases():
    """Every case stands for the row's roles: what is data, weights, bias, and what is not."""
    roles = {spec.op: ["F" if isinstance(s, Data) and s.fill else "D" if isinstance(s, Data)
                       else "-" for s in spec.inputs] for spec in operators.SPECS}
    roles |= {layer.op: list(layer.order.translate(str.maketrans("swxb", "-WDB")))
              for layer in layers.LAYERS.values() if layer.has_bias}
    measured, claimed = {}, {}
    for name, row in read_table().items():
        if integer_types(row, "litert") or integer_types(row, "onert"):
            letters = row["inputs"]
            if letters.endswith("*"):
                letters = letters[:-1].ljust(len(roles[name]), letters[-2])
            measured[name], claimed[name] = roles[name], list(letters)
    assert claimed == measured
    assert len(measured) > 60


def test_channel_axes_are_those_of_the_cases():
    axes = {layer.op: layer.axis for layer in layers.LAYERS.values()}
    table = read_table()
    measured = {name: axes[name] for name, row in table.items()
                if "W" in row["inputs"] and name not in recurrent.OPERATORS}
    assert {name: row["channel_axis"] for name, row in table.items()
            if row["channel_axis"] >= 0} == measured
    for name, row in table.items():
        if any(row["hybrid"][runtime][sharing] for runtime in RUNTIMES for sharing in SHARINGS):
            assert (name, row["hybrid"]["axis"]) == (name, axes[name])
    assert len(measured) == 4


def test_needs_bias_says_what_was_measured():
    """Where a runtime is right with a bias and, however that is left out, not without."""
    with_bias = {(operator, kind, runtime) for (operator, kind, runtime), sides in
                 verdicts().items() if column(sides)}
    with_bias |= {(operator, "float32", runtime) for operator, variants in claims.floats().items()
                  for runtime in RUNTIMES
                  if variants.get("float32 bias", {}).get(runtime) == "right"}
    needs = collections.defaultdict(set)
    for operator, found in claims.without_bias().items():
        for (kind, runtime), words in found.items():
            if (operator, kind, runtime) == _RIGHT_WITHOUT_BIAS:
                assert "right" in words
            elif (operator, kind, runtime) in with_bias:
                needs["right" not in words].add(operator)
    assert not needs[True] & needs[False]
    claimed = {name for name, row in read_table().items() if row["needs_bias"]}
    assert claimed == needs[True] == {"CONV_2D", "DEPTHWISE_CONV_2D"}
    assert needs[False] == {"FULLY_CONNECTED", "TRANSPOSE_CONV"}


def test_fuses_clamps_says_what_was_measured():
    """Right with RELU and with RELU6 in all types that the runtime has kernels for."""
    table, measured = read_table(), set()
    for operator, found in claims.fused().items():
        words = {word for (kind, runtime), words in found.items()
                 if kind in integer_types(table[operator], runtime) for word in words}
        if words == {"right"}:
            measured.add(operator)
    assert {name for name, row in table.items() if row["fuses_clamps"]} == measured
    assert len(measured) == 7 and len(claims.fused()) == 11


def test_onert_lacks_float_says_what_was_measured():
    claimed = {name for name, row in read_table().items() if row["onert_lacks_float"]}
    assert claimed == claims.lacks_float("onert")
    assert len(claimed) > 15
    # Of the others every float32 form is right but for these.
    failing = {(operator, name) for operator, variants in claims.floats().items()
               if operator not in claimed for name, words in variants.items()
               if words["onert"] != "right"}
    comparisons = [name for name, row in read_table().items() if row["litert_compares"]]
    assert failing == {
        ("FULLY_CONNECTED", "no bias"), ("CONV_2D", "float32 bias, groups"),
        ("GATHER", "batch_dims"), ("ELU", "values times 1e-7"),
        *[("CONCATENATION", f"fused {name}") for name in claims.FUSED],
        *[(name, "rank 5") for name in ("SLICE", "PAD", "MEAN", "MAXIMUM", "MINIMUM",
                                        *comparisons)],
        *[(name, variant) for name in ("CONV_2D", "DEPTHWISE_CONV_2D")
          for variant in ("no bias", "no bias, input -1")],
    }
    assert claims.lacks_float("litert") == {"GRU"}  # TFLite's schema does not have it


def test_hybrid_column_says_what_was_measured():
    measured = {runtime: {key for key, words in claims.hybrid().items()
                          if words[runtime] == "right"} for runtime in RUNTIMES}
    claimed = {runtime: set() for runtime in RUNTIMES}
    for name, row in read_table().items():
        # Operators without a bias input were measured without the word.
        biases = [True] if row["needs_bias"] else [True, False] if "B" in row["inputs"] else [None]
        for runtime in RUNTIMES:
            claimed[runtime] |= {(name, kind, sharing, bias) for sharing in SHARINGS
                                 for kind in row["hybrid"][runtime][sharing] for bias in biases}
    assert claimed == measured
    assert {key[1] for key in claims.hybrid()} == {"int8", "int4", "uint8", "int16"}
    assert [len({key[0] for key in measured[runtime]}) for runtime in RUNTIMES] == [6, 3]


def test_weights_kernels_say_what_was_measured():
    measured = {(*key[:3], f"{runtime} {key[3]}", words[runtime])
                for key, words in claims.layers().items() for runtime in RUNTIMES
                if words[runtime] != "refused"}
    claimed = {(row["operator"], row["data"], row["weights"], key, verdict)
               for row in read_facts()["weights"] for key, verdict in row.items()
               if verdict in ("right", "wrong")}
    assert claimed == measured
    assert len(measured) > 60


def test_constants_beside_int16_say_what_was_measured():
    measured = collections.defaultdict(list)
    for claim in CLAIMS:
        for kind in ("int8", "int4"):
            if (claim["type"] == "int16" and claims.variant(claim) == f"{kind} per_tensor weights"
                    and claim["litert"] == "right"):
                measured[claim["operator"]].append(kind)
    claimed = {name: row["beside_int16"] for name, row in read_table().items()
               if row["beside_int16"]}
    assert claimed == measured == {"BATCH_MATMUL": ["int8"]}


def test_conversions_say_what_was_measured():
    measured = {(*key[:2], f"{runtime} {key[2]}".removesuffix(" per_tensor")): words
                for key, found in claims.conversions().items() for runtime, words in found.items()}
    assert {key: words for key, words in measured.items() if len(words) != 1} == {}
    claimed = {(row["from"], row["to"], key): {verdict} for row in read_facts()["conversions"]
               for key, verdict in row.items() if verdict in ("right", "wrong")}
    assert claimed == {key: words for key, words in measured.items() if words != {"refused"}}
    assert len(measured) > 40


# --- outputs that kernels fix

# The other values in use that the program leaves as they are.
_ALSO_TAKEN = {("SOFTMAX", "uint8"), ("SOFTMAX", "int16")}
_FREE = (0.015, 3)


def _fixed_cases():
    """(Spec, type, which, (scale, zero point)): the fixed outputs, others in use, any other."""
    for spec in operators.SPECS:
        for kind, params in spec.fixed.items():
            yield spec, kind, "fixed", params
            yield spec, kind, "free", (_FREE[0], 0 if kind == "int16" else _FREE[1])
            if kind in operators.OTHER_FIXED.get(spec.op, {}):
                yield spec, kind, "other", operators.OTHER_FIXED[spec.op][kind][1:]


@pytest.fixture(scope="module", name="written")
def _written(tmp_path_factory):
    """{(operator, type, which): ((scale, zero point) of its output, the graph's output or not)}."""
    folder = tmp_path_factory.mktemp("fixed")
    b, entries, ends, keys = circle_builder.CircleBuilder(), [], [], []

    def annotate(name, kind, scale, zero_point):
        entries.append(param_set.Entry(name, kind, np.array([scale], np.float32),
                                       np.array([zero_point])))

    for spec, kind, which, (scale, zero_point) in _fixed_cases():
        name, shape = f"{spec.op} {kind} {which}", spec.data[0].shape
        ends.append((b.add_tensor(f"{name} in", shape), b.add_tensor(name, shape)))
        b.add_operator(spec.op, ends[-1][:1], ends[-1][1:], spec.options, **spec.fields)
        annotate(f"{name} in", kind, 0.05, 0)
        annotate(name, kind, scale, zero_point)
        keys.append((spec.op, kind, which))
    b.set_io(*zip(*ends))
    (folder / "model.circle").write_bytes(b.finish())
    param_set.write(folder, entries)
    subprocess.run([commands.find("q-implant"), folder / "model.circle", folder / "param.json",
                    folder / "out.circle"], check=True, capture_output=True)
    model = circle_builder.unpack((folder / "out.circle").read_bytes())
    graph, found = model.subgraphs[0], {}
    ends = dict(zip([circle_builder.tensor_name(graph.tensors[i]) for i in graph.inputs], keys))
    for node in graph.operators:
        key = ends.get(circle_builder.tensor_name(graph.tensors[node.inputs[0]]))
        if key is not None:
            made = graph.tensors[node.outputs[0]].quantization
            found[key] = ((made.scale[0], made.zeroPoint[0]), node.outputs[0] in graph.outputs)
    return found


def test_fixed_outputs_are_those_that_were_measured(written):
    """ir/operators/fixed_output.cc: the values of operators.py, whose claims are right."""
    cases = {(spec.op, kind, which): (np.float32(params[0]), params[1])
             for spec, kind, which, params in _fixed_cases()}
    assert written.keys() == cases.keys()
    for (op, kind, which), (made, is_output) in written.items():
        taken = which == "fixed" or (which == "other" and (op, kind) in _ALSO_TAKEN)
        assert (op, kind, which, made) == (op, kind, which,
                                           cases[op, kind, which if taken else "fixed"])
        assert is_output == taken
    assert len(written) > 30


def test_other_outputs_in_use_are_taken_where_every_kernel_is_right():
    """Every runtime that computes the type, with and without XNNPACK."""
    right = set()
    for claim in CLAIMS:
        op, kind = claim["operator"], claim["type"]
        if claims.variant(claim).startswith("output scale "):
            taking = [runtime for runtime in RUNTIMES if column(verdicts()[op, kind, runtime])]
            words = [claims.verdict(claim, runtime) for runtime in taking]
            every = taking and "litert_without_xnnpack" not in claim
            if every and all(map(claims.is_right, words)):
                right.add((op, kind))
    assert _ALSO_TAKEN == right - {("TANH", "int16")}  # three times as often a step off
    assert ("TANH", "int16") in right
