# SPDX-License-Identifier: Apache-2.0
"""Checks that limits.json is of these lines, and that the program's limits are what it found.

Runs no model.
"""

import json
import pathlib

import limit_lines
import limits
import measure_limits
import pytest
from claims import RUNTIMES

_HERE = pathlib.Path(__file__).resolve().parent
_SLACK = 4.5  # octaves: of sums, whose worst case no random integers reach
# Rows that another rule holds to a narrower range: ir/operators/node_verdict.h, LiteRtCompares().
_COMPARISONS = ("LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "EQUAL", "NOT_EQUAL")


def _measured():
    return [line for line in limits.LINES if line["operator"] not in _COMPARISONS]


def test_a_record_for_every_line():
    keys = [(r["operator"], r["type"], r.get("variant", ""), r["direction"]) for r in limits.LINES]
    assert keys == [(x.operator, x.type, x.variant, ("-" if x.sign < 0 else "+") + x.direction)
                    for x in limit_lines.all_lines()]
    for record, line in zip(limits.LINES, limit_lines.all_lines()):
        assert tuple(record["by"]) == tuple(line.sign * d for d in line.by)
        assert list(record["scales"].values()) == pytest.approx(line.base)
        assert {c.removesuffix("_without_xnnpack") for c in record
                if c.startswith(tuple(RUNTIMES))} == set(line.runtimes)


def test_the_file_is_as_it_would_be_written():
    text = (_HERE / "limits.json").read_text()
    assert text.count("\n") == len(limits.LINES) + 3
    assert json.loads(measure_limits.text_of(limits.LINES))["lines"] == limits.LINES


def test_the_base_is_right():
    """Int16's Neg has none for the least integer, which only extreme integers show."""
    wrong = {line["operator"] for line in limits.LINES for runtime in RUNTIMES
             for found in limits.results(line, runtime) if "right" not in found}
    assert wrong == {"NEG"}


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_what_failed_is_beyond_a_limit(runtime):
    failed = 0
    for line in _measured():
        for found in limits.results(line, runtime):
            # Conversions of float32 depend on the values, not on the scales.
            if not found.get("fails") or line["type"].startswith("float32"):
                continue
            at = limits.point(line, found["fails"])
            assert any(limits.broken(limit, at) for limit in limits.limits_of(runtime)), (line, found)
            failed += 1
    assert failed > {"litert": 150, "onert": 60}[runtime]


# The limits of LiteRT's kernel for a constant are those of run-time operands too: scales that are so
# far apart are rare, and a limit does not know what is constant.
_NARROWER = {("BATCH_MATMUL", "int8", "any")}


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_limits_are_no_narrower_than_they_need_be(runtime):
    """What was right on LiteRT with and without XNNPACK, but for the last octaves, is within."""
    looked_at = 0
    for line in _measured():
        found = limits.results(line, runtime)
        if not found or any("right" not in f for f in found):
            continue
        if (line["operator"], line["type"], line.get("variant")) in _NARROWER:
            continue
        ended = any("fails" in f for f in found)
        k = min(f["right"] for f in found) - (_SLACK if ended else 0)
        if k < 0 or not ended and k == limit_lines.SCALE_OCTAVES:
            continue
        at = limits.point(line, k)
        assert not [x for x in limits.limits_of(runtime) if limits.broken(x, at)] or not ended, (line, at)
        looked_at += 1
    assert looked_at > {"litert": 400, "onert": 100}[runtime]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_every_limit_was_found(runtime):
    """Each end of each limit explains a failure that no other explains."""
    for limit in limits.limits_of(runtime):
        others = [x for x in limits.limits_of(runtime) if x != limit]
        for end in ("least", "greatest"):
            if not limit[end]:
                continue
            half = {**limit, "least": 0, "greatest": 0, end: limit[end]}
            other_half = {**limit, end: 0}
            explained = [
                line for line in _measured() for found in limits.results(line, runtime)
                if found.get("fails") and limits.broken(half, limits.point(line, found["fails"]))
                and not any(limits.broken(x, limits.point(line, found["fails"]))
                            for x in (*others, other_half))]
            assert explained, (limit, end)
