# SPDX-License-Identifier: Apache-2.0
"""What --target makes of nodes whose scales are too far apart: the numbers are right there.

Each line of limits.json that fails on a runtime, some octaves beyond, is written for that runtime
in both ways, by q-implant and by circle2circle, and runs there within a step of numpy, with nothing
told but that it changed.
"""

import concurrent.futures
import functools
import re

import case_outcomes
import commands
import imported_cases
import limit_lines
import limits
import numpy as np
import pytest
from testdata_path import circle_builder

TARGETS = tuple(limits.COLUMNS)
_BEYOND = 3.0  # octaves
# Float32 sums are that far apart in steps of the output that what is left of two of them may not be
# within one.
_SHARE_OF_FLOAT32 = re.compile(" in 1 %$")


@functools.cache
def _cases(target):
    cases = []
    for line, record in zip(limit_lines.all_lines(), limits.LINES, strict=True):
        fails = [f["fails"] for f in limits.results(record, target) if f.get("fails")]
        if not fails or line.type.startswith("float32"):
            continue
        k = max(fails) + _BEYOND
        case = line.case(k if line.reaches(k) else max(fails))
        case.variant = f"{line.variant} {line.direction} {line.sign * k:g}"
        cases.append(case)
    return cases


def _adapt(target, _, case, path):
    source = path.with_suffix(".in")
    source.write_bytes(case.model)
    status, _, told = commands.adapt(target, source, path)
    model = circle_builder.unpack(path.read_bytes()) if status == 0 else None
    return imported_cases.Result(model, told)


def _implant(target, _, case, path):
    folder = path.with_suffix(".params")
    imported_cases.write(case, folder)
    return imported_cases.implant(case, folder, target, path)


@pytest.fixture(scope="module", name="outcomes")
def _outcomes(tmp_path_factory):
    """{(target, way): [Outcome]}."""
    folder, ways = tmp_path_factory.mktemp("limits"), {"adapt": _adapt, "implant": _implant}
    found = {}
    with np.errstate(all="ignore"), concurrent.futures.ThreadPoolExecutor(1) as pool:
        for target in TARGETS:
            for name, way in ways.items():
                found[target, name] = pool.submit(
                    case_outcomes.run, _cases(target), folder / f"{target}_{name}", target,
                    functools.partial(way, target)).result()
    return found


@pytest.mark.parametrize("way", ("adapt", "implant"))
@pytest.mark.parametrize("target", TARGETS)
def test_beyond_its_limits_a_node_is_right(outcomes, target, way):
    wrong = [(*o.case.key, o.verdict, o.result.told) for o in outcomes[target, way]
             if not o.is_right and (o.is_integer or not _SHARE_OF_FLOAT32.search(o.verdict))]
    assert wrong == []
    assert len(outcomes[target, way]) > {"litert": 150, "onert": 50}[target]


@pytest.mark.parametrize("target", TARGETS)
def test_some_stay_integer(outcomes, target):
    """Where a side could be requantized within a step; the others are float32."""
    integer = [o for o in outcomes[target, "adapt"] if o.is_integer]
    assert len(integer) > {"litert": 3, "onert": 5}[target]
    assert len(integer) < len(outcomes[target, "adapt"])
