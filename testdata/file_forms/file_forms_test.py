# SPDX-License-Identifier: Apache-2.0
"""Checks that claims.json is what measure_forms.py would write for these forms. Runs no model."""

import json
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import file_forms  # noqa: E402 pylint: disable=wrong-import-position
import measure_forms  # noqa: E402 pylint: disable=wrong-import-position


@pytest.fixture(scope="module", name="text")
def _text():
    return (HERE / "claims.json").read_text()


@pytest.fixture(scope="module", name="claims")
def _claims(text):
    return json.loads(text)["claims"]


def test_a_claim_for_every_form(claims):
    assert [(c["model"], c["form"]) for c in claims] == [f.key for f in file_forms.all_forms()]
    assert len({(c["model"], c["form"]) for c in claims}) == len(claims) > 700


def test_a_claim_a_line(text, claims):
    assert text.count("\n") == len(claims) + 3


def test_verdicts(claims):
    words = {r: {c[r].split(":")[0] for c in claims} for r in ("litert", "onert")}
    assert words["onert"] == {"right", "wrong", "refused", "crashed"}
    assert words["litert"] == words["onert"] | {"reference"}


def test_plain_networks_are_right(claims):
    plain = [c for c in claims if c["form"] == "as it is" and c["model"] in ("float32", "uint8")]
    assert [(c["litert"], c["onert"]) for c in plain] == [("right", "right")] * 2


def test_judge():
    form = next(f for f in file_forms.all_forms() if f.key == ("float32", "as it is"))
    assert measure_forms.judge(form.expected, form.expected, form) == "right"
    assert measure_forms.judge(form.expected[:1], form.expected, form) == "wrong: 1 outputs for 2"
    off = [form.expected[0], form.expected[1] * 1.1]
    assert measure_forms.judge(off, form.expected, form) == "wrong: 20 dB"
    assert measure_forms.judge(("crashed", "SIGSEGV"), form.expected, form) == "crashed: SIGSEGV"
