# SPDX-License-Identifier: Apache-2.0
"""A whole model that is quantized already, adapted to a runtime (AdaptToTargetPass).

The int8 digits, quantized for no target and then adapted, are the int8 digits quantized for that
target at once: the same tensors but for names, and the same predictions. A bias that is float32
again on the target has gone through int32 on the way.
"""

import subprocess

import numpy as np
import pytest

import circle_builder
import commands
import demo
import model_checker

# More than half a step of the int32 bias of the digits' last operator.
BIAS_STEP = 1e-4

INT8 = next(s for s in demo.SETS if s.name == "int8")
FLOAT32 = circle_builder.tensor_type("float32")
RUNTIMES = {"litert": "LiteRT", "onert": "onert"}


def adapt(target, source, output):
    """Whether the model changed, and what was told."""
    status, changed, told = commands.adapt(target, source, output)
    assert status == 0, told
    assert model_checker.check(output) == []
    return changed, told


@pytest.fixture(scope="module", name="plain")
def _plain(tmp_path_factory):
    return implanted(tmp_path_factory.mktemp("digits") / "plain.circle")


def implanted(path, *options):
    subprocess.run(demo.implant_command(INT8, path, *options), check=True, capture_output=True)
    return path


def tensors(path):
    """{operator of a node, and how many of it there were: (type, scales, bytes) of its tensors}."""
    model = circle_builder.unpack(path.read_bytes())
    graph, found = model.subgraphs[0], {}
    for node in graph.operators:
        name = circle_builder.operator_name(model, node)
        key = (name, sum(k[0] == name for k in found))
        found[key] = [_tensor(model, graph.tensors[i]) for i in (*node.inputs, *node.outputs)
                      if i >= 0]
    return found


def _tensor(model, tensor):
    quantization = tensor.quantization
    params = None if quantization is None or quantization.scale is None else (
        list(quantization.scale), list(quantization.zeroPoint))
    data = model.buffers[tensor.buffer].data
    return tensor.type, params, None if data is None else bytes(data)


def assert_same(found, expected):
    """All but float32 constants to the bit."""
    assert list(found) == list(expected)
    for key, sides in expected.items():
        for (kind, params, data), wanted in zip(found[key], sides, strict=True):
            if (kind, params, data) != wanted:
                assert (kind, params) == wanted[:2] == (FLOAT32, None), key
                np.testing.assert_allclose(np.frombuffer(data, np.float32),
                                           np.frombuffer(wanted[2], np.float32), rtol=0,
                                           atol=BIAS_STEP)


@pytest.mark.parametrize("target", RUNTIMES)
def test_digits_come_to_the_same_as_quantized_for_the_target(plain, tmp_path, target):
    direct = implanted(tmp_path / "direct.circle", "--target", target)
    adapted = tmp_path / "adapted.circle"
    changed, told = adapt(target, plain, adapted)
    assert_same(tensors(adapted), tensors(direct))
    if target == "litert":  # which is right of all that q-implant writes here
        assert (changed, told) == (False, "")
        assert tensors(adapted) == tensors(plain)
    else:
        assert "activations are uint8 instead of int8" in told
    logits = demo.logits(RUNTIMES[target], adapted)
    assert demo.agreement(logits, demo.logits(RUNTIMES[target], direct)) == 1
    expected = np.load(INT8.folder / "logits.npy")
    assert abs(demo.accuracy(logits) - demo.accuracy(expected)) <= 0.005
    assert demo.agreement(logits, expected) >= 0.99


def test_digits_there_and_back(plain, tmp_path):
    """From int8 to uint8 and back: what onert left float32 stays so."""
    onert, litert = tmp_path / "onert.circle", tmp_path / "litert.circle"
    adapt("onert", plain, onert)
    adapt("litert", onert, litert)
    logits = demo.logits("LiteRT", litert)
    assert demo.agreement(logits, demo.logits("LiteRT", plain)) >= 0.99


@pytest.mark.parametrize("target", RUNTIMES)
def test_once_is_enough(plain, tmp_path, target):
    once, twice = tmp_path / "once.circle", tmp_path / "twice.circle"
    adapt(target, plain, once)
    changed, _ = adapt(target, once, twice)
    assert not changed
    assert twice.read_bytes() == once.read_bytes()
