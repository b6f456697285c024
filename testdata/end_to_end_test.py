# SPDX-License-Identifier: Apache-2.0
"""The whole road: models and parameters in, quantized models out, run on LiteRT and onert.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/end_to_end_test.py

Every model that q-implant writes here also passes model_checker.
"""

import json
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

import circle_builder
import commands
import demo
import model_checker
import run_model

HERE = pathlib.Path(__file__).resolve().parent
DIGITS = HERE / "digits"
REQUEST = HERE / "conv2d_request"
RUNTIMES = {"litert": run_model.run_litert_many, "onert": run_model.run_onert_many}
DIGITS_SETS = {s.name: s for s in demo.SETS}
DIGITS_RUNS = [(s.name, runtime) for s in demo.SETS for runtime in s.runtimes]
AS_ANNOTATED = [s.name for s in demo.SETS if s.target is None]
MIN_SNR_DB = 20
# What is told of a model with int8 data and a FullyConnected with a scale per channel.
TOLD_FOR_ONERT = (
    r"remark: .* for onert: \d+ activations are uint8 instead of int8, the same numbers ",
    r"remark: .* for onert: 1 FULLY_CONNECTED became a CONV_2D between Reshapes, ",
)

# The request's example, its JSON without the comments.
REQUEST_JSON = """\
{
  "ifm": {
    "dtype": "uint8",
    "scale": "0.npy",
    "zerop": "1.npy",
    "quantized_dimension": 0
  },
  "ker": {
    "dtype": "uint8",
    "scale": "2.npy",
    "zerop": "3.npy",
    "value": "4.npy",
    "quantized_dimension": 0
  },
  "bias": {
    "dtype": "int32",
    "scale": "5.npy",
    "zerop": "6.npy",
    "value": "7.npy",
    "quantized_dimension": 0
  },
  "ofm": {
    "dtype": "uint8",
    "scale": "8.npy",
    "zerop": "9.npy",
    "quantized_dimension": 0
  }
}
"""


def tells(text, lines):
    """Whether a text has as many lines as given, and these regular expressions begin them."""
    found = text.splitlines()
    return len(found) == len(lines) and all(map(re.match, lines, found))


def implant(command, told=()):
    """Runs a q-implant command line that must succeed; what it wrote must be sound.

    told: how the lines begin that it tells on stderr, regular expressions.
    """
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0 and tells(run.stderr, told), run.stderr
    output = command[command.index("--output") + 1]
    assert model_checker.check(output) == []
    return run.stdout


def implant_digits(name, output, *options, told=()):
    digits_set = DIGITS_SETS[name]
    implant(demo.implant_command(digits_set, output, *options),
            TOLD_FOR_ONERT if digits_set.target == "onert" else told)
    return output


def command(model, param, output, *options):
    return [commands.find("q-implant"), "--input", model, "--param", param, "--output", output,
            *options]


def round_trip(model, output):
    subprocess.run([commands.find("roundtrip_tool"), model, output], check=True)
    return output.read_bytes()


def tensors_of(path):
    """The ModelT of a file and its first graph's tensors by name."""
    model = circle_builder.unpack(pathlib.Path(path).read_bytes())
    return model, {circle_builder.tensor_name(t): t for t in model.subgraphs[0].tensors}


def snr_db(values, expected):
    return 10 * np.log10(np.sum(expected**2) / np.sum((values - expected)**2))


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """The quantized digits model of each set."""
    folder = tmp_path_factory.mktemp("digits")
    return {name: implant_digits(name, folder / f"{name}.circle") for name in DIGITS_SETS}


# --- digits


@pytest.mark.parametrize("name, runtime", DIGITS_RUNS)
def test_digits_are_told_as_pytorch_tells_them(digits, name, runtime):
    expected = np.load(DIGITS_SETS[name].folder / "logits.npy")
    logits = demo.logits(runtime, digits[name])
    assert abs(demo.accuracy(logits) - demo.accuracy(expected)) <= 0.005
    assert demo.agreement(logits, expected) >= 0.99


def test_digits_int8_is_the_same_on_both_runtimes(digits):
    on_litert = demo.logits("LiteRT", digits["int8"])
    on_onert = demo.logits("onert", digits["int8 for onert"])
    assert abs(demo.accuracy(on_onert) - demo.accuracy(on_litert)) <= 0.005
    assert demo.agreement(on_onert, on_litert) >= 0.99
    assert snr_db(on_onert, on_litert) >= 30


@pytest.mark.parametrize("name", AS_ANNOTATED)
def test_digits_nothing_stays_float32(digits, name):
    _, tensors = tensors_of(digits[name])
    kinds = {circle_builder.type_name(t.type) for t in tensors.values()}
    assert kinds == {name, "int32"}


