# SPDX-License-Identifier: Apache-2.0
"""Holds docs/targets.md against what targets_page.py makes of claims.json."""

import claims
import targets_page


def test_page_has_the_tables_of_the_claims():
    """python testdata/operator_claims/targets_page.py writes them."""
    page = targets_page.PAGE.read_text()
    assert targets_page.updated(page) == page
    assert targets_page.missing(page) == []


def test_a_claim_changes_the_page(monkeypatch):
    changed = [{**claim, "litert": "wrong: 9 steps"}
               if (claim["operator"], claim["type"]) == ("ABS", "int8") else claim
               for claim in claims.CLAIMS]
    monkeypatch.setattr(claims, "CLAIMS", changed)
    old = targets_page.PAGE.read_text().splitlines()
    new = targets_page.updated("\n".join(old) + "\n").splitlines()
    assert [(a, b) for a, b in zip(old, new, strict=True) if a != b] == [
        ("| ABS | - | any | any |", "| ABS | - | **wrong** | any |")]
