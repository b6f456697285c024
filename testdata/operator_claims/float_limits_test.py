# SPDX-License-Identifier: Apache-2.0
"""What --target makes of operators that the runtime has no integer kernel of, at any scales.

Between a Dequantize and a Quantize they compute in float32. The scales of their sides move apart,
and together, as those of integer kernels do in limits.json: what comes out is within a step of
numpy, or told of.
"""

import dataclasses

import case_outcomes
import imported_cases
import limit_lines
import limits
import numpy as np
import pytest

TARGETS = tuple(limits.COLUMNS)
_OCTAVES = (28, limit_lines.RATIO_OCTAVES, 100)

# What float32 itself has no more digits for: the argument of a period, what is left of a sum.
_ROUNDED = ("SIN", "COS", "CUMSUM")
# The float32 operators square their inputs; TFLite's L2Normalization takes no sum below 1e-6.
_SQUARED = ("L2_POOL_2D", "L2_NORMALIZATION")


def _cases(target):
    """onert has no int16, and int8 becomes uint8."""
    for line in limit_lines.float32_lines(target):
        if target == "onert" and line.type != "uint8":
            continue
        for k in _OCTAVES:
            if line.reaches(k):
                case = line.case(k)
                variant = f"{line.variant} {line.direction} {line.sign * k:g}"
                yield dataclasses.replace(case, variant=variant)


def _implant(target, case, path):
    folder = path.with_suffix(".params")
    imported_cases.write(case, folder)
    return imported_cases.implant(case, folder, target, path)


@pytest.mark.parametrize("target", TARGETS)
def test_in_float32_scales_have_no_limits(target, tmp_path):
    with np.errstate(all="ignore"):
        outcomes = case_outcomes.run(list(_cases(target)), tmp_path / "runs", target,
                                     lambda _, case, path: _implant(target, case, path))
    wrong = [o for o in outcomes if not o.is_right and not o.result.left]
    known = {*_ROUNDED, *_SQUARED}
    assert [(*o.case.key, o.verdict) for o in wrong if o.case.operator not in known] == []
    assert {o.case.operator for o in wrong} >= {"SIN", "COS", "L2_POOL_2D"}
    right = [o for o in outcomes if o.is_right]
    assert len({o.case.operator for o in right}) > {"litert": 25, "onert": 30}[target]
    assert len(right) > {"litert": 500, "onert": 350}[target]
