# SPDX-License-Identifier: Apache-2.0
"""Tests of the committed test data and of the helpers beside it: python -m pytest testdata

Needs numpy, flatbuffers, circle-schema, onert, ai-edge-litert and pytest; not PyTorch.
"""

import filecmp
import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import circle_builder  # noqa: E402
import run_model  # noqa: E402

RUNTIMES = {"litert": run_model.run_litert_many, "onert": run_model.run_onert_many}
SETS = ["conv2d_request", "digits/uint8", "digits/int8"]


def read_graph(path):
    model = circle_builder.unpack(path.read_bytes())
    return model, {circle_builder.tensor_name(t): t for t in model.subgraphs[0].tensors}


def run_script(name, *args):
    subprocess.run([sys.executable, HERE / name, *args], check=True)


@pytest.fixture(scope="module")
def mobilenet(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mobilenet")
    run_script("mobilenet_v2/make.py", folder, "--width", "0.35", "--resolution", "96")
    return folder


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_digits_float_model_gives_pytorchs_logits(runtime):
    images = np.load(HERE / "digits/inputs.npy")[:, None]
    logits = RUNTIMES[runtime](HERE / "digits/model.circle", [images])[0][:, 0]
    np.testing.assert_allclose(logits, np.load(HERE / "digits/logits.npy"), atol=1e-4)


@pytest.mark.parametrize("name", ["float32", "uint8", "int8"])
def test_digits_recorded_accuracy_is_that_of_the_logits(name):
    folder = HERE / "digits" / ("" if name == "float32" else name)
    predictions = np.load(folder / "logits.npy").argmax(1)
    accuracy = np.mean(predictions == np.load(HERE / "digits/labels.npy"))
    recorded = json.loads((HERE / "digits/results.json").read_text())["pytorch_accuracy"][name]
    assert accuracy == pytest.approx(recorded, abs=1e-6)


@pytest.mark.parametrize("name", SETS)
def test_param_sets_fit_their_models(name):
    folder = HERE / name
    source = folder if (folder / "model.circle").exists() else folder.parent
    model, tensors = read_graph(source / "model.circle")
    names = {}
    if (folder / "name_map.json").exists():
        names = json.loads((folder / "name_map.json").read_text())
    for key, fields in json.loads((folder / "param.json").read_text()).items():
        tensor = tensors[names.get(key, key)]
        scale, zerop = np.load(folder / fields["scale"]), np.load(folder / fields["zerop"])
        assert scale.dtype == np.float32 and zerop.dtype == np.int64
        assert scale.shape == zerop.shape
        floats = circle_builder.constant(model, tensor)
        assert (floats is not None) == ("value" in fields), key
        if floats is not None:
            value = np.load(folder / fields["value"])
            assert (value.dtype.name, value.shape) == (fields["dtype"], floats.shape), key
            assert len(scale) in (1, floats.shape[fields["quantized_dimension"]]), key


@pytest.mark.parametrize("name", ["uint8", "int8"])
def test_digits_integer_weights_are_not_the_rounded_float_weights(name):
    results = json.loads((HERE / "digits/results.json").read_text())
    assert min(results["weights_changed_by_training"][name].values()) > 0.25


def test_conv2d_request_is_what_its_script_makes(tmp_path):
    run_script("conv2d_request/make.py", tmp_path)
    made = sorted(p.name for p in tmp_path.iterdir())
    assert len(made) == 14
    _, differ, missing = filecmp.cmpfiles(tmp_path, HERE / "conv2d_request", made, shallow=False)
    assert (differ, missing) == ([], [])


def test_mobilenet_annotates_every_tensor_but_the_axes(mobilenet):
    model, tensors = read_graph(mobilenet / "model.circle")
    kinds = [circle_builder.operator_name(model, o) for o in model.subgraphs[0].operators]
    assert kinds.count("CONV_2D") + kinds.count("DEPTHWISE_CONV_2D") == 52
    document = json.loads((mobilenet / "param.json").read_text())
    assert set(tensors) - set(document) == {"pool/axes"}


def test_mobilenet_runs_alike_on_both_runtimes(mobilenet):
    sample = [np.load(mobilenet / "input.npy")]
    litert, = run_model.run_litert(mobilenet / "model.circle", sample)
    onert, = run_model.run_onert(mobilenet / "model.circle", sample)
    assert litert.std() > 0.1
    np.testing.assert_allclose(onert, litert, atol=1e-3)


def test_onert_failure_is_reported(tmp_path):
    path = tmp_path / "broken.circle"
    path.write_bytes(b"no model")
    with pytest.raises(RuntimeError, match="broken.circle: child ended with"):
        run_model.run_onert(path, [np.zeros(1, np.float32)])


def test_quantize_rounds_ties_to_even_and_clamps():
    end = run_model.End("x", (4,), "uint8", 0.5, 10)
    values = run_model.quantize([0.25, 0.75, -100, 1000], end)
    assert values.dtype == np.uint8 and values.tolist() == [10, 12, 0, 255]
    assert run_model.dequantize(values, end).tolist() == [0, 1, -5, 122.5]


def test_builder_aligns_buffers_and_packs_4bit():
    builder = circle_builder.CircleBuilder()
    builder.add_constant("a", np.arange(3, dtype=np.uint8))
    builder.add_constant("b", [-2, -1, 0, 1, 7], "int4", quant=(0.5,))
    data = builder.finish()
    root = circle_builder.circle.Model.Model.GetRootAs(data)
    buffers = [root.Buffers(i) for i in range(1, root.BuffersLength())]
    assert [b._tab.Vector(b._tab.Offset(4)) % 16 for b in buffers] == [0, 0]
    assert buffers[1].DataAsNumpy().tolist() == [0xFE, 0x10, 0x07]
    assert circle_builder.pack(circle_builder.unpack(data)) == data


def test_unpack_brings_appended_payloads_in():
    builder = circle_builder.CircleBuilder()
    builder.add_constant("a", np.arange(4, dtype=np.float32))
    buffer = builder.model.buffers[1]
    payload, buffer.data = buffer.data, None
    buffer.offset, buffer.size = 4096, len(payload)
    data = builder.finish().ljust(4096, b"\0") + payload
    model = circle_builder.unpack(data)
    values = circle_builder.constant(model, model.subgraphs[0].tensors[0])
    assert values.tolist() == [0, 1, 2, 3]
