# SPDX-License-Identifier: Apache-2.0
"""Forms of the operators that have weights: strides, dilations, paddings, ranks, batches.

layers() gives each as a Layer whose name is the form.
"""

import numpy as np
import reference as ref
from layers import Layer
from testdata_path import circle_builder

_PADDING = circle_builder.circle.Padding.Padding
_STRIDES = {"SAME": ((1, 1), (1, 1), "SAME"), "VALID": ((1, 1), (1, 1), "VALID"),
            "stride 2": ((2, 2), (1, 1), "SAME"), "stride 2, VALID": ((2, 2), (1, 1), "VALID"),
            "strides 1 2": ((1, 2), (1, 1), "SAME"), "strides 2 1": ((2, 1), (1, 1), "VALID"),
            "stride 3": ((3, 3), (1, 1), "SAME"),
            "dilation 2": ((1, 1), (2, 2), "SAME"), "dilation 2, VALID": ((1, 1), (2, 2), "VALID"),
            "dilations 1 2": ((1, 1), (1, 2), "SAME"), "dilations 2 1": ((1, 1), (2, 1), "VALID"),
            "stride 2, dilation 2": ((2, 2), (2, 2), "SAME"),
            "strides 1 2, dilations 2 1": ((1, 2), (2, 1), "VALID")}  # yapf: disable
_KERNELS = ((1, 1), (3, 3), (2, 2), (1, 3), (3, 1), (5, 5), (4, 4))


def _fields(strides, dilations, padding, **more):
    return {"padding": getattr(_PADDING, padding), "strideH": strides[0], "strideW": strides[1],
            "dilationHFactor": dilations[0], "dilationWFactor": dilations[1], **more}


def _conv(form, x, w, strides, dilations, padding, options=None, **more):
    def run(x, w, b):
        groups = x.shape[-1] // w.shape[-1]
        parts = zip(np.split(x, groups, -1), np.split(w, groups, 0))
        return np.concatenate([np.einsum(
            "nhwklc,oklc->nhwo",
            ref.strided_windows(x, w.shape[1:3], strides, dilations, padding), w)
            for x, w in parts], -1) + b
    return Layer("CONV_2D", x, w, 0, run, "Conv2DOptions",
                 _fields(strides, dilations, padding, **more), name=form)