@pytest.mark.parametrize("name", AS_ANNOTATED)
def test_digits_annotations_are_in_the_file_exactly(digits, name):
    model, tensors = tensors_of(digits[name])
    folder = DIGITS / name
    names = {}
    if (folder / "name_map.json").exists():
        names = json.loads((folder / "name_map.json").read_text())
    document = json.loads((folder / "param.json").read_text())
    assert len(document) == {"uint8": 20, "int8": 15}[name]
    for key, fields in document.items():
        tensor = tensors[names.get(key, key)]
        assert circle_builder.type_name(tensor.type) == fields["dtype"]
        quantization = tensor.quantization
        for found, field in ((quantization.scale, "scale"), (quantization.zeroPoint, "zerop")):
            assert np.asarray(found).tobytes() == np.load(folder / fields[field]).tobytes(), key
        assert quantization.quantizedDimension == fields["quantized_dimension"]
        if "value" in fields:
            value = circle_builder.constant(model, tensor)
            np.testing.assert_array_equal(value, np.load(folder / fields["value"]), strict=True)


def test_digits_bias_without_annotation_is_derived_from_the_float_bias(digits):
    float_model, float_tensors = tensors_of(DIGITS / "model.circle")
    model, tensors = tensors_of(digits["int8"])
    operators = [o for o in model.subgraphs[0].operators if len(o.inputs) == 3]
    assert len(operators) == 5
    by_index = model.subgraphs[0].tensors
    for operator in operators:
        data, weights, bias = (by_index[i] for i in operator.inputs)
        scale = np.float32(data.quantization.scale[0]) * np.asarray(weights.quantization.scale,
                                                                    np.float32)
        name = circle_builder.tensor_name(bias)
        floats = circle_builder.constant(float_model, float_tensors[name])
        expected = np.rint(floats / scale).astype(np.int32)
        np.testing.assert_array_equal(circle_builder.constant(model, bias), expected, strict=True)


@pytest.mark.parametrize("name, runtime", DIGITS_RUNS)
@pytest.mark.parametrize("float_input, float_output", [(True, False), (False, True), (True, True)])
def test_digits_float_ends_give_the_same_numbers(digits, tmp_path, name, runtime, float_input,
                                                 float_output):
    options = (["--input_type", "float32"] * float_input
               + ["--output_type", "float32"] * float_output)
    # The Quantize behind an int8 model's input.
    told = [r"warning: .* onert computes wrong values for QUANTIZE from float32 to int8; "]
    path = implant_digits(name, tmp_path / "float_ends.circle", *options,
                          told=told if float_input and name == "int8" else [])
    for side, (plain, changed) in enumerate(zip(run_model.graph_ends(digits[name]),
                                                run_model.graph_ends(path))):
        assert [e.name for e in changed] == [e.name for e in plain]
        is_float = (float_input, float_output)[side]
        assert [e.dtype for e in changed] == ["float32" if is_float else e.dtype for e in plain]
        assert {e.dtype for e in plain} == {"int8" if name == "int8" else "uint8"}
    np.testing.assert_array_equal(demo.logits(runtime, path), demo.logits(runtime, digits[name]))


def test_digits_int8_for_litert_is_as_annotated(digits, tmp_path):
    path = implant_digits("int8", tmp_path / "litert.circle", "--target", "litert")
    assert path.read_bytes() == digits["int8"].read_bytes()


def test_digits_int8_written_as_uint8_is_misread_by_onert_and_told(digits, tmp_path):
    path = implant_digits(
        "int8", tmp_path / "uint8.circle", "--eight_bit", "uint8",
        told=[r"remark: .* 17 tensors are uint8 instead of int8, the same numbers with zero ",
              r"warning: .* tensor 'torch\.nn\.modules\.linear\.Linear::linear': onert computes wrong values for FULLY_CONNECTED with weights of uint8, 10 scales along axis "])
    right = demo.logits("LiteRT", digits["int8"])
    assert snr_db(demo.logits("onert", path), right) < MIN_SNR_DB
    # Loud, so no warning: LiteRT has no kernels for uint8 weights with a scale per channel.
    with pytest.raises(RuntimeError, match=r"\(CONV_2D\) failed to prepare"):
        demo.logits("LiteRT", path)


# --- the demo


