# SPDX-License-Identifier: Apache-2.0
"""Tests of fake_quant.py: python -m pytest testdata/fake_quant_test.py"""

import pathlib
import sys

import numpy as np
import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import circle_builder  # noqa: E402
import fake_quant  # noqa: E402
import run_model  # noqa: E402
from param_set import Entry  # noqa: E402

DIGITS = HERE / "digits"
MIN_SNR_DB = 40


def entry(name, dtype, scale, zerop=0, axis=0, value=None):
    scale = np.atleast_1d(np.asarray(scale, np.float32))
    return Entry(name, dtype, scale, np.full(len(scale), zerop, np.int64), axis, value)


def layer():
    """x -> FULLY_CONNECTED with weights w -> y -> RELU -> z; y and z are outputs."""
    b = circle_builder.CircleBuilder()
    x, w = b.add_tensor("x", [1, 2]), b.add_constant("w", np.float32([[1, -2], [0.4, 8]]))
    y, z = b.add_tensor("y", [1, 2]), b.add_tensor("z", [1, 2])
    b.add_operator("FULLY_CONNECTED", [x, w, -1], [y], "FullyConnectedOptions")
    b.add_operator("RELU", [y], [z])
    b.set_io([x], [y, z])
    b.add_signature("main", {"x": x}, {"y": y, "z": z})
    return b


def outputs(data, x, folder):
    path = folder / "model.circle"
    path.write_bytes(data)
    return [y.tolist() for y in run_model.run_litert(path, [np.float32(x)])]


@pytest.mark.parametrize("name", ["uint8", "int8"])
def test_digits_give_what_pytorch_computed(name, tmp_path):
    path = tmp_path / "model.circle"
    path.write_bytes(
        fake_quant.fake_quantized((DIGITS / "model.circle").read_bytes(), DIGITS / name))
    images = np.load(DIGITS / "inputs.npy")[:, None]
    logits = run_model.run_litert_many(path, [images], delegates=False)[0][:, 0]
    expected = np.load(DIGITS / name / "logits.npy")
    noise = np.sum((logits - expected)**2)
    assert 10 * np.log10(np.sum(expected**2) / noise) >= MIN_SNR_DB


def test_activations_and_constants_lose_what_their_parameters_lose(tmp_path):
    entries = [entry("x", "uint8", 0.5, 4), entry("w", "int8", [1, 0.5], axis=0),
               entry("y", "int16", 3)]
    data = fake_quant.fake_quantized(layer().finish(), entries)
    # x becomes [1, 125.5], w [[1, -2], [0.5, 8]], y [-250, 1004.5].
    assert outputs(data, [[1.1, 300]], tmp_path) == [[[-249, 1005]], [[0, 1005]]]


def test_imported_integers_stand_for_the_constant(tmp_path):
    value = np.int8([[1, 2], [3, 4]])
    data = fake_quant.fake_quantized(layer().finish(), [entry("w", "int4", 0.5, 1, value=value)])
    assert outputs(data, [[1, 10]], tmp_path) == [[[5, 16]], [[5, 16]]]


def test_signed_symmetric_weights_leave_out_the_least_integer(tmp_path):
    for zerop, least in ((0, -7), (1, -9)):
        data = fake_quant.fake_quantized(layer().finish(), [entry("w", "int4", 0.1, zerop)])
        model = circle_builder.unpack(data)
        values = circle_builder.constant(model, model.subgraphs[0].tensors[1])
        assert values.min() == np.float32(0.1) * np.float32(least)


def test_outputs_and_signatures_are_what_comes_out():
    model = circle_builder.unpack(
        fake_quant.fake_quantized(layer().finish(), [entry("#0/2", "int8", 0.5)]))
    graph = model.subgraphs[0]
    names = [circle_builder.tensor_name(graph.tensors[t]) for t in graph.outputs]
    assert names == ["y_fake_quantized", "z"]
    assert [o.tensorIndex for o in model.signatureDefs[0].outputs] == graph.outputs.tolist()
    kinds = [circle_builder.operator_name(model, o) for o in graph.operators]
    assert kinds == ["FULLY_CONNECTED", "QUANTIZE", "DEQUANTIZE", "RELU"]


def test_a_shared_buffer_is_not_overwritten():
    b = layer()
    other = b.add_tensor("other", [2, 2], buffer=b.graph.tensors[1].buffer)
    model = circle_builder.unpack(
        fake_quant.fake_quantized(b.finish(), [entry("0:w", "int8", 3)]))
    floats = [circle_builder.constant(model, model.subgraphs[0].tensors[t]).tolist()
              for t in (1, other)]
    assert np.array_equal(floats, np.float32([[[0, -3], [0, 9]], [[1, -2], [0.4, 8]]]))


@pytest.mark.parametrize("entries, problem", [
    ([entry("q", "int8", 1)], "0 tensors are named 'q'"),
    ([entry("x", "int8", 1), entry("0:x", "int8", 1)], "two entries name the tensor of '0:x'"),
    ([entry("x", "int4", 1)], "an activation can't be int4"),
    ([entry("x", "int8", [1, 1])], r"2 scale\(s\)"),
    ([entry("w", "int8", 1, value=np.int8([1]))], "its value's shape"),
])
def test_what_can_not_be_built_is_refused(entries, problem):
    with pytest.raises(ValueError, match=problem):
        fake_quant.fake_quantized(layer().finish(), entries)
