# SPDX-License-Identifier: Apache-2.0
"""Checks that forms.json is what forms.py would write for these cases. Runs no model."""

import collections
import json

import claims
import forms
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
