# SPDX-License-Identifier: Apache-2.0
"""Checks that forms.json is what forms.py would write for these cases. Runs no model."""

import collections
import functools
import json
import subprocess

import claims
import commands
import forms
import operators
import pytest


@pytest.fixture(scope="module", name="found")
def _found():
    return json.loads(forms.PATH.read_text())["claims"]


def _key(claim):
    return tuple(claim.get(k, "") for k in ("operator", "type", "sides", "variant"))


def test_a_claim_for_every_case(found):
    assert [_key(c) for c in found] == [c.key for c in forms.all_cases()]


def test_a_claim_a_line(found):
    assert forms.PATH.read_text().count("\n") == len(found) + 3


def test_the_reference_is_right_where_a_runtime_computes_in_float32(found):
    """An error in a form's reference or options would show here."""
    doubtful = {(c["operator"], c["variant"]) for c in found if c["type"] == "float32" and
                not any(claims.is_right(claims.verdict(c, runtime)) for runtime in claims.RUNTIMES)}
    assert doubtful == {("RESHAPE", "int64 shape"),
                        *[("CONCATENATION", f"fused {name}") for name in (
                            "RELU", "RELU6", "RELU_N1_TO_1")]}


def test_integers_fail_where_float32_does(found):
    """What onert makes of a form is no matter of the type, where it has a kernel for the type."""
    floats = {(c["operator"], c["variant"]): claims.verdict(c, "onert") for c in found
              if c["type"] == "float32"}
    verdicts, differing, count = claims.verdicts(), collections.Counter(), 0
    for claim in found:
        sides = verdicts.get((claim["operator"], claim["type"], "onert"), {})
        column = claims.column(sides)
        if claim["type"] not in claims.TYPES or column not in ("any", "equal") or (
                column == "equal" and claim["sides"] == "different"):
            continue
        count += 1
        if claims.verdict(claim, "onert") != floats[claim["operator"], claim["variant"]]:
            differing[claim["operator"]] += 1
    assert count > 1400
    # Nearly all answers are "no": not looking at the data is right by luck.
    assert set(differing) == {"EQUAL"} and differing["EQUAL"] <= 4


# What the kernel interpolates with has 10 bits behind the point: of some sizes it is just short of
# the 50 dB that pass for an int16 operator.
_COARSE = ("RESIZE_BILINEAR", "int16")


# Only the data of the second input tells: JudgeNode() does not see it, but --target mends it.
_BEYOND = {("TRANSPOSE", "perm -1")}


@functools.cache
def _verdicts():
    return claims.verdicts()


def _column(case, runtime):
    return claims.column(_verdicts().get((case.operator, case.type, runtime), {}))


def _judged(cases, folder):
    """What the program makes of the one node of each case: [{runtime: word}]."""
    paths = []
    for i, case in enumerate(cases):
        paths.append(folder / f"{i}.circle")
        paths[-1].write_bytes(case.model)
    run = subprocess.run([commands.find("node_verdicts_tool")], check=True, capture_output=True,
                         text=True, input="\n".join(map(str, paths)))
    nodes = [json.loads(line) for line in run.stdout.splitlines()]
    assert {len(found) for found in nodes} == {1}
    return [found[0] for found in nodes]


def test_node_verdicts_say_what_was_measured(found, tmp_path):
    """Right where the runtime is, and else refused or wrong, of every form on both."""
    cases, differing, count = forms.all_cases(), [], collections.Counter()
    for case, claim, judged in zip(cases, found, _judged(cases, tmp_path), strict=True):
        if (case.operator, case.type) == _COARSE or case.key[:1] + case.key[3:] in _BEYOND:
            continue
        for runtime in claims.RUNTIMES:
            if _column(case, runtime) == "wrong":  # the plain form is: others need not be
                continue
            is_right = claims.is_right(claims.verdict(claim, runtime))
            count[runtime, is_right] += 1
            # Of comparisons nearly all answers may be alike: right by luck.
            by_luck = is_right and case.operator in operators.COMPARISONS and (
                "more than 4 dimensions" in judged[f"{runtime} why"])
            if (judged[runtime] == "right") != is_right and not by_luck:
                differing.append((*case.key, runtime, claim[runtime], judged[f"{runtime} why"]))
    assert differing == []
    assert count["onert", False] > 3500 and count["onert", True] > 2500
    assert count["litert", False] > 10
