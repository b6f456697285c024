# SPDX-License-Identifier: Apache-2.0
"""--target on every measured case: what comes out runs on the target, with the case's numbers.

Each integer case of operators.py, and each float32 one with integer weights, is taken apart into a
float32 model and parameters (imported_cases.py), implanted for each target, run there and compared
with numpy. What the target can't do has to be told.
"""

import collections
import concurrent.futures
import functools

import case_outcomes
import claims
import imported_cases
import numpy as np
import pytest
import recurrent
from layers import LAYERS
from testdata_path import circle_builder, quantizer_params

TARGETS = claims.RUNTIMES

# Right as they stand, yet float32: the table asks for more than the one case.
_MORE_THAN_A_CASE = {
    ("litert", "DIV"): "wrong where quotients are next to 0",
    ("litert", "EQUAL"): "wrong where numbers are close, in int16",
    ("litert", "NOT_EQUAL"): "wrong where numbers are close, in int16",
    ("litert", "REDUCE_PROD"): "wrong in other ranges, and in int8 with equal sides",
    ("onert", "SUM"): "refused with equal sides",
}


# What no float32 kernel computes, in the plain form of the cases, and other nodes do.
_WRITTEN_OTHERWISE = {"CEIL", "CONCATENATION", "EMBEDDING_LOOKUP", "GATHER_ND", "HARD_SWISH",
                      "L2_POOL_2D", "MIRROR_PAD", "PRELU", "REDUCE_MIN", "RELU_0_TO_1",
                      "RELU_N1_TO_1", "RESIZE_NEAREST_NEIGHBOR", "SIGN", "SPLIT_V",
                      "TRANSPOSE_CONV"}


def _is_for(target, case):
    """onert has no int16: it all is float32, and equal sides come to the same as different ones."""
    return target != "onert" or case.type != "int16" or case.sides != "equal"


@pytest.fixture(scope="module", name="outcomes")
def _outcomes(tmp_path_factory):
    """{target: [Outcome]}."""
    cases = case_outcomes.measured_cases()
    folder = tmp_path_factory.mktemp("targets")
    for i, case in enumerate(cases):
        imported_cases.write(case, folder / str(i))
    with concurrent.futures.ThreadPoolExecutor(len(TARGETS)) as pool:
        runs = {target: pool.submit(_run, cases, folder, target) for target in TARGETS}
        return {target: run.result() for target, run in runs.items()}


def _run(cases, folder, target):
    numbers = [i for i, case in enumerate(cases) if _is_for(target, case)]

    def implant(n, case, path):
        return imported_cases.implant(case, folder / str(numbers[n]), target, path)

    return case_outcomes.run([cases[i] for i in numbers], folder / target, target, implant)


@pytest.mark.parametrize("target", TARGETS)
def test_every_case_is_right_or_told(outcomes, target):
    case_outcomes.assert_right_or_told(outcomes[target], {"litert": 1100, "onert": 950}[target])


@pytest.mark.parametrize("target", TARGETS)
def test_told_is_what_no_form_is_right_of(outcomes, target):
    """Neither integers of any 8-bit type nor float32, by the claims; and it is not right."""
    told = [o for o in outcomes[target] if o.result.left]
    for outcome in told:
        case = outcome.case
        # Where nearly all answers are "no", not looking at the data is right by luck.
        by_luck = case.operator in ("EQUAL", "NOT_EQUAL") and case.variant == "rank 5"
        assert len(outcome.result.left) == 1 and (by_luck or not outcome.is_right), (
            case.key, outcome.verdict, outcome.result.left)
        if case.operator != "DEQUANTIZE" and not by_luck:
            assert _no_form_is_right(case, target), (case.key, outcome.result.left)
    operators_told = {o.case.operator for o in told} - {"DEQUANTIZE"}
    lacking = claims.lacks_float(target) - set(recurrent.OPERATORS)
    assert operators_told >= lacking - _WRITTEN_OTHERWISE
    assert not operators_told & _WRITTEN_OTHERWISE
    readers = {o.case.variant.rpartition(" ")[2] if "weights" in o.case.variant else "ADD"
               for o in told if o.case.operator == "DEQUANTIZE"}
    assert readers == {"litert": set(), "onert": {"TRANSPOSE_CONV"}}[target]


