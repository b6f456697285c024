# SPDX-License-Identifier: Apache-2.0
"""Networks as PyTorch, its quantizers and tico make them, with q-implant between: the graphs.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/pytorch_exports

Of each network, set and target: the result is sound; every layer that can be integer is; which
nodes stay float32 and how many conversions there are stands in expected.json; none of them is
needless; and what a target changed is told. targets_test.py runs the results.
"""

import collections
import json
import pathlib
import re
import sys

import numpy as np
import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import circle_builder  # noqa: E402
import commands  # noqa: E402
import conversions  # noqa: E402
import exports  # noqa: E402
import fake_quant  # noqa: E402
import model_checker  # noqa: E402
from exports import EXPECTED  # noqa: E402

MEASURED = json.loads((HERE.parent / "operator_claims/claims.json").read_text())
# What is known of integer kernels: of any runtime without a target, else of the target.
CLAIMS_FOR = {None: conversions.Claims(MEASURED),
              **{t: conversions.Claims(MEASURED, t) for t in exports.TARGETS}}
# PyTorch's answer and LiteRT's to the fake-quantized model differ where a value is just between two
# integers; the x86 set has most such, in its Mean of four integers.
MIN_PYTORCH_SNR_DB = 35
# What tells the values of a layer's output: through these a converter moves and clamps them.
MOVERS_AND_CLAMPS = ("TRANSPOSE", "RESHAPE", "RELU", "RELU6", "PAD", "PADV2", "MAX_POOL_2D")

each_case = pytest.mark.parametrize("case", EXPECTED)
each_target = pytest.mark.parametrize("target", [None, *exports.TARGETS])


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return exports.implanter(tmp_path_factory.mktemp("pytorch_exports"))


def entries(result):
    return {entry.name: entry for entry in fake_quant.read_entries(result.folder)}


def expected(case, target):
    return EXPECTED[case][target or "litert"]


# --- the files


def test_every_set_is_expected():
    found = {str(path.parent.relative_to(HERE)) for path in HERE.glob("*/*/param.json")}
    assert found == set(EXPECTED)


@each_case
def test_pytorchs_answer_is_the_fake_quantized_models(case, tmp_path):
    pytorchs = np.load(HERE / case / "outputs.npy")
    assert exports.snr_db(exports.meant(case, tmp_path), pytorchs) >= MIN_PYTORCH_SNR_DB


# --- the graph


@each_case
@each_target
def test_result_is_sound(case, target, results):
    problems = model_checker.check(results(case, target).path)
    if (case, target) == (exports.X86, None):  # as annotated
        assert problems and all(p.endswith("uint8 data, int8 weights") for p in problems)
    else:
        assert problems == []


@each_case
def test_without_a_target_it_is_what_litert_gets(case, results):
    plain, result = (results(case, target) for target in (None, "litert"))
    same = plain.path.read_bytes() == result.path.read_bytes()
    assert same == (case != exports.X86)


def output_is_told(graph, n, names):
    """Whether an annotated tensor tells the range of what a node makes."""
    output = graph.outputs[n][0]
    return graph.name(output) in names or any(
        output_is_told(graph, m, names) for m in graph.readers[output]
        if graph.kinds[m] in MOVERS_AND_CLAMPS)


@each_case
def test_layers_with_annotated_sides_are_integer(case, results):
    names = set(entries(results(case)))
    before = conversions.Graph(exports.read(exports.float_path(case)))
    after = conversions.Graph(results(case).model())
    layers = [graph.nodes(*conversions.LAYERS) for graph in (before, after)]
    assert {before.name(before.inputs[n][1]) for n in layers[0]} <= names
    wrong = [before.name(before.outputs[old][0]) for old, new in zip(*layers, strict=True)
             if after.is_float(new) == output_is_told(before, old, names)]
    assert wrong == []


@each_case
@each_target
def test_nodes_and_conversions_are_the_expected_ones(case, target, results):
    graph = conversions.Graph(results(case, target).model())
    islands = collections.Counter(graph.kinds[n] for n in graph.computed() if graph.is_float(n))
    found = {"integer": len(graph.computed()) - islands.total(), "islands": dict(islands),
             "DEQUANTIZE": len(graph.nodes("DEQUANTIZE")), "QUANTIZE": len(graph.nodes("QUANTIZE")),
             "requantize": [conversions.why(graph, n, CLAIMS_FOR[target])
                            for n in graph.requantizing()]}
    assert found == {key: expected(case, target)[key] for key in found}


@each_case
@each_target
def test_no_conversion_is_needless(case, target, results):
    assert conversions.needless(results(case, target).model(), CLAIMS_FOR[target]) == []


# --- what is told


def misread_layers(result):
    """What the layers make that onert is said to misread for their weights: names."""
    return set(re.findall(r"tensor '([^']+)': onert computes wrong values for \w+ with weights "
                          r"of int8, \d+ scales along axis \d beside uint8 data; --target onert ",
                          result.told))


def told_besides_runtimes(result, case):
    """The lines, but for those of runtimes and, of x86, of the 12 weights whose operators have no
    parameters for what they make."""
    lines = commands.without_runtime_warnings(result.told).splitlines()
    if case == exports.X86:
        alone = [line for line in lines if " 12 annotated weights tensors stand beside " in line]
        assert len(alone) == 1
        lines.remove(alone[0])
    return lines


@each_case
def test_without_a_target_only_misread_nodes_are_told(case, results):
    result = results(case)
    assert not told_besides_runtimes(result, case)
    graph = conversions.Graph(result.model())
    layers = [n for n in graph.nodes(*conversions.LAYERS) if not graph.is_float(n)]
    misread = {graph.name(graph.outputs[n][0]) for n in layers if case == exports.X86}
    assert misread_layers(result) == misread


