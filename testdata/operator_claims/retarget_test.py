# SPDX-License-Identifier: Apache-2.0
"""Adapting measured cases, as quantized models, to each target: what comes out is right there.

The cases of one node, of the sides that are not equal, go through AdaptToTargetPass as they stand
and run on the target within one step of numpy, or near the few that target_test.py lets through.
What the target can't do has to be told. The pass does nothing only where nothing is wrong.
"""

import concurrent.futures
import functools
import subprocess

import case_outcomes
import claims
import commands
import imported_cases
import pytest
from testdata_path import circle_builder

TARGETS = claims.RUNTIMES


@pytest.fixture(scope="module", name="outcomes")
def _outcomes(tmp_path_factory):
    """{target: [Outcome]}."""
    folder = tmp_path_factory.mktemp("retargets")
    cases = [case for case in case_outcomes.measured_cases() if case.sides != "equal"]
    with concurrent.futures.ThreadPoolExecutor(len(TARGETS)) as pool:
        runs = {target: pool.submit(case_outcomes.run, cases, folder / target, target,
                                    functools.partial(_adapt, target)) for target in TARGETS}
        return {target: run.result() for target, run in runs.items()}


def _adapt(target, _, case, path):
    source = path.with_suffix(".in")
    source.write_bytes(case.model)
    status, changed, told = commands.adapt(target, source, path)
    model = circle_builder.unpack(path.read_bytes()) if status == 0 else None
    return imported_cases.Result(model, told if changed else f"unchanged\n{told}")


def _is_unchanged(outcome):
    return outcome.result.told.startswith("unchanged\n")


@pytest.mark.parametrize("target", TARGETS)
def test_every_case_is_right_or_told(outcomes, target):
    case_outcomes.assert_right_or_told(outcomes[target], {"litert": 850, "onert": 650}[target])


@pytest.mark.parametrize("target", TARGETS)
def test_what_needs_nothing_stays(outcomes, target):
    """Right as it stood, with nothing told; and the bytes are the tensors' own."""
    unchanged = [o for o in outcomes[target] if _is_unchanged(o)]
    assert all(o.is_right and o.result.told == "unchanged\n" for o in unchanged)
    for outcome in unchanged:
        assert (_tensors(outcome.result.model) ==
                _tensors(circle_builder.unpack(outcome.case.model))), outcome.case.key
    assert len(unchanged) > {"litert": 250, "onert": 60}[target], len(unchanged)


@pytest.mark.parametrize("target", TARGETS)
def test_once_is_enough(outcomes, target, tmp_path):
    """What came out goes through the pass again, and stays; of each operator one case."""
    chosen = {o.case.operator: o for o in outcomes[target] if not _is_unchanged(o)}
    for outcome in chosen.values():
        once, twice = tmp_path / "once.circle", tmp_path / "twice.circle"
        once.write_bytes(circle_builder.pack(outcome.result.model))
        subprocess.run([commands.find("circle2circle"), "--target", target, once, twice], check=True,
                       capture_output=True)
        assert (_tensors(circle_builder.unpack(twice.read_bytes())) ==
                _tensors(outcome.result.model)), outcome.case.key


def _tensors(model):
    """[(name, type, scales, zero points, axis, bytes)] of a file's first graph."""
    found = []
    for tensor in model.subgraphs[0].tensors:
        quantization = tensor.quantization
        params = () if quantization is None or quantization.scale is None else (
            tuple(quantization.scale), tuple(quantization.zeroPoint),
            quantization.quantizedDimension)
        data = model.buffers[tensor.buffer].data
        found.append((circle_builder.tensor_name(tensor), tensor.type, params,
                      b"" if data is None else bytes(data)))
    return found