def _no_form_is_right(case, target):
    variants = claims.floats()[case.operator]
    special = "float32 bias, groups" if case.variant.endswith(", groups") else case.variant
    words = [variants[special]] if special in variants else variants.values()
    return not _is_right_as_it_stands(case, target) and all(w[target] != "right" for w in words)


@functools.cache
def _claims_by_key():
    return {tuple(c.get(k, "") for k in ("operator", "type", "sides", "variant")): c
            for c in claims.CLAIMS}


def _is_right_as_it_stands(case, target):
    """By the claim of the case, or of the same in the other type of 8 bits."""
    other = {"uint8": "int8", "int8": "uint8"}.get(case.type)
    keys = [case.key]
    if "weights" not in case.variant:
        keys.append((case.operator, other, case.sides, case.variant))
    return any(claims.is_right(claims.verdict(_claims_by_key()[key], target))
               for key in keys if key in _claims_by_key())


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_right_as_it_stands_stays_integer(outcomes, target):
    """In its own type, or in the other one of 8 bits."""
    count = 0
    for outcome in outcomes[target]:
        case = outcome.case
        if case.type not in claims.TYPES or not _is_right_as_it_stands(case, target):
            continue
        if not outcome.is_integer:
            assert (target, case.operator) in _MORE_THAN_A_CASE, (case.key, outcome.result.told)
        count += outcome.is_integer
    assert count > {"litert": 500, "onert": 200}[target]


@pytest.mark.parametrize("target", TARGETS)
def test_weights_are_those_that_were_imported(outcomes, target):
    """In whatever type they are written, with as many scales, they stand for the same numbers."""
    types = collections.Counter()
    for outcome in outcomes[target]:
        case = outcome.case
        if case.operator not in LAYERS or "weights" not in case.variant:
            continue
        before, after = circle_builder.unpack(case.model), outcome.result.model
        (wanted,) = _weights(before, case.operator)
        made = _weights(after, case.operator)  # of groups: a convolution each
        if not made and case.operator == "FULLY_CONNECTED":  # with a scale for each channel
            made = _weights(after, "CONV_2D")
        if not made and case.operator in _WRITTEN_OTHERWISE:
            continue
        numbers = np.concatenate([np.float32(_real(after, part)) for part in made])
        wanted = np.float32(_real(before, wanted))
        assert np.array_equal(wanted, numbers.reshape(wanted.shape)), case.key
        types[circle_builder.type_name(made[0].type)] += 1
    assert types["uint8"] > 20 and types["int8"] > 20 and types["float32"] > 10, types


def _weights(model, operator):
    """The constants that the nodes of an operator take as weights, behind a Dequantize or not."""
    graph = model.subgraphs[0]
    slot = LAYERS[operator].order.index("w")
    nodes = [n for n in graph.operators if circle_builder.operator_name(model, n) == operator]
    made = {n.outputs[0]: n.inputs[0] for n in graph.operators
            if circle_builder.operator_name(model, n) == "DEQUANTIZE"}
    return [graph.tensors[made.get(n.inputs[slot], n.inputs[slot])] for n in nodes]


def _real(model, tensor):
    values = imported_cases.integers(model, tensor)
    return imported_cases.real(values, tensor)


@pytest.mark.parametrize("target", TARGETS)
def test_ends_are_of_types_that_the_target_converts(outcomes, target):
    """int8 is uint8 for onert, int16 float32; LiteRT's stay what they are but for whole models."""
    found = collections.Counter()
    for outcome in outcomes[target]:
        before, after = imported_cases.ends(outcome.case.model), outcome.result.ends
        for old, new in zip(sum(before, []), sum(after, []), strict=True):
            if quantizer_params.has_parameters(old):
                found[tuple(circle_builder.type_name(t.type) for t in (old, new))] += 1
    assert set(found) == {
        "litert": {("uint8", "uint8"), ("int8", "int8"), ("int16", "int16"), ("uint8", "int8")},
        "onert": {("uint8", "uint8"), ("int8", "uint8"), ("int16", "float32")},
    }[target]
