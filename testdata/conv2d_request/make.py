# SPDX-License-Identifier: Apache-2.0
"""Makes testdata/conv2d_request: the Conv2D model and param.json that first described the format.

    python testdata/conv2d_request/make.py [OUTPUT_FOLDER]

model.circle: one float32 CONV_2D 1x1 of tensors ifm [1, 3, 3, 2], ker [1, 1, 1, 2], bias [1],
ofm [1, 3, 3, 1]. param.json and 0.npy .. 9.npy quantize all four. ifm.npy (uint8
[samples, 1, 3, 3, 2]) and ofm.npy (uint8 [samples, 1, 3, 3, 1]) are inputs and what float
arithmetic on the integers gives. Built by hand: tico would name the tensors tico::ifm and so on.
Needs numpy, flatbuffers and circle-schema.
"""

import json
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import circle_builder  # noqa: E402

KER = np.array([[[[0.311261, 0.920864]]]], np.float32)
BIAS = np.array([0.502937], np.float32)
SAMPLES = 16

# Ranges that the values need, none of them centred, so that each zero point differs.
IFM_RANGE = (-1.0, 1.5)
KER_RANGE = (-0.25, 1.0)
OFM_RANGE = (-0.75, 2.5)


def model():
    builder = circle_builder.CircleBuilder()
    ifm = builder.add_tensor("ifm", [1, 3, 3, 2])
    ker = builder.add_constant("ker", KER)
    bias = builder.add_constant("bias", BIAS)
    ofm = builder.add_tensor("ofm", [1, 3, 3, 1])
    builder.add_operator("CONV_2D", [ifm, ker, bias], [ofm], "Conv2DOptions", padding=1, strideW=1,
                         strideH=1)
    builder.set_io([ifm], [ofm])
    return builder.finish()


def uint8_parameters(low, high):
    """(float32 scale, zero point) of a range in uint8."""
    scale = np.float32((high - low) / 255)
    return scale, int(np.rint(-low / scale))


def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale) + zero_point, 0, 255).astype(np.uint8)


def entry(dtype, scale, zerop, value=None):
    fields = {"dtype": dtype, "scale": scale, "zerop": zerop}
    if value is not None:
        fields["value"] = value
    return fields | {"quantized_dimension": 0}


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.circle").write_bytes(model())

    ifm, ker, ofm = (uint8_parameters(*r) for r in (IFM_RANGE, KER_RANGE, OFM_RANGE))
    bias_scale = ifm[0] * ker[0]
    q_ker = quantize(KER, *ker)
    q_bias = np.rint(BIAS / bias_scale).astype(np.int32)

    arrays = [ifm[0], ifm[1], ker[0], ker[1], q_ker, bias_scale, 0, q_bias, ofm[0], ofm[1]]
    types = [np.float32, np.int64, np.float32, np.int64, np.uint8, np.float32, np.int64, np.int32,
             np.float32, np.int64]
    for i, (array, dtype) in enumerate(zip(arrays, types, strict=True)):
        np.save(out / f"{i}.npy", np.atleast_1d(np.asarray(array, dtype)))
    document = {
        "ifm": entry("uint8", "0.npy", "1.npy"),
        "ker": entry("uint8", "2.npy", "3.npy", "4.npy"),
        "bias": entry("int32", "5.npy", "6.npy", "7.npy"),
        "ofm": entry("uint8", "8.npy", "9.npy"),
    }
    (out / "param.json").write_text(json.dumps(document, indent=2) + "\n")

    generator = np.random.default_rng(0)
    q_ifm = generator.integers(0, 256, (SAMPLES, 1, 3, 3, 2), np.uint8)
    real_ker = (q_ker.reshape(2).astype(np.float64) - ker[1]) * ker[0]
    real = ((q_ifm.astype(np.float64) - ifm[1]) * ifm[0]) @ real_ker + q_bias[0] * bias_scale
    np.save(out / "ifm.npy", q_ifm)
    np.save(out / "ofm.npy", quantize(real[..., None], *ofm))


if __name__ == "__main__":
    main()