def test_demo():
    run = subprocess.run([sys.executable, HERE / "demo.py"], capture_output=True, text=True,
                         check=False)
    assert run.returncode == 0 and tells(run.stderr, TOLD_FOR_ONERT), run.stderr
    paths = [pathlib.Path("build/demo", f"digits_{name}.circle")
             for name in ("uint8", "int8", "int8_for_onert")]
    for path in paths:
        assert f"--output {path}\n{path}: " in run.stdout
        assert model_checker.check(commands.REPOSITORY / path) == []
    rows = run.stdout[run.stdout.index("float32  "):].splitlines()
    number = r" +\d+\.\d\d %"
    assert re.fullmatch(r"float32 +98\.67 % +98\.67 % +98\.67 % +100\.00 % +100\.00 % +29,376 B",
                        rows[0])
    assert re.fullmatch(rf"uint8{number * 5} +11,200 B +\d+ ms", rows[1])
    assert re.fullmatch(rf"int8{number} +— .1.{number} +— .1.{number} +13,248 B +\d+ ms", rows[2])
    assert re.fullmatch(rf"int8 for onert{number * 2} +— .2.{number} +— .2. +13,928 B +\d+ ms",
                        rows[3])
    assert rows[4:] == ["[1] onert does not run int8: cker::MaxPool : Unsupported data type",
                        "[2] LiteRT does not run int8 for onert: CONV_2D failed to prepare"]


def demo_row(**fields):
    row = demo.Row("uint8", DIGITS / "model.circle", ("LiteRT",), np.load(DIGITS / "logits.npy"))
    for name, value in fields.items():
        setattr(row, name, {"LiteRT": value})
    return row


def test_demo_bars_hold_for_pytorchs_own_numbers():
    expected = demo.accuracy(np.load(DIGITS / "logits.npy"))
    assert list(demo_row(accuracies=expected, agreements=1).problems()) == []


def test_demo_bars():
    assert list(demo_row(accuracies=0.98, agreements=0.989).problems()) == [
        "uint8: accuracy on LiteRT is 98.00 %, in PyTorch 98.67 %; at most 0.5 points apart are "
        "allowed",
        "uint8: 98.90 % of the predictions on LiteRT are PyTorch's; at least 99.00 % must be"]
    assert list(demo_row(refusals="no kernel").problems()) == [
        "uint8: LiteRT refused it: no kernel"]


# --- the request's example


@pytest.fixture(scope="module")
def request_model(tmp_path_factory):
    path = tmp_path_factory.mktemp("request") / "output.circle"
    told = implant(command(REQUEST / "model.circle", REQUEST / "param.json", path))
    assert told == (f"{path}: 4 tensors annotated, 0 propagated, 0 derived, 0 left float32; "
                    f"1 of 1 operators integer; 544 bytes before, {path.stat().st_size} after\n")
    return path


def request_array(number):
    return np.load(REQUEST / f"{number}.npy")


def test_request_param_file_is_the_requests():
    assert (REQUEST / "param.json").read_text() == REQUEST_JSON


def test_request_model_holds_the_parameters(request_model):
    model, tensors = tensors_of(request_model)
    assert set(tensors) == {"ifm", "ker", "bias", "ofm"}
    files = {"ifm": ("uint8", 0, 1, None), "ker": ("uint8", 2, 3, 4), "bias": ("int32", 5, 6, 7),
             "ofm": ("uint8", 8, 9, None)}
    zero_points = set()
    for name, (dtype, scale, zerop, value) in files.items():
        quantization = tensors[name].quantization
        assert circle_builder.type_name(tensors[name].type) == dtype
        np.testing.assert_array_equal(quantization.scale, request_array(scale))
        np.testing.assert_array_equal(quantization.zeroPoint, request_array(zerop))
        zero_points |= set(quantization.zeroPoint.tolist())
        if value is not None:
            np.testing.assert_array_equal(circle_builder.constant(model, tensors[name]),
                                          request_array(value), strict=True)
    assert len(zero_points) == 4  # no side can be taken for another


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_request_runs_as_numpy_computes(request_model, runtime):
    inputs = np.load(REQUEST / "ifm.npy")
    outputs, = RUNTIMES[runtime](request_model, [inputs])
    # sum((ifm - zero point) (ker - zero point)) + bias, in integers, then to the output's scale
    total = np.einsum("nbhwi,oi->nbhwo", inputs.astype(np.int64) - request_array(1),
                      request_array(4).reshape(1, 2).astype(np.int64) - request_array(3))
    total += request_array(7)
    factor = (request_array(0).astype(np.float64) * request_array(2) / request_array(8))
    expected = np.clip(np.rint(total * factor) + request_array(9), 0, 255)
    assert expected.std() > 30
    assert outputs.shape == expected.shape
    assert np.abs(outputs - expected).max() <= 1


# --- a MobileNetV2-shaped model

