# SPDX-License-Identifier: Apache-2.0
"""--target on the forms that a runtime does not compute: what is written runs there, or is told.

Every measured form that is not right on a runtime goes through q-implant --target: as a float32
model without parameters, with parameters on all its tensors, and as a quantized model through
circle2circle. What comes out is run on that runtime and compared with numpy, or a warning names the
node.
"""

import collections
import concurrent.futures
import functools
import json

import case_outcomes
import claims
import commands
import forms
import imported_cases
import pytest
from testdata_path import circle_builder

TARGETS = claims.RUNTIMES
_COARSE = ("RESIZE_BILINEAR", "int16")  # forms_test.py


@functools.cache
def _cases():
    return forms.all_cases()


def _not_right(target):
    """The cases that the target does not compute, of types that it has kernels for or float32."""
    found, verdicts = json.loads(forms.PATH.read_text())["claims"], claims.verdicts()
    for case, claim in zip(_cases(), found, strict=True):
        in_floats = case.type not in claims.TYPES
        column = claims.column(verdicts.get((case.operator, case.type, target), {}))
        lacks = case.type in ("uint8", "int8") and case.operator in claims.lacks_float(target)
        if claims.is_right(claims.verdict(claim, target)):
            continue
        if in_floats or lacks or column in ("any", "equal"):
            yield case


def _write_float(case, folder):
    folder.mkdir()
    (folder / "model.circle").write_bytes(case.model)
    (folder / "param.json").write_text("{}")


def _implant(folder, target, i, case, path):
    source = folder / str(i)
    if case.type in claims.TYPES:
        imported_cases.write(case, source)
    else:
        _write_float(case, source)
    return imported_cases.implant(case, source, target, path)


def _adapt(target, _, case, path):
    source = path.with_suffix(".in")
    source.write_bytes(case.model)
    status, _, told = commands.adapt(target, source, path)
    model = circle_builder.unpack(path.read_bytes()) if status == 0 else None
    return imported_cases.Result(model, told)


@pytest.fixture(scope="module", name="outcomes")
def _outcomes(tmp_path_factory):
    """{(target, how): [Outcome]}."""
    folder = tmp_path_factory.mktemp("forms")
    jobs = {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for target in TARGETS:
            cases = list(_not_right(target))
            source = folder / f"{target} sources"
            source.mkdir()
            for how, write in (("implanted", functools.partial(_implant, source, target)),
                               ("adapted", functools.partial(_adapt, target))):
                jobs[target, how] = pool.submit(
                    case_outcomes.run, cases, folder / f"{target} {how}", target, write)
        return {key: job.result() for key, job in jobs.items()}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("how", ("implanted", "adapted"))
def test_every_form_is_right_or_told(outcomes, target, how):
    judged = [o for o in outcomes[target, how] if o.case.key[:2] != _COARSE]
    case_outcomes.assert_right_or_told(judged, {"litert": 15, "onert": 1000}[target])


# What has no other form there, or none that is written: operators, and forms of some others.
_TOLD = {
    "litert": {},
    "onert": {
        **dict.fromkeys(("CAST", "CUMSUM", "DYNAMIC_UPDATE_SLICE", "REVERSE_SEQUENCE", "TOPK_V2"),
                        None),
        **dict.fromkeys(("GATHER_ND", "MIRROR_PAD", "RESIZE_NEAREST_NEIGHBOR", "SPLIT_V"),
                        {"first dimension open"}),
        "GATHER": {"int64"}, "MAXIMUM": {"int32", "int64"}, "MINIMUM": {"int64"},
        "ONE_HOT": {"int64"}, "SLICE": {"int64"}, "TILE": {"int64"},
        "TRANSPOSE": {"int64", "bool"},
        # Its 7 dimensions leave the graph, which onert's API can't say.
        "RESHAPE": {f"rank 4 to 7{more}" for more in ("", ", no new_shape", ", no options",
                                                      ", one input")},
    },
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("how", ("implanted", "adapted"))
def test_told_is_what_has_no_other_form(outcomes, target, how):
    told = collections.defaultdict(set)
    for outcome in outcomes[target, how]:
        if not outcome.is_right and outcome.case.key[:2] != _COARSE:
            told[outcome.case.operator].add(outcome.case.variant)
    expected = _TOLD[target]
    assert set(told) == set(expected)
    assert {op: forms for op, forms in told.items() if expected[op] is not None} == {
        op: forms for op, forms in expected.items() if forms is not None}