def _depthwise(form, x, w, strides, dilations, padding, multiplier=1):
    def run(x, w, b):
        x = np.repeat(x, w.shape[-1] // x.shape[-1], -1)
        windows = ref.strided_windows(x, w.shape[1:3], strides, dilations, padding)
        return np.einsum("nhwklc,klc->nhwc", windows, w[0]) + b
    return Layer("DEPTHWISE_CONV_2D", x, w, 3, run, "DepthwiseConv2DOptions",
                 _fields(strides, dilations, padding, depthMultiplier=multiplier), name=form)


def _convolutions():
    for form, how in _STRIDES.items():
        yield _conv(f"{form}, batch 2", (2, 7, 9, 4), (6, 3, 3, 4), *how)
        yield _depthwise(f"{form}, batch 2", (2, 7, 9, 4), (1, 3, 3, 4), *how)
    for kernel in _KERNELS:
        name = f"kernel {kernel[0]} by {kernel[1]}"
        yield _conv(name, (1, 7, 9, 4), (6, *kernel, 4), (1, 1), (1, 1), "SAME")
        yield _depthwise(name, (1, 7, 9, 4), (1, *kernel, 4), (1, 1), (1, 1), "SAME")
        yield _conv(f"{name}, stride 2", (1, 7, 9, 4), (6, *kernel, 4), (2, 2), (1, 1), "VALID")
    for form, how in ((name, _STRIDES[name]) for name in ("SAME", "stride 2", "dilation 2")):
        yield _depthwise(f"multiplier 2, {form}", (1, 7, 9, 4), (1, 3, 3, 8), *how, 2)
    yield _depthwise("multiplier 3, one channel", (1, 7, 9, 1), (1, 3, 3, 3), (1, 1), (1, 1),
                     "SAME", 3)
    yield _depthwise("one channel", (1, 7, 9, 1), (1, 3, 3, 1), (1, 1), (1, 1), "SAME")
    yield _depthwise("multiplier 0", (1, 7, 9, 4), (1, 3, 3, 4), (1, 1), (1, 1), "SAME", 0)
    yield _conv("one output channel", (1, 7, 9, 4), (1, 3, 3, 4), (1, 1), (1, 1), "SAME")
    yield _conv("one input channel", (1, 7, 9, 1), (4, 3, 3, 1), (1, 1), (1, 1), "SAME")
    yield _conv("image of 1 pixel", (2, 1, 1, 16), (5, 1, 1, 16), (1, 1), (1, 1), "VALID")
    yield _conv("one row", (1, 1, 20, 4), (6, 1, 3, 4), (1, 1), (1, 1), "SAME")
    yield _conv("2 groups", (1, 7, 9, 4), (6, 3, 3, 2), (1, 1), (1, 1), "SAME")
    yield _conv("4 groups", (1, 7, 9, 4), (4, 3, 3, 1), (1, 1), (1, 1), "SAME")


def _dense(form, x, out=5, **fields):
    depth = 16
    shape = x if fields.get("keepNumDims") else (-1, depth)

    def run(x, w, b):
        y = x.reshape(shape) @ w.T + b
        return y
    return Layer("FULLY_CONNECTED", x, (out, depth), 0, run, "FullyConnectedOptions", fields,
                 name=form)


def _denses():
    for rank, x in enumerate(((16,), (3, 16), (2, 3, 16), (2, 3, 2, 16), (2, 1, 3, 2, 16)), 1):
        if rank > 1:
            yield _dense(f"rank {rank}, keep_num_dims", x, keepNumDims=True)
        yield _dense(f"rank {rank}", x)
    yield _dense("batch 1", (1, 16))
    yield _dense("one unit", (3, 16), 1)
    yield _dense("rank 3, keep_num_dims, batch 1", (1, 3, 16), keepNumDims=True)
    yield _dense("rank 4 image", (2, 2, 2, 4))
    yield _dense("rank 3, depth over two dimensions", (2, 2, 8))


def _transpose_conv(x, w, b, strides, padding, size):
    """size: (height, width) of the output."""
    n, height, width, _ = x.shape
    full = np.zeros((n, (height - 1) * strides[0] + w.shape[1] + strides[0],
                     (width - 1) * strides[1] + w.shape[2] + strides[1], w.shape[0]))
    for i in range(height):
        for j in range(width):
            patch = np.einsum("nc,oklc->nklo", x[:, i, j], w)
            top, left = i * strides[0], j * strides[1]
            full[:, top:top + w.shape[1], left:left + w.shape[2]] += patch
    cut = [0, 0]
    if padding == "SAME":
        cut = [ref.same_padding(size[i], w.shape[1 + i], strides[i])[0] for i in range(2)]
    return full[:, cut[0]:cut[0] + size[0], cut[1]:cut[1] + size[1]] + b


def _transposed():
    for form, kernel, strides, padding, size in (
            ("stride 1", (3, 3), (1, 1), "SAME", (4, 5)),
            ("VALID", (3, 3), (2, 2), "VALID", (9, 11)),
            ("kernel 2 by 2, VALID", (2, 2), (2, 2), "VALID", (8, 10)),
            ("kernel 4 by 4", (4, 4), (2, 2), "SAME", (8, 10)),
            ("strides 2 1", (3, 3), (2, 1), "SAME", (8, 5)),
            ("size one less", (3, 3), (2, 2), "SAME", (7, 9)),
            ("stride over the kernel", (2, 2), (3, 3), "VALID", (11, 14))):
        def run(x, w, b, strides=strides, padding=padding, size=size):
            return _transpose_conv(x, w, b, strides, padding, size)
        yield Layer("TRANSPOSE_CONV", (2, 4, 5, 4), (6, *kernel, 4), 0, run, "TransposeConvOptions",
                    {"padding": getattr(_PADDING, padding), "strideH": strides[0],
                     "strideW": strides[1]}, order="swxb", shape_input=(2, *size, 6),
                    name=f"{form}, batch 2")


def layers():
    """Every form."""
    yield from _convolutions()
    yield from _denses()
    yield from _transposed()
