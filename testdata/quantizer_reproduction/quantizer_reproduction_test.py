# SPDX-License-Identifier: Apache-2.0
"""What ai-edge-quantizer made of float32 models, q-implant makes of its parameters too.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/quantizer_reproduction

The parameters are taken out of the quantizer's model and implanted into the float32 one: the same
operators, types, parameters and bytes come out, and LiteRT computes the same outputs, bit for bit,
with XNNPACK and without. differences.py has the exceptions.
"""

import collections
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import circle_builder  # noqa: E402
import commands  # noqa: E402
import differences  # noqa: E402
import float_models  # noqa: E402
import graph_diff  # noqa: E402
import model_checker  # noqa: E402
import param_set  # noqa: E402
import quantizer_params  # noqa: E402
import run_model  # noqa: E402

SAMPLES = 20
CASES = [(model, recipe) for model, recipes in float_models.CASES.items() for recipe in recipes]
# Where there are annotated ones: not in "shared" (quantizer_params tells why), nor beside float32.
CASES_WITH_BIASES = [(case, biases) for case in CASES for biases in ("annotated", "derived")
                     if biases == "annotated"
                     or (case[1].startswith(("static", "mixed")) and case[0] != "shared")]
# What model_checker has against float32 data beside integer weights.
HYBRID = re.compile("float32 data, (int[48] weights|weights with parameters)$"
                    "|its data is of several types: float32, int[48]$")


def case_id(value):
    return value if isinstance(value, str) else "-".join(value)


each_case = pytest.mark.parametrize("case, biases", CASES_WITH_BIASES, ids=case_id)


def float_path(case):
    return HERE / case[0] / "float32.tflite"


def their_path(case):
    return HERE / case[0] / f"{case[1]}.tflite"


def is_dynamic(case):
    return case[1].startswith("dynamic")


def read(path):
    return circle_builder.unpack(path.read_bytes())


def entries(case):
    return quantizer_params.entries(read(float_path(case)), read(their_path(case)))


def implant(case, biases, folder, source=None):
    """The path of what q-implant makes with the quantizer's parameters, without a warning."""
    chosen = entries(case)
    if biases == "derived":
        chosen = [entry for entry in chosen if entry.dtype not in ("int32", "int64")]
        assert len(chosen) < len(entries(case))
    param_set.write(folder, chosen)
    source = source or float_path(case)
    output = folder / f"quantized{source.suffix}"
    options = ["--hybrid"] if is_dynamic(case) else []
    if case[1].startswith("weight_only"):
        options.append("--weight_only")
    if case[1].endswith("float_ends"):
        options += ["--input_type", "float32", "--output_type", "float32"]
    run = subprocess.run([commands.find("q-implant"), "--input", source, "--param",
                          folder / "param.json", "--output", output, *options],
                         capture_output=True, text=True, check=False)
    assert (run.returncode, commands.without_runtime_warnings(run.stderr)) == (0, "")
    return output


def random_inputs(path):
    """Arrays [SAMPLES, *shape] in the types of the graph's inputs."""
    rng = np.random.default_rng(5)
    return [rng.integers(0, float_models.NAMES, (SAMPLES, *end.shape), dtype=np.int32)
            if end.dtype == "int32" else
            run_model.quantize(rng.normal(size=(SAMPLES, *end.shape)), end)
            for end in run_model.graph_ends(path)[0]]  # yapf: disable


def output_names(case):
    graph = read(float_path(case)).subgraphs[0]
    return [circle_builder.tensor_name(graph.tensors[i]) for i in graph.outputs]


def outputs(case, path, inputs, delegates):
    """{name: array [SAMPLES, *shape]}; names as the float32 model has them."""
    arrays = run_model.run_litert_many(path, inputs, delegates)
    return dict(zip(output_names(case), arrays, strict=True))


def unequal(case, theirs, ours, inputs):
    """The names of outputs that LiteRT computes differently from the two models."""
    names = set()
    for delegates in (True, False):
        one, other = (outputs(case, path, inputs, delegates) for path in (theirs, ours))
        names |= {name for name in one if one[name].dtype != other[name].dtype
                  or not np.array_equal(one[name], other[name])}
    return names


