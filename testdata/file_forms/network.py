# SPDX-License-Identifier: Apache-2.0
"""The small network whose file is written in every form, in float32 and in uint8.

Convolution, pooling, Reshape, FullyConnected, a Mul by a scalar, then an Add and a Softmax, which
are the outputs: run-time and constant tensors of rank 0 to 4, controls, two outputs.
"""

import dataclasses
import functools

import numpy as np

from circle_builder import CircleBuilder, quantization, table

SAMPLES = 4
RELU = 1

# The range of each tensor of data, by name; "probabilities" has what Softmax kernels want.
RANGES = {"x": (-1.0, 1.3), "conv": (0.0, 3.0), "pool": (0.0, 3.0), "flat": (0.0, 3.0),
          "dense": (-4.0, 4.5), "scaled": (-2.0, 2.25), "y": (-3.0, 3.4)}
FIXED = {"probabilities": (1 / 255, 0)}
CONSTANTS = {"kernel": (1.0, -1.0), "weights": (1.0, -1.0), "factor": (0.5, 0.0),
             "offset": (1.0, -1.0)}


@dataclasses.dataclass(frozen=True)
class Network:
    """builder: the file's objects. inputs, expected: arrays [SAMPLES, ...] of numpy."""

    builder: CircleBuilder
    inputs: list
    expected: list  # real numbers
    params: dict  # of the outputs: (scale, zero point), None in float32


def uint8_params(name):
    """(scale, zero point) of a tensor in uint8."""
    if name in FIXED:
        return np.float32(FIXED[name][0]), FIXED[name][1]
    high, low = CONSTANTS[name] if name in CONSTANTS else RANGES[name][::-1]
    scale = np.float32((high - low) / 255)
    return scale, int(np.rint(-low / scale))


def _constants():
    rng = np.random.default_rng(7)
    draw = lambda *shape: rng.uniform(-1, 1, shape).astype(np.float32)  # noqa: E731
    return {"kernel": draw(3, 3, 3, 2) * 0.5, "conv_bias": draw(3) * 0.3, "weights": draw(5, 12),
            "dense_bias": draw(5) * 0.3, "factor": np.float32(0.5), "offset": draw(5)}


def _reference(x, c):
    """(y, probabilities) of one sample, in float64."""
    padded = np.pad(x[0].astype(np.float64), ((1, 1), (1, 1), (0, 0)))
    conv = np.array([[[(padded[i:i + 3, j:j + 3] * c["kernel"][o]).sum() for o in range(3)]
                      for j in range(4)] for i in range(4)]) + c["conv_bias"]
    pool = np.maximum(conv, 0).reshape(2, 2, 2, 2, 3).max((1, 3))
    dense = pool.reshape(1, 12) @ c["weights"].T.astype(np.float64) + c["dense_bias"]
    scaled = dense * c["factor"]
    power = np.exp(scaled - scaled.max())
    return scaled + c["offset"], power / power.sum()


@functools.cache
def _samples():
    rng = np.random.default_rng(8)
    x = rng.uniform(-1, 1.3, (SAMPLES, 1, 4, 4, 2)).astype(np.float32)
    rows = [_reference(sample, _constants()) for sample in x]
    return x, [np.stack(column) for column in zip(*rows)]


def _quantize(values, name):
    scale, zero = uint8_params(name)
    return np.clip(np.rint(values / scale) + zero, 0, 255).astype(np.uint8)


def build(type_):
    """The Network in "float32" or "uint8"."""
    integer = type_ == "uint8"
    b, known = CircleBuilder(description="a small network"), _constants()

    def data(name, shape):
        return b.add_tensor(name, shape, type_, quantization(*uint8_params(name)) if integer
                            else None)

    def constant(name):
        if not integer:
            return b.add_constant(name, np.asarray(known[name], np.float32))
        return b.add_constant(name, _quantize(known[name], name), "uint8",
                              quantization(*uint8_params(name)))

    def bias(name, of, weights):
        if not integer:
            return b.add_constant(name, known[name])
        scale = uint8_params(of)[0] * uint8_params(weights)[0]
        return b.add_constant(name, np.rint(known[name] / scale).astype(np.int32),
                              quant=quantization(scale))

    x, conv = data("x", [1, 4, 4, 2]), data("conv", [1, 4, 4, 3])
    pool, flat = data("pool", [1, 2, 2, 3]), data("flat", [1, 12])
    dense, scaled = data("dense", [1, 5]), data("scaled", [1, 5])
    y, probabilities = data("y", [1, 5]), data("probabilities", [1, 5])
    b.add_operator("CONV_2D", [x, constant("kernel"), bias("conv_bias", "x", "kernel")], [conv],
                   "Conv2DOptions", strideW=1, strideH=1, fusedActivationFunction=RELU)
    b.add_operator("MAX_POOL_2D", [conv], [pool], "Pool2DOptions", strideW=2, strideH=2,
                   filterWidth=2, filterHeight=2)
    shape = b.add_constant("shape", np.array([1, 12], np.int32))
    b.add_operator("RESHAPE", [pool, shape], [flat], "ReshapeOptions", newShape=[1, 12])
    b.add_operator("FULLY_CONNECTED", [flat, constant("weights"),
                                       bias("dense_bias", "flat", "weights")], [dense],
                   "FullyConnectedOptions")
    b.add_operator("MUL", [dense, constant("factor")], [scaled], "MulOptions")
    b.add_operator("ADD", [scaled, constant("offset")], [y], "AddOptions")
    b.add_operator("SOFTMAX", [scaled], [probabilities], "SoftmaxOptions", beta=1.0)
    b.set_io([x], [y, probabilities])
    b.add_signature("serving_default", {"image": x}, {"y": y, "p": probabilities})
    b.add_metadata("min_runtime_version", b"1.5.0".ljust(16, b"\0"))
    b.model.buffers.append(table("Buffer"))  # one that nothing names
    inputs, expected = _samples()
    return Network(b, [_quantize(inputs, "x") if integer else inputs], expected,
                   {i: uint8_params(n) if integer else None
                    for i, n in enumerate(("y", "probabilities"))})


def real(network, outputs):
    """What outputs stand for, in the shapes of numpy's."""
    found = []
    for i, (y, expected) in enumerate(zip(outputs, network.expected, strict=True)):
        params = network.params[i]
        values = y.astype(np.float64)
        values = values if params is None else (values - params[1]) * float(params[0])
        found.append(values.reshape(expected.shape) if values.size == expected.size else values)
    return found
