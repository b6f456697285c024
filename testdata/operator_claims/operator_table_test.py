# SPDX-License-Identifier: Apache-2.0
"""Holds the operator table of the program against what the runtimes were measured to compute."""

import collections
import json
import pathlib
import re
import subprocess

import commands

CLAIMS = json.loads(pathlib.Path(__file__).with_name("claims.json").read_text())["claims"]
RUNTIMES = ("litert", "onert")

# The case that stands for operators with weights, by the type of the data.
LAYER_CASE = {
    "uint8": "uint8 per_tensor weights, int32 bias",
    "int8": "int8 per_channel weights, int32 bias",
    "int16": "int8 per_channel weights, int64 bias",
}

# No mover, clamp or computation of float32 values in the program's sense.
NOT_IN_THE_TABLE = {"QUANTIZE", "DEQUANTIZE"}


def verdicts():
    """{(operator, type, runtime): {sides: [first words of the verdicts]}}."""
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for claim in CLAIMS:
        kind, sides = claim["type"], claim.get("sides", "different")
        if kind not in LAYER_CASE or sides == "hybrid" or claim["operator"] in NOT_IN_THE_TABLE:
            continue
        if claim.get("variant") not in (None, LAYER_CASE[kind]):
            continue
        for runtime in RUNTIMES:
            word = claim[runtime].split(":")[0].split()[0]
            found[claim["operator"], kind, runtime][sides].append(word)
    return found


def column(sides):
    """Which set of the table's row these verdicts put the type into, or None: refused."""

    def right(*names):
        words = [word for name in names for word in sides.get(name, [])]
        return bool(words) and set(words) <= {"right", "inexact"}

    if right("fixed") or ("fixed" not in sides and right("different") and
                          ("equal" not in sides or right("equal"))):
        return "any"
    if right("equal"):
        return "equal"
    if any(word in ("wrong", "crashed") for words in sides.values() for word in words):
        return "wrong"
    return None


def read_facts():
    program = commands.find("operator_facts")
    return json.loads(subprocess.run([program], check=True, capture_output=True).stdout)


def read_table():
    return read_facts()["operators"]


def test_table_says_what_was_measured():
    table = read_table()
    measured = {name: {runtime: {"any": [], "equal": [], "wrong": [], "misread": []} for runtime in RUNTIMES}
                for name in table}
    for (operator, kind, runtime), sides in verdicts().items():
        where = column(sides)
        if where is not None:
            measured[operator][runtime][where].append(kind)
        if where == "equal" and {"wrong", "crashed"} & set(sides.get("different", [])):
            measured[operator][runtime]["misread"].append(kind)
    claimed = {name: {runtime: row[runtime] for runtime in RUNTIMES} for name, row in table.items()}

    def ordered(rows):
        return {name: {runtime: {k: sorted(v) for k, v in sets.items()}
                       for runtime, sets in row.items()} for name, row in rows.items()}

    assert ordered(claimed) == ordered(measured)
    assert sum(bool(row["litert"]["any"] or row["litert"]["equal"]) for row in table.values()) > 60


def measured_hybrid():
    """{operator: {(sharing, weights type, with bias?)}} that LiteRT's float32 kernels compute rightly."""
    right = collections.defaultdict(set)
    for claim in CLAIMS:
        match = re.fullmatch(r"(int8|int4) (per_tensor|per_channel) weights(, float32 bias|, no bias)?",
                             claim.get("variant", ""))
        if claim.get("sides") != "hybrid" or not match or claim["litert"] != "right":
            continue
        kind, sharing, bias = match.groups()
        right[claim["operator"]].add((sharing, kind, bias == ", float32 bias"))
    return right


def test_hybrid_column_says_what_was_measured():
    measured = measured_hybrid()
    claimed = collections.defaultdict(set)
    for name, row in read_table().items():
        hybrid = row["hybrid"]
        # Operators without a bias input were measured without the word.
        biases = {True} if hybrid["needs_bias"] else {True, False} if "B" in row["inputs"] else {False}
        for sharing in ("per_tensor", "per_channel"):
            claimed[name] |= {(sharing, kind, bias) for kind in hybrid[sharing] for bias in biases}
    assert {k: v for k, v in claimed.items() if v} == dict(measured)
    assert len(measured) == 6


def test_weights_kernels_say_what_was_measured():
    accumulator = {"uint8": "int32", "int8": "int32", "int16": "int64"}
    measured = set()
    for claim in CLAIMS:
        match = re.fullmatch(r"(\w+) (per_tensor|per_channel) weights, (int32|int64) bias",
                             claim.get("variant", ""))
        if claim.get("sides") != "different" or not match:
            continue
        weights, sharing, bias = match.groups()
        if accumulator.get(claim["type"]) == bias:
            measured |= {(claim["operator"], claim["type"], weights, f"{runtime} {sharing}",
                          claim[runtime].split(":")[0]) for runtime in RUNTIMES}
    measured = {row for row in measured if row[-1] != "refused"}
    claimed = {(row["operator"], row["data"], row["weights"], key, verdict)
               for row in read_facts()["weights"] for key, verdict in row.items()
               if verdict in ("right", "wrong")}
    assert claimed == measured
    assert len(measured) > 60


def test_constants_beside_int16_say_what_was_measured():
    measured = collections.defaultdict(list)
    for claim in CLAIMS:
        match = re.fullmatch(r"(int8|int4) per_tensor weights", claim.get("variant", ""))
        if match and claim["type"] == "int16" and claim["litert"] == "right":
            measured[claim["operator"]].append(match[1])
    claimed = {name: row["beside_int16"] for name, row in read_table().items()
               if row["beside_int16"]}
    assert claimed == measured == {"BATCH_MATMUL": ["int8"]}
