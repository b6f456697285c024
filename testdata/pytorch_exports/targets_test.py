# SPDX-License-Identifier: Apache-2.0
"""Networks as PyTorch, its quantizers and tico make them, with q-implant between: on the runtimes.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/pytorch_exports

Of each network and set, with --target litert on LiteRT (its own kernels, and XNNPACK's) and with
--target onert on onert: the outputs follow the fake-quantized float model, and each integer node is
right within a step or two of what it makes. X86Inductor's set, which no runtime computes as it is
annotated, gives on both the integers that it stands for.
"""

import pathlib
import sys

import numpy as np
import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import circle_builder  # noqa: E402
import exports  # noqa: E402
import run_model  # noqa: E402
import shadow  # noqa: E402
from exports import EXPECTED, WAYS  # noqa: E402

# What every result must reach; expected.json has what each reached, with some room.
MIN_SNR_DB = 20
# The greatest error of an integer node, in steps of what it makes: rounding, and LiteRT's Mean and
# its int16 layers and Gelu are less exact than that.
MOST_STEPS = {"int8": 0.8, "uint8": 0.8, "int16": 2}

each_case = pytest.mark.parametrize("case", EXPECTED)
each_way = pytest.mark.parametrize("way", WAYS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("targets")


@pytest.fixture(scope="module")
def results(folder):
    return exports.implanter(folder)


@each_case
@each_way
def test_a_runtime_computes_what_the_parameters_mean(case, way, folder, results):
    target, run = WAYS[way]
    answer, = run_model.run_float_many(run, results(case, target).path, [exports.inputs(case)])
    least = EXPECTED[case][target]["least_snr_db"]
    assert exports.snr_db(answer, exports.meant(case, folder)) >= max(least, MIN_SNR_DB)


def run_changed(run, case, model, path):
    """The outputs of a model that shadow.py changed, for the inputs of the case."""
    path.write_bytes(circle_builder.pack(model))
    source, = run_model.graph_ends(path)[0]
    return run(path, [run_model.quantize(exports.inputs(case), source)])


def steps(values, end):
    """Real numbers in the steps of a tensor, its zero point and its limits in them."""
    limits = np.iinfo(end.dtype)
    return np.clip(values.astype(np.float64) / end.scale + end.zero_point, limits.min, limits.max)


@pytest.mark.parametrize("case, way", [(case, way) for case in EXPECTED for way in WAYS
                                       if EXPECTED[case][WAYS[way][0]]["integer"] > 0])
def test_each_integer_node_is_right(case, way, results, tmp_path):
    target, run = WAYS[way]
    model = results(case, target).model()
    ends = shadow.shadowed(model)
    assert len(ends) == EXPECTED[case][target]["integer"]
    values = run_changed(run, case, model, tmp_path / "shadowed.circle")
    for end, made, meant in zip(ends, values[:len(ends)], values[len(ends):], strict=True):
        apart = np.abs(steps(made, end) - steps(meant, end)).max()
        assert apart <= MOST_STEPS[end.dtype], f"{end.name}: {apart} steps"


# --- X86Inductor's set


def observed_integers(case, way, results, path):
    """{tensor: what it held} of the integer activations, as if they were int8."""
    target, run = WAYS[way]
    model = results(case, target).model()
    ends = shadow.observed(model)
    values = run_changed(run, case, model, path)
    return {end.name: np.rint(steps(v, end) - 128 * (end.dtype == "uint8")).astype(np.int8)
            for end, v in zip(ends, values, strict=True)}


@each_way
def test_x86_gives_the_integers_that_it_stands_for(way, results, tmp_path):
    """Each node makes of its inputs what it does as annotated, within a step.

    No kernel takes the set as it is annotated, so LiteRT's int8 kernels judge: in them its uint8
    data is int8, the same real numbers.
    """
    held = observed_integers(exports.X86, way, results, tmp_path / "observed.circle")
    annotated = exports.as_int8(results(exports.X86).model())
    sources, targets = shadow.separate(annotated)
    path = tmp_path / "separate.circle"
    path.write_bytes(circle_builder.pack(annotated))
    meant = WAYS["kernels"][1](path, [held[end.name] for end in sources])
    assert len(meant) == EXPECTED[exports.X86]["litert"]["integer"]
    for end, integers in zip(targets, meant, strict=True):
        apart = np.abs(held[end.name].astype(int) - integers).max()
        assert apart <= 1, f"{end.name}: {apart} steps"
