# SPDX-License-Identifier: Apache-2.0
"""Checks that claims.json is what measure.py would write for these cases. Runs no model."""

import json
import pathlib

import measure
import operators
import pytest

HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="module", name="text")
def _text():
    return (HERE / "claims.json").read_text()


@pytest.fixture(scope="module", name="claims")
def _claims(text):
    return json.loads(text)["claims"]


def _key(claim):
    return tuple(claim.get(k, "") for k in ("operator", "type", "sides", "variant"))


def test_a_claim_for_every_case(claims):
    assert [_key(c) for c in claims] == [c.key for c in operators.all_cases()]


def test_a_claim_a_line(text, claims):
    assert text.count("\n") == len(claims) + 3


def test_verdicts(claims):
    words = {c[r].split(":")[0] for c in claims for r in ("litert", "onert")}
    assert words == {"right", "inexact", "wrong", "refused", "crashed"}


def test_the_reference_is_right_where_a_runtime_computes_in_float32(claims):
    """An error in reference.py, an option or an input would show here."""
    plain = [c for c in claims if c["type"] == "float32" and c.get("sides") != "hybrid"]
    doubtful = {_key(c) for c in plain if "right" not in (c["litert"], c["onert"])}
    assert {(op, variant) for op, _, _, variant in doubtful} == {
        *[(op, variant) for op in ("CONV_2D", "DEPTHWISE_CONV_2D")
          for variant in ("no bias", "no bias, input -1")],
        *[("CONCATENATION", f"fused {name}") for name in ("RELU", "RELU6")],
        ("GRU", "plain"),  # both refuse it
    }


def test_judge_counts_steps():
    case = operators.build(operators.SPECS[0], "int8", "different")
    shifted = case.expected[0] + 1
    assert measure.judge(case, case.expected) == "right"
    assert measure.judge(case, [shifted]) == "right"
    assert measure.judge(case, [case.expected[0] + 3]) == "wrong: 3 steps"
    shifted.flat[0] += 9
    assert measure.judge(case, [shifted]) == "wrong: 10 steps in 1 %"