MOBILENETS = {
    "int8": ("--dtype", "int8"),
    "uint8": ("--dtype", "uint8"),
    "int8_relu6": ("--dtype", "int8", "--standalone_relu6"),
    "uint8_relu6": ("--dtype", "uint8", "--standalone_relu6"),
}


@pytest.fixture(scope="module", params=MOBILENETS)
def mobilenet(request, tmp_path_factory):
    """(name, folder): the script's model.circle, and output.circle of q-implant."""
    folder = tmp_path_factory.mktemp(request.param)
    subprocess.run([sys.executable, HERE / "mobilenet_v2/make.py", folder,
                    *MOBILENETS[request.param]], check=True)
    implant(command(folder / "model.circle", folder / "param.json", folder / "output.circle"))
    return request.param, folder


def test_mobilenet_has_parameters_for_every_tensor(mobilenet):
    _, folder = mobilenet
    model, tensors = tensors_of(folder / "output.circle")
    document = json.loads((folder / "param.json").read_text())
    for tensor_name, tensor in tensors.items():
        if tensor_name == "pool/axes":
            continue
        assert circle_builder.type_name(tensor.type) != "float32"
        assert len(tensor.quantization.scale) > 0
        fields = document.get(tensor_name)
        if fields is None:  # what a Relu6 of its own reads
            assert tensor_name.endswith("/conv")
            continue
        for field, found in (("scale", tensor.quantization.scale),
                             ("zerop", tensor.quantization.zeroPoint),
                             ("value", circle_builder.constant(model, tensor))):
            if field in fields:
                np.testing.assert_array_equal(found, np.load(folder / fields[field]))
    assert set(document) <= set(tensors)


def test_mobilenet_runs_close_to_the_float_model(mobilenet):
    name, folder = mobilenet
    sample = [np.load(folder / "input.npy")[None]]
    expected, = run_model.run_litert_many(folder / "model.circle", sample)
    for runtime, run_many in RUNTIMES.items():
        path = folder / "output.circle"
        if runtime == "onert" and name.startswith("int8"):
            path = implant_mobilenet_for_onert(folder, name.endswith("_relu6"))
        outputs, = run_model.run_float_many(run_many, path, sample)
        assert snr_db(outputs, expected) >= MIN_SNR_DB, runtime


def implant_mobilenet_for_onert(folder, standalone_relu6):
    path = folder / "onert.circle"
    moved, layer = TOLD_FOR_ONERT
    fused = [r"remark: .* for onert: 35 clamps became part of the operator before"]
    implant(command(folder / "model.circle", folder / "param.json", path, "--target", "onert"),
            [moved, *(fused if standalone_relu6 else []), layer])
    return path


# --- what must not change


@pytest.fixture(scope="module")
def tflite_digits(tmp_path_factory):
    path = tmp_path_factory.mktemp("tflite") / "model.tflite"
    content = (DIGITS / "model.circle").read_bytes()
    path.write_bytes(circle_builder.repack(content, circle_builder.TFLITE))
    return path


@pytest.mark.parametrize("model", ["digits/model.circle", "conv2d_request/model.circle", "tflite"])
def test_no_parameters_change_nothing(tmp_path, tflite_digits, model):
    source = tflite_digits if model == "tflite" else HERE / model
    (tmp_path / "param.json").write_text("{}")
    output = tmp_path / "output.circle"
    implant(command(source, tmp_path / "param.json", output))
    assert output.read_bytes() == round_trip(source, tmp_path / "round_trip.circle")


@pytest.mark.parametrize("name", DIGITS_SETS)
def test_same_inputs_same_bytes(digits, tmp_path, name):
    again = implant_digits(name, tmp_path / "again.circle")
    assert again.read_bytes() == digits[name].read_bytes()


@pytest.mark.parametrize("name", AS_ANNOTATED)
def test_implanting_again_changes_nothing(digits, tmp_path, name):
    line = demo.implant_command(DIGITS_SETS[name], tmp_path / "again.circle")
    line[line.index("--input") + 1] = digits[name]
    implant(line)
    assert (tmp_path / "again.circle").read_bytes() == digits[name].read_bytes()


def test_tflite_stays_tflite(digits, tmp_path, tflite_digits):
    line = demo.implant_command(DIGITS_SETS["int8"], tmp_path / "output.tflite")
    line[line.index("--input") + 1] = tflite_digits
    implant(line)
    content = (tmp_path / "output.tflite").read_bytes()
    assert content[4:8] == b"TFL3"
    np.testing.assert_array_equal(demo.logits("LiteRT", tmp_path / "output.tflite"),
                                  demo.logits("LiteRT", digits["int8"]))