@each_case
def test_litert_needs_nothing_but_int8_for_x86(case, results):
    told = told_besides_runtimes(results(case, "litert"), case)
    if case == exports.X86:
        told, = told
        assert re.match("remark: .*: for LiteRT: 55 activations are int8 instead of uint8, ", told)
    else:
        assert told == []


@each_case
def test_nodes_that_onert_lacks_are_told(case, results):
    plain, result = results(case), results(case, "onert")
    is_activation = [len(e.scale) == 1 and e.value is None for e in entries(result).values()]
    if case.endswith("/a16w8"):  # it has nothing for int16
        told, = re.findall("^warning: .*", result.told, re.MULTILINE)
        assert f"no int16 (likewise {sum(is_activation) - 1} more tensors, " in told
        return
    graphs = [conversions.Graph(r.model()) for r in (plain, result)]
    integer = {graphs[0].name(graphs[0].outputs[n][0]) for n in graphs[0].computed()
               if not graphs[0].is_float(n)}
    islands = {graphs[1].name(graphs[1].outputs[n][0]).removesuffix("_float")
               for n in graphs[1].computed() if graphs[1].is_float(n)}
    lost = integer & islands
    assert bool(lost) == case.startswith("transformer")  # BatchMatMul, Gelu
    told = dict(re.findall(r"tensor '([^']+)': (\w+) stays float32: ", result.told))
    assert lost <= set(told)


# --- what X86Inductor's set becomes


def real_numbers(model):
    """{name: scales, zero points and integers} of the quantized tensors, 8-bit ones as if int8."""
    found = {}
    for tensor in exports.as_int8(model).subgraphs[0].tensors:
        quant = tensor.quantization
        if quant is not None and quant.scale is not None:
            values = circle_builder.constant(model, tensor)
            found[circle_builder.tensor_name(tensor)] = (
                np.asarray(quant.scale, np.float32).tobytes(), np.asarray(quant.zeroPoint).tolist(),
                None if values is None else values.tobytes())
    return found


@pytest.mark.parametrize("target", exports.TARGETS)
def test_x86_keeps_its_real_numbers_exactly(target, results):
    plain = real_numbers(results(exports.X86).model())
    result = real_numbers(results(exports.X86, target).model())
    assert {name: plain.get(name) for name in result} == result
    # What onert can't dequantize is float32 there: the weights of 11 convolutions and a layer.
    assert len(plain) - len(result) == {"litert": 0, "onert": 12}[target]


# --- that conversions.py tells


class Example:
    """x int8 -> ... -> float32 y, put together by a test of what is needless."""

    def __init__(self, dtype="int8"):
        self.dtype = dtype
        self.builder = circle_builder.CircleBuilder()
        self.x = self.integer("x", 0.5)

    def integer(self, name, scale):
        return self.builder.add_tensor(name, [1, 4], self.dtype, quant=(scale,))

    def node(self, kind, source, target):
        self.builder.add_operator(kind, [source], [target])
        return target

    def dequantize(self, source, name):
        return self.node("DEQUANTIZE", source, self.builder.add_tensor(name, [1, 4]))

    def needless(self, *outputs, target=None):
        self.builder.set_io([self.x], outputs)
        return conversions.needless(read_back(self.builder), CLAIMS_FOR[target])


def read_back(builder):
    return circle_builder.unpack(builder.finish())


def test_an_undone_dequantize_is_told():
    e = Example()
    same = e.node("QUANTIZE", e.dequantize(e.x, "f"), e.integer("same", 0.5))
    assert e.needless(same) == ["'same' is dequantized and quantized again",
                                "no float32 node reads 'f'"]


@pytest.mark.parametrize("target, needed", [("litert", False), ("onert", True)])
def test_requantizing_over_float32_is_told_where_a_kernel_does_it(target, needed):
    e = Example("uint8")
    other = e.node("QUANTIZE", e.dequantize(e.x, "f"), e.integer("other", 0.25))
    told = [] if needed else ["no float32 node reads 'f'"]
    assert e.needless(e.node("RESHAPE", other, e.integer("y", 0.25)), target=target) == told


def test_a_repeated_conversion_is_told():
    e = Example()
    assert e.needless(e.dequantize(e.x, "f"), e.dequantize(e.x, "g")) == [
        "'x' is converted to float32 2 times"]


@pytest.mark.parametrize("kind, needed", [("RESHAPE", True), ("LOGISTIC", False)])
def test_a_requantize_that_no_neighbour_needs_is_told(kind, needed):
    e = Example()
    other = e.node("QUANTIZE", e.x, e.integer("other", 0.25))
    made = e.node(kind, other, e.integer("made", 0.25))
    told = [] if needed else ["nothing needs 'other' of other parameters"]
    assert e.needless(made) == told


def test_a_requantize_that_changes_nothing_is_told():
    e = Example()
    same = e.node("QUANTIZE", e.x, e.integer("same", 0.5))
    made = e.node("RESHAPE", same, e.integer("made", 0.5))
    assert e.needless(made) == ["nothing needs 'same' of other parameters"]


@pytest.mark.parametrize("kind, dtype, told",
                         [("RELU", "int8", ["RELU 'f' is float32 between integers"]),
                          ("HARD_SWISH", "int16", []), ("HARD_SWISH", "int8",
                                                        ["HARD_SWISH 'f' is float32 between "
                                                         "integers"])])
def test_a_float_node_that_has_a_kernel_is_told(kind, dtype, told):
    e = Example(dtype)
    f = e.node(kind, e.dequantize(e.x, "d"), e.builder.add_tensor("f", [1, 4]))
    assert e.needless(e.node("QUANTIZE", f, e.integer("y", 0.25))) == told
