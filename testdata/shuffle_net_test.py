# SPDX-License-Identifier: Apache-2.0
"""A small ShuffleNet as tico exports PyTorch's: it runs on onert in integers, and as on LiteRT.

NCHW between Transposes, halves of the channels cut by a Slice, a shuffle of five dimensions, a
Relu of its own behind each convolution, a Mean over axes 2 and 3 that drops them, a Linear. The
parameters are those that its own values ask for, int8, a scale per channel for convolutions.
"""

import pathlib
import subprocess
import sys

import circle_builder
import commands
import numpy as np
import param_set
import pytest
import run_model

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "operator_claims"))
import reference  # noqa: E402 pylint: disable=wrong-import-position

_SAMPLES = 24
_NHWC, _NCHW = (0, 2, 3, 1), (0, 3, 1, 2)


class _Net:
    """Builds the model and computes its values on the samples; entries: its parameters."""

    def __init__(self, samples):
        self.rng = np.random.default_rng(7)
        self.builder = circle_builder.CircleBuilder()
        self.values, self.entries, self.count = {}, [], 0
        self.input = self.builder.add_tensor("image", samples.shape[1:])
        self.values[self.input] = samples.astype(np.float64)
        self.annotate(self.input)

    def name(self, kind):
        self.count += 1
        return f"tico::{kind}_{self.count}"

    def node(self, op, inputs, value, options=None, **fields):
        out = self.builder.add_tensor(self.name(op.lower()), value.shape[1:])
        self.builder.add_operator(op, inputs, [out], options, **fields)
        self.values[out] = value
        return out

    def constant(self, values, dtype=None):
        return self.builder.add_constant(self.name("c"), np.asarray(values), dtype)

    def annotate(self, tensor):
        """int8, of the range of the values."""
        values = self.values[tensor]
        low, high = min(values.min(), 0), max(values.max(), 0)
        scale = np.float32((high - low) / 255)
        name = self.builder.graph.tensors[tensor].name
        self.entries.append(param_set.Entry(
            name, "int8", np.array([scale]), np.array([int(np.rint(-128 - low / scale))])))
        return tensor

    def weights(self, shape, axis, per_channel=True):
        values = self.rng.normal(0, 1 / np.sqrt(np.prod(shape) / shape[axis]), shape)
        others = tuple(i for i in range(len(shape)) if i != axis)
        scale = np.abs(values).max(others if per_channel else None).reshape(-1) / 127
        index = self.constant(values.astype(np.float32))
        self.entries.append(param_set.Entry(
            self.builder.graph.tensors[index].name, "int8", scale.astype(np.float32),
            np.zeros(len(scale), np.int64), axis if per_channel else 0))
        return index, values.astype(np.float32).astype(np.float64)

    def transpose(self, x, perm):
        value = self.values[x].transpose(0, *[axis + 1 for axis in perm])
        # The batch of one image is an axis of its own here.
        return self.node("TRANSPOSE", [x, self.constant(np.int32(perm))], value,
                         "TransposeOptions")

    def reshape(self, x, shape):
        value = self.values[x].reshape(-1, *shape)
        return self.node("RESHAPE", [x, self.constant(np.int32(shape))], value, "ReshapeOptions",
                         newShape=list(shape))

    def convolve(self, x, channels, kernel, stride=1, depthwise=False, relu=True):
        """On NHWC."""
        data = self.values[x][:, 0]
        depth = data.shape[-1]
        padding = ((kernel // 2, kernel // 2),) * 2 if stride == 1 else "SAME"
        axis = 3 if depthwise else 0
        shape = (1, kernel, kernel, depth) if depthwise else (channels, kernel, kernel, depth)
        index, weights = self.weights(shape, axis)
        bias = self.rng.normal(0, 0.1, channels).astype(np.float32)
        windows = reference.strided_windows(data, (kernel, kernel), (stride, stride), (1, 1),
                                            padding)
        form = "nhwklc,klc->nhwc" if depthwise else "nhwklc,oklc->nhwo"
        value = np.einsum(form, windows, weights[0] if depthwise else weights) + bias
        fields = {"padding": circle_builder.circle.Padding.Padding.SAME, "strideH": stride,
                  "strideW": stride, "dilationHFactor": 1, "dilationWFactor": 1}
        op, options = "CONV_2D", "Conv2DOptions"
        if depthwise:
            op, options, fields["depthMultiplier"] = "DEPTHWISE_CONV_2D", "DepthwiseConv2DOptions", 1
        out = self.node(op, [x, index, self.constant(bias)], value[:, None], options, **fields)
        if relu:
            out = self.node("RELU", [out], np.maximum(self.values[out], 0))
        return self.annotate(out)

    def slice(self, x, begin, size):
        value = self.values[x][:, :, begin[1]:begin[1] + size[1]]
        return self.node("SLICE", [x, self.constant(np.int32(begin)), self.constant(np.int32(size))],
                         value, "SliceOptions")

    def concatenate(self, a, b):
        value = np.concatenate([self.values[a], self.values[b]], 2)
        return self.annotate(self.node("CONCATENATION", [a, b], value, "ConcatenationOptions",
                                       axis=1))

    def unit(self, x):
        """One half of the channels through three convolutions, then the shuffle."""
        _, channels, height, width = self.values[x].shape[1:]
        half = channels // 2
        kept = self.slice(x, (0, 0, 0, 0), (1, half, height, width))
        other = self.transpose(self.slice(x, (0, half, 0, 0), (1, half, height, width)), _NHWC)
        other = self.convolve(other, half, 1)
        other = self.convolve(other, half, 3, depthwise=True, relu=False)
        other = self.transpose(self.convolve(other, half, 1), _NCHW)
        joined = self.concatenate(kept, other)
        pairs = self.reshape(joined, (1, 2, half, height, width))
        return self.reshape(self.transpose(pairs, (0, 2, 1, 3, 4)), (1, channels, height, width))

    def classify(self, x, classes):
        value = self.values[x].mean((3, 4))
        mean = self.annotate(self.node("MEAN", [x, self.constant(np.int32([2, 3]))], value,
                                       "ReducerOptions", keepDims=False))
        index, weights = self.weights((classes, value.shape[-1]), 0, per_channel=False)
        bias = self.rng.normal(0, 0.1, classes).astype(np.float32)
        return self.annotate(self.node(
            "FULLY_CONNECTED", [mean, index, self.constant(bias)], value @ weights.T + bias,
            "FullyConnectedOptions"))


@pytest.fixture(scope="module", name="net")
def _net(tmp_path_factory):
    """(folder of model.circle and param.json, samples, what the float32 network computes)."""
    samples = np.random.default_rng(1).normal(0, 1, (_SAMPLES, 1, 3, 16, 16)).astype(np.float32)
    net = _Net(samples)
    x = net.transpose(net.convolve(net.transpose(net.input, _NHWC), 16, 3, 2), _NCHW)
    out = net.classify(net.unit(net.unit(x)), 10)
    net.builder.set_io([net.input], [out])
    folder = tmp_path_factory.mktemp("shuffle_net")
    (folder / "model.circle").write_bytes(net.builder.finish())
    param_set.write(folder, net.entries)
    return folder, samples, net.values[out]


def _snr(got, expected):
    return 10 * np.log10((expected**2).sum() / ((got - expected)**2).sum())


def _written(folder, target):
    path = folder / f"{target}.circle"
    done = subprocess.run([commands.find("q-implant"), folder / "model.circle",
                           folder / "param.json", path, "--target", target], check=True,
                          capture_output=True, text=True)
    return path, done.stderr


def test_the_float32_network_is_what_litert_computes(net):
    folder, samples, expected = net
    (got,) = run_model.run_litert_many(folder / "model.circle", [samples])
    assert _snr(got, expected) > 100


@pytest.mark.parametrize("quantized", (False, True))
def test_it_runs_on_onert(net, quantized, tmp_path):
    folder, samples, expected = net
    if not quantized:
        (tmp_path / "model.circle").write_bytes((folder / "model.circle").read_bytes())
        (tmp_path / "param.json").write_text("{}")
    path, told = _written(folder if quantized else tmp_path, "onert")
    assert "warning: " not in told
    (got,) = run_model.run_float_many(run_model.run_onert_many, path, [samples])
    if not quantized:
        assert _snr(got, expected) > 100
        return
    litert, _ = _written(folder, "litert")
    (other,) = run_model.run_float_many(run_model.run_litert_many, litert, [samples])
    assert abs(_snr(got, expected) - _snr(other, expected)) < 3
    assert _snr(got, expected) > 25


def test_all_of_it_is_integer_on_onert(net):
    path, _ = _written(net[0], "onert")
    model = circle_builder.unpack(path.read_bytes())
    graph = model.subgraphs[0]
    assert {circle_builder.type_name(t.type) for t in graph.tensors} == {"uint8", "int32"}
    names = {circle_builder.operator_name(model, node) for node in graph.operators}
    assert names == {"CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE", "RESHAPE", "SLICE",
                     "CONCATENATION", "MEAN", "FULLY_CONNECTED"}
