# SPDX-License-Identifier: Apache-2.0
"""What claims.json says, in the terms of the program's tables.

A module; needs nothing beyond Python. A verdict is the first word of a claim's: "right", "inexact",
"wrong", "refused" or "crashed"; "" where nothing was measured.
"""

import collections
import json
import pathlib
import re

_DOCUMENT = json.loads(pathlib.Path(__file__).with_name("claims.json").read_text())
CLAIMS = _DOCUMENT["claims"]
VERSIONS = _DOCUMENT["versions"]
RUNTIMES = ("litert", "onert")
TYPES = ("uint8", "int8", "int16")  # of activations
SHARINGS = ("per_tensor", "per_channel")
CONVERSIONS = ("QUANTIZE", "DEQUANTIZE")
FUSED = ("RELU", "RELU6")

# The case that stands for operators with weights, by the type of the data.
LAYER_CASE = {
    "uint8": "uint8 per_tensor weights, int32 bias",
    "int8": "int8 per_channel weights, int32 bias",
    "int16": "int8 per_channel weights, int64 bias",
}

# Other shapes, options and ranges: a kernel that is right is right with these as well.
OF_THE_SAME = ("axis 1 of 3, keep_dims false", "perm 0 2 1", "adj_y", "rank 4", "run-time indices",
               "second input of rank 1", "constant last input", "run-time slope",
               "output range a sixteenth", "output range times 1000", "range of the inputs",
               "values times 3", "values times 1000")

_ACCUMULATOR = {"uint8": "int32", "int8": "int32", "int16": "int64"}
_WEIGHTS = r"(\w+) (per_tensor|per_channel) weights"


def verdict(claim, runtime):
    return claim[runtime].split(":")[0]


def is_right(word):
    """Whether a table may name it: "inexact" is the best of int16's lookup tables."""
    return word in ("right", "inexact")


def variant(claim):
    return claim.get("variant", "")


def verdicts():
    """{(operator, type, runtime): {sides: [verdicts]}} of integer operators.

    Of the plain case and OF_THE_SAME; of layers LAYER_CASE stands for all.
    """
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for claim in CLAIMS:
        kind, sides = claim["type"], claim.get("sides", "different")
        if kind not in TYPES or variant(claim) not in ("", LAYER_CASE[kind], *OF_THE_SAME):
            continue
        for runtime in RUNTIMES:
            found[claim["operator"], kind, runtime][sides].append(verdict(claim, runtime))
    return found


def column(sides):
    """Which set of the table's row these verdicts put the type into, or None: refused."""

    def right(*names):
        words = [word for name in names for word in sides.get(name, [])]
        return bool(words) and all(map(is_right, words))

    if right("fixed") or ("fixed" not in sides and right("different") and
                          ("equal" not in sides or right("equal"))):
        return "any"
    if right("equal"):
        return "equal"
    if any(word in ("wrong", "crashed") for words in sides.values() for word in words):
        return "wrong"
    return None


def is_misread(sides):
    """Whether a kernel that needs equal parameters runs with different ones."""
    return column(sides) == "equal" and bool({"wrong", "crashed"} & set(sides.get("different", [])))


def scales():
    """{(operator, type): {scale: {runtime: verdict}}} of comparisons of numbers that are close."""
    found = collections.defaultdict(dict)
    for claim in CLAIMS:
        if variant(claim).startswith("scale "):
            words = {runtime: verdict(claim, runtime) for runtime in RUNTIMES}
            found[claim["operator"], claim["type"]][variant(claim)[len("scale "):]] = words
    return found


def layers():
    """{(operator, data type, weights type, sharing): {runtime: verdict}}, with the usual bias."""
    found = {}
    for claim in CLAIMS:
        match = re.fullmatch(_WEIGHTS + ", (int32|int64) bias", variant(claim))
        if claim.get("sides") == "different" and match:
            weights, sharing, bias = match.groups()
            if _ACCUMULATOR[claim["type"]] == bias:
                found[claim["operator"], claim["type"], weights, sharing] = {
                    runtime: verdict(claim, runtime) for runtime in RUNTIMES}
    return found


def hybrid():
    """{(operator, weights type, sharing, bias): {runtime: verdict}} of float32 operators.

    bias: True or False; None for operators that have no such input. Of the spellings of "no bias",
    an absent input and an input -1, the better one counts.
    """
    found = {}
    for claim in CLAIMS:
        match = re.fullmatch(_WEIGHTS + "(?:, (float32|no) bias)?(, input -1)?", variant(claim))
        if claim.get("sides") != "hybrid" or not match:
            continue
        weights, sharing, bias, _ = match.groups()
        key = (claim["operator"], weights, sharing, None if bias is None else bias == "float32")
        words = found.setdefault(key, {})
        for runtime in RUNTIMES:
            if words.get(runtime) != "right":
                words[runtime] = verdict(claim, runtime)
    return found


def conversions():
    """{(from, to, sharing): {runtime: set of verdicts}} of Quantize and Dequantize.

    Of Dequantizes of run-time tensors and of constants that an operator reads which the runtime has
    a float32 kernel for.
    """
    found = collections.defaultdict(lambda: collections.defaultdict(set))
    lacking = lacks_float("onert")
    for claim in CLAIMS:
        if claim["operator"] not in CONVERSIONS:
            continue
        source, target = claim["type"].split(" to ")
        reader = re.search(r"of a float32 (\w+)", variant(claim))
        sharing = "per_channel" if "per_channel" in variant(claim) else "per_tensor"
        for runtime in RUNTIMES:
            if runtime != "onert" or not reader or reader[1] not in lacking:
                found[source, target, sharing][runtime].add(verdict(claim, runtime))
    return found


def floats():
    """{operator: {variant: {runtime: verdict}}} of float32 operators with float32 constants."""
    found = collections.defaultdict(dict)
    for claim in CLAIMS:
        if claim["type"] == "float32" and claim.get("sides") != "hybrid":
            found[claim["operator"]][variant(claim)] = {r: verdict(claim, r) for r in RUNTIMES}
    return found


def lacks_float(runtime):
    """The operators of which no float32 form is right."""
    return {operator for operator, variants in floats().items()
            if all(words[runtime] != "right" for words in variants.values())}


def fused():
    """{operator: {(type, runtime): {verdicts}}} with a clamp as the fused activation."""
    found = collections.defaultdict(lambda: collections.defaultdict(set))
    for claim in CLAIMS:
        if variant(claim).split(", ")[-1] in [f"fused {name}" for name in FUSED]:
            for runtime in RUNTIMES:
                found[claim["operator"]][claim["type"], runtime].add(verdict(claim, runtime))
    return found


def without_bias():
    """{operator: {(type, runtime): {verdicts}}}, all spellings of "no bias"."""
    found = collections.defaultdict(lambda: collections.defaultdict(set))
    for claim in CLAIMS:
        if "no bias" in variant(claim) and claim.get("sides") != "hybrid":
            for runtime in RUNTIMES:
                found[claim["operator"]][claim["type"], runtime].add(verdict(claim, runtime))
    return found
