# SPDX-License-Identifier: Apache-2.0
"""What becomes of the measured cases when q-implant or a pass writes them for a target.

run() has each case written for the target, runs what comes out there, and compares it with numpy.
"""

import collections
import dataclasses
import pathlib

import claims
import imported_cases
import numpy as np
import operators
import recurrent
import runner

# A whole number in float64 may lie just under it in float32, which these operators then compute in.
_JUMPS = ("FLOOR", "FLOOR_DIV")
_SHARE_OF_JUMPS = 0.02

# An operator with weights computes in the type of its data: 8 bits behind int16 outputs as well.
_EIGHT_BITS_OF_16 = 257


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A case on a target. verdict: as in claims.json."""

    case: object
    result: imported_cases.Result
    verdict: str
    outputs: list

    @property
    def is_right(self):
        return claims.is_right(self.verdict.split(":")[0])

    @property
    def is_integer(self):
        """Whether the case's operator computes in integers."""
        nodes = self.result.nodes(self.case.operator)
        return bool(nodes) and all("float32" not in types for types in nodes)


def measured_cases():
    """Those of operators without a state: recurrent_test.py has the others."""
    return [case for case in operators.all_cases() if case.operator not in recurrent.OPERATORS and
            (case.type in claims.TYPES or case.sides == "hybrid" or
             (case.operator == "DEQUANTIZE" and " of a float32 " in case.variant))]


def name(i):
    return f"{i:04}"


def run(cases, folder, target, write):
    """The Outcomes of cases, in order. write(i, case, path) makes a Result, a file at the path."""
    folder = pathlib.Path(folder)
    folder.mkdir()
    results = []
    for i, case in enumerate(cases):
        results.append(write(i, case, folder / f"{name(i)}.circle"))
        if results[i].model is not None:
            fed = imported_cases.feed(case, results[i])
            np.savez(folder / f"{name(i)}.npz", **{f"x{k}": x for k, x in enumerate(fed)})
    names = [name(i) for i, result in enumerate(results) if result.model is not None]
    deaths = runner.run_all(target, folder, names)
    return [_outcome(case, result, folder / name(i), target, deaths.get(name(i)))
            for i, (case, result) in enumerate(zip(cases, results, strict=True))]


def _outcome(case, result, stem, target, death):
    if result.model is None:
        return Outcome(case, result, f"not written: {result.told}", [])
    if death is not None:
        return Outcome(case, result, f"crashed: {death}", [])
    error = pathlib.Path(f"{stem}.{target}.error")
    if error.exists():
        return Outcome(case, result, f"refused: {error.read_text()[:120]}", [])
    with np.load(f"{stem}.{target}.npz") as content:
        outputs = [content[f"y{i}"] for i in range(len(content.files))]
    return Outcome(case, result, imported_cases.judge(case, result, outputs), outputs)


def assert_right_or_told(outcomes, more_than):
    """None is silently wrong, and more than so many are right."""
    silent = [o for o in outcomes
              if not o.is_right and not o.result.left and not is_close_enough(o)]
    assert [(*o.case.key, o.verdict) for o in silent] == []
    verdicts = collections.Counter(o.is_right for o in outcomes)
    assert verdicts[True] > more_than, verdicts


def is_close_enough(outcome):
    """The few that are not within a step, for a reason that no other form would mend."""
    case = outcome.case
    behind_8_bits = "weights" in case.variant and case.variant.endswith("int16 output")
    if not outcome.outputs or not (behind_8_bits or case.operator in _JUMPS):
        return False
    old, new = imported_cases.ends(case.model)[1][0], outcome.result.ends[1][0]
    error = np.abs(imported_cases.real(outcome.outputs[0], new) -
                   imported_cases.real(case.expected[0], old))
    step = old.quantization.scale[0]
    if behind_8_bits:
        return outcome.is_integer and error.max() <= _EIGHT_BITS_OF_16 * step
    return (not outcome.is_integer and error.max() < 1 + step and
            (error > step).mean() < _SHARE_OF_JUMPS)