def real_values(path, inputs):
    """{name: real values [SAMPLES, *shape]} of every tensor, as LiteRT computes them."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        str(path), num_threads=1, experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    interpreter.allocate_tensors()
    values = collections.defaultdict(list)
    for sample in zip(*inputs, strict=True):
        for detail, array in zip(interpreter.get_input_details(), sample, strict=True):
            interpreter.set_tensor(detail["index"], array)
        interpreter.invoke()
        for detail in interpreter.get_tensor_details():
            if detail["name"]:  # scratch has none
                array = interpreter.get_tensor(detail["index"])
                values[detail["name"]].append(dequantize(array, detail["quantization_parameters"]))
    return {name: np.stack(samples) for name, samples in values.items()}


def dequantize(values, parameters):
    scales, zero_points = parameters["scales"], parameters["zero_points"]
    if not len(scales):
        return values
    along = [1] * values.ndim
    if len(scales) > 1:
        along[parameters["quantized_dimension"]] = -1
    return (values.astype(np.float64) - zero_points.reshape(along)) * scales.reshape(along)


def greatest_error(case, path, inputs, name, reference):
    """How far an output is from the best that its type can hold, in steps (bool: 0 or 1)."""
    names = output_names(case)
    end = run_model.graph_ends(path)[1][names.index(name)]
    output = run_model.dequantize(outputs(case, path, inputs, True)[name], end)
    step = 1
    entry = next((e for e in entries(case) if e.name == name), None)
    if entry is not None:
        step, zero_point = float(entry.scale[0]), int(entry.zerop[0])
        limits = np.iinfo(entry.dtype)
        integers = np.clip(np.rint(reference / step) + zero_point, limits.min, limits.max)
        reference = (integers - zero_point) * step
    error = np.max(np.abs(output - reference)[np.isfinite(reference)]) / step
    return round(float(error), 3)  # scales are float32


@pytest.mark.parametrize("model", float_models.MODELS)
def test_float_models_are_those_of_the_script(model):
    assert (HERE / model / "float32.tflite").read_bytes() == float_models.MODELS[model]()


def test_every_result_is_a_case():
    files = {(path.parent.name, path.stem) for path in HERE.glob("*/*.tflite")}
    listed = {(model, recipe) for model, recipes in float_models.CASES.items()
              for recipe in ["float32", *recipes]}
    assert files == listed
    assert set(differences.BY_CASE) <= listed


def change_scale(graph, model):
    quant = graph.tensors[graph.operators[1].outputs[0]].quantization
    quant.scale = np.nextafter(quant.scale, np.float32(1))


def change_constant(graph, model):
    buffer = model.buffers[graph.tensors[graph.operators[1].inputs[1]].buffer]
    buffer.data = buffer.data[:-1] + bytes([buffer.data[-1] ^ 1])


def change_option(graph, model):
    graph.operators[0].builtinOptions.fusedActivationFunction += 1


def change_wiring(graph, model):
    graph.operators[2].inputs = graph.operators[1].inputs[:1]


def change_output(graph, model):
    graph.outputs = graph.operators[0].outputs


@pytest.mark.parametrize("change", [change_scale, change_constant, change_option, change_wiring,
                                    change_output])
def test_graph_diff_tells(change):
    case = ("mlp", "static_int8")
    theirs, changed = read(their_path(case)), read(their_path(case))
    change(changed.subgraphs[0], changed)
    only_theirs, only_changed = graph_diff.compare(read(float_path(case)), theirs, changed)
    assert only_theirs and only_changed
    assert graph_diff.compare(read(float_path(case)), theirs, theirs) == [[], []]


@each_case
def test_graph_is_reproduced(case, biases, tmp_path):
    ours = implant(case, biases, tmp_path)
    expected = differences.BY_CASE.get(case, [])
    only_theirs, only_ours = graph_diff.compare(read(float_path(case)), read(their_path(case)),
                                                read(ours))
    assert only_theirs == sorted(text for d in expected for text in d.theirs)
    assert only_ours == sorted(text for d in expected for text in d.ours)
    problems = model_checker.check(ours)
    assert [p for p in problems if not (is_dynamic(case) and HYBRID.search(p))] == []


@each_case
def test_outputs_are_reproduced(case, biases, tmp_path):
    ours, theirs = implant(case, biases, tmp_path), their_path(case)
    expected = differences.BY_CASE.get(case, [])
    mends = [d.mend for d in expected if d.mend is not None]
    if mends:
        model = read(theirs)
        for mend in mends:
            mend(model)
        theirs = tmp_path / "mended.tflite"
        theirs.write_bytes(circle_builder.pack(model, circle_builder.TFLITE))
    judged = {name for d in expected for name in d.references}
    inputs = random_inputs(ours)
    rounded = {name for d in expected for name in d.rounded}
    assert unequal(case, theirs, ours, inputs) - rounded == judged
    for name in rounded & set(output_names(case)):
        one, other = (outputs(case, path, inputs, True)[name].astype(np.int64)
                      for path in (theirs, ours))
        assert np.abs(one - other).max() <= 1


MENDED = [case for case in CASES
          if any(d.mend is not None for d in differences.BY_CASE.get(case, []))]  # yapf: disable


@pytest.mark.parametrize("case", MENDED, ids=case_id)
def test_mending_is_needed(case, tmp_path):
    ours = implant(case, "annotated", tmp_path)
    inputs = random_inputs(ours)
    if case[0] == "selection":
        with pytest.raises(RuntimeError, match="unpack.cc.* output->type != input->type"):
            outputs(case, their_path(case), inputs, True)
    else:
        assert unequal(case, their_path(case), ours, inputs) == set(output_names(case))


JUDGED = [(case, name) for case in CASES for d in differences.BY_CASE.get(case, [])
          for name in d.references]  # yapf: disable


@pytest.mark.parametrize("case, name", JUDGED, ids=case_id)
def test_ours_is_right_where_kernels_misread_theirs(case, name, tmp_path):
    ours = implant(case, "annotated", tmp_path)
    inputs = random_inputs(ours)
    reference = next(d.references[name] for d in differences.BY_CASE[case] if name in d.references)
    expected = reference(real_values(ours, inputs))
    is_bool = expected.dtype == bool
    assert greatest_error(case, ours, inputs, name, expected) <= (0 if is_bool else 1)
    assert greatest_error(case, their_path(case), inputs, name, expected) > (0 if is_bool else 1)


@pytest.mark.parametrize("model", float_models.MODELS)
def test_circle_gives_the_same_graph(model, tmp_path):
    case = (model, "static_int8")
    circle_path = tmp_path / "float32.circle"
    circle_path.write_bytes(
        circle_builder.repack(float_path(case).read_bytes(), circle_builder.CIRCLE))
    ours = [implant(case, "annotated", tmp_path / kind, source)
            for kind, source in (("tflite", float_path(case)), ("circle", circle_path))]
    assert graph_diff.compare(read(float_path(case)), *map(read, ours)) == [[], []]


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_q_extract_finds_the_same_parameters(case, tmp_path):
    """What it takes out of the quantizer's model gives the same file as what this suite takes out."""
    done = subprocess.run([commands.find("q-extract"), "--input", their_path(case), "--output_dir",
                           tmp_path / "extracted"], capture_output=True, text=True, check=True)
    words = re.search(r"^  q-implant (.*)$", done.stdout, re.MULTILINE)[1].split()
    result = tmp_path / "extracted.tflite"
    places = {"FLOAT32_MODEL": float_path(case), "QUANTIZED_MODEL": result}
    subprocess.run([commands.find("q-implant"), *(places.get(w, w) for w in words)],
                   capture_output=True, check=True)
    assert result.read_bytes() == implant(case, "annotated", tmp_path).read_bytes()
