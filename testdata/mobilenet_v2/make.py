# SPDX-License-Identifier: Apache-2.0
"""Builds a MobileNetV2-shaped float32 circle and a parameter set for its tensors, untrained.

    python testdata/mobilenet_v2/make.py OUTPUT_FOLDER [--dtype int8|uint8] [--width 1.0]
        [--resolution 224] [--standalone_relu6] [--seed 0]

Writes model.circle (input [1, R, R, 3], output [1, 1000]; 52 convolutions with BatchNorm folded,
residual Adds, Mean, FullyConnected), input.npy (a sample of it) and param.json with its npy files.
Weights are random with the usual variance, activation ranges come from running the float32 model on
LiteRT. int8: per-channel weights; uint8: per-tensor weights. With --standalone_relu6 each Relu6 is
a node of its own and the convolution before it carries no parameters, as PyTorch's quantizers have
it; without it every tensor is annotated. The same arguments give the same files.
Needs numpy, flatbuffers, circle-schema and ai-edge-litert.
"""

import argparse
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import circle_builder  # noqa: E402
import param_set  # noqa: E402

CLASSES = 1000
CALIBRATION_SAMPLES = 2
RELU6 = 3  # ActivationFunctionType
# expansion, channels, repeats, first stride: table 2 of the MobileNetV2 paper
BLOCKS = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
          (6, 320, 1, 1)]


def divisible_by_8(channels):
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


class MobileNetV2:
    """The model while it is built. Tensors: name to index; weights: (name, array, channel axis)."""

    def __init__(self, width, resolution, standalone_relu6, seed):
        self.builder = circle_builder.CircleBuilder()
        self.standalone_relu6 = standalone_relu6
        self.generator = np.random.default_rng(seed)
        self.activations = []  # names of the tensors to annotate
        self.weighted = []  # (input name, weights name, weights, channel axis, bias name, bias)
        self._index, self._shape = {}, {}

        x = first = self._activation("image", (1, resolution, resolution, 3))
        x = self._conv("stem", x, divisible_by_8(32 * width), 3, 2)
        number = 0
        for expansion, channels, repeats, stride in BLOCKS:
            for repeat in range(repeats):
                x = self._block(f"block{number}", x, expansion, divisible_by_8(channels * width),
                                1 if repeat else stride)
                number += 1
        x = self._conv("head", x, divisible_by_8(1280 * max(1.0, width)), 1, 1)
        x = self._classifier(x)
        self.builder.set_io([self._index[first]], [self._index[x]])

    def _activation(self, name, shape, annotated=True):
        self._index[name] = self.builder.add_tensor(name, shape)
        self._shape[name] = shape
        if annotated:
            self.activations.append(name)
        return name

    def _weights(self, name, source, shape, axis):
        """Random weights and bias; returns their tensor indices."""
        channels = shape[axis]
        fan_in = np.prod(shape) / channels
        weights = self.generator.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)
        bias = self.generator.normal(0, 0.1, channels).astype(np.float32)
        self.weighted.append((source, f"{name}/weights", weights, axis, f"{name}/bias", bias))
        return [self.builder.add_constant(f"{name}/weights", weights),
                self.builder.add_constant(f"{name}/bias", bias)]

    def _conv(self, name, source, channels, kernel, stride, clamp=True, depthwise=False):
        batch, height, width, depth = self._shape[source]
        shape = (batch, -(-height // stride), -(-width // stride), channels)
        own_relu6 = clamp and self.standalone_relu6
        target = f"{name}/conv" if own_relu6 else name
        options = dict(padding=0, strideW=stride, strideH=stride,
                       fusedActivationFunction=RELU6 if clamp and not own_relu6 else 0)
        if depthwise:
            constants = self._weights(name, source, (1, kernel, kernel, channels), 3)
            kind = ("DEPTHWISE_CONV_2D", "DepthwiseConv2DOptions")
            options["depthMultiplier"] = 1
        else:
            constants = self._weights(name, source, (channels, kernel, kernel, depth), 0)
            kind = ("CONV_2D", "Conv2DOptions")
        self._activation(target, shape, annotated=not own_relu6)
        self.builder.add_operator(kind[0], [self._index[source], *constants],
                                  [self._index[target]], kind[1], **options)
        if own_relu6:
            self._activation(name, shape)
            self.builder.add_operator("RELU6", [self._index[target]], [self._index[name]])
        return name

    def _block(self, name, source, expansion, channels, stride):
        depth = self._shape[source][3]
        x = source
        if expansion != 1:
            x = self._conv(f"{name}/expand", x, depth * expansion, 1, 1)
        x = self._conv(f"{name}/depthwise", x, depth * expansion, 3, stride, depthwise=True)
        x = self._conv(f"{name}/project", x, channels, 1, 1, clamp=False)
        if stride != 1 or depth != channels:
            return x
        self._activation(f"{name}/add", self._shape[x])
        self.builder.add_operator("ADD", [self._index[source], self._index[x]],
                                  [self._index[f"{name}/add"]], "AddOptions")
        return f"{name}/add"

    def _classifier(self, source):
        depth = self._shape[source][3]
        axes = self.builder.add_constant("pool/axes", np.array([1, 2], np.int32))
        self._activation("pool", (1, depth))
        self.builder.add_operator("MEAN", [self._index[source], axes], [self._index["pool"]],
                                  "ReducerOptions", keepDims=False)
        constants = self._weights("classifier", "pool", (CLASSES, depth), 0)
        self._activation("classifier", (1, CLASSES))
        self.builder.add_operator("FULLY_CONNECTED", [self._index["pool"], *constants],
                                  [self._index["classifier"]], "FullyConnectedOptions")
        return "classifier"


def activation_ranges(model, samples):
    """{name: (min, max)} of every activation over the samples, run on LiteRT's own kernels."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        model_content=circle_builder.repack(model, circle_builder.TFLITE),
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True, num_threads=2)
    interpreter.allocate_tensors()
    details = [d for d in interpreter.get_tensor_details() if d["name"]]
    ranges = {}
    for sample in samples:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], sample)
        interpreter.invoke()
        for detail in details:
            values = interpreter.get_tensor(detail["index"])
            low, high = ranges.get(detail["name"], (0.0, 0.0))
            ranges[detail["name"]] = (min(low, values.min()), max(high, values.max()))
    return ranges


def asymmetric(dtype, low, high):
    """(scale, zero point) as arrays of one, for a range with 0 in it."""
    limits = np.iinfo(dtype)
    scale = np.array([(high - low) / 255], np.float32)
    return scale, np.rint(limits.min - low / scale).astype(np.int64)


def parameter_set(net, ranges, dtype):
    """An Entry for each annotated activation, all weights and all biases."""
    entries = [param_set.Entry(name, dtype, *asymmetric(dtype, *ranges[name]))
               for name in net.activations]
    scales = {entry.name: entry.scale for entry in entries}
    for source, name, weights, axis, bias_name, bias in net.weighted:
        if dtype == "int8":
            others = tuple(i for i in range(weights.ndim) if i != axis)
            scale = (np.abs(weights).max(axis=others) / 127).astype(np.float32)
            zerop = np.zeros(len(scale), np.int64)
            shape = [-1 if i == axis else 1 for i in range(weights.ndim)]
            value = np.clip(np.rint(weights / scale.reshape(shape)), -127, 127)
        else:
            scale, zerop = asymmetric(dtype, weights.min(), weights.max())
            value = np.clip(np.rint(weights / scale) + zerop, 0, 255)
        entries.append(param_set.Entry(name, dtype, scale, zerop, axis, value.astype(dtype)))
        bias_scale = scales[source] * scale
        entries.append(param_set.Entry(bias_name, "int32", bias_scale,
                                       np.zeros(len(bias_scale), np.int64), 0,
                                       np.rint(bias / bias_scale).astype(np.int32)))
    return entries


def make(folder, dtype="int8", width=1.0, resolution=224, standalone_relu6=False, seed=0):
    """Writes everything the module's text names into folder."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    net = MobileNetV2(width, resolution, standalone_relu6, seed)
    model = net.builder.finish()
    (folder / "model.circle").write_bytes(model)
    shape = (CALIBRATION_SAMPLES, 1, resolution, resolution, 3)
    samples = np.random.default_rng(seed + 1).uniform(-1, 1, shape).astype(np.float32)
    np.save(folder / "input.npy", samples[0])
    param_set.write(folder, parameter_set(net, activation_ranges(model, samples), dtype))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--dtype", choices=["int8", "uint8"], default="int8")
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--resolution", type=int, default=224)
    parser.add_argument("--standalone_relu6", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    make(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
