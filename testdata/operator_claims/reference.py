# SPDX-License-Identifier: Apache-2.0
"""What operators compute, on real numbers: float64 arrays in and out, NHWC as in circle.

Written from the operators' definitions, sharing nothing with any runtime's kernels.
"""

import numpy as np


def same_padding(size, window, stride):
    """(before, after) of SAME padding along one axis."""
    total = max((-(-size // stride) - 1) * stride + window - size, 0)
    return total // 2, total - total // 2


def windows(x, size, stride, padding, fill=0.0):
    """[n, out_h, out_w, k_h, k_w, c]: every window that an NHWC kernel sees."""
    pads = [(0, 0), (0, 0), (0, 0), (0, 0)]
    if padding == "SAME":
        pads[1] = same_padding(x.shape[1], size[0], stride)
        pads[2] = same_padding(x.shape[2], size[1], stride)
    x = np.pad(x, pads, constant_values=fill)
    view = np.lib.stride_tricks.sliding_window_view(x, size, (1, 2))[:, ::stride, ::stride]
    return np.moveaxis(view, 3, -1)


def conv_2d(x, w, b=0.0, stride=1, padding="SAME"):
    return np.einsum("nhwklc,oklc->nhwo", windows(x, w.shape[1:3], stride, padding), w) + b


def conv_2d_in_groups(x, w, b=0.0):
    """Each group of output channels sees its share of the input channels, in order."""
    groups = x.shape[-1] // w.shape[-1]
    parts = zip(np.split(x, groups, -1), np.split(w, groups, 0))
    return np.concatenate([conv_2d(x, w) for x, w in parts], -1) + b


def depthwise_conv_2d(x, w, b=0.0, stride=1, padding="SAME"):
    return np.einsum("nhwklc,klc->nhwc", windows(x, w.shape[1:3], stride, padding), w[0]) + b


def transpose_conv(x, w, b=0.0, stride=2):
    """SAME padding: the output is `stride` times the input. w is OHWI."""
    n, height, width, _ = x.shape
    full = np.zeros((n, (height - 1) * stride + w.shape[1], (width - 1) * stride + w.shape[2],
                     w.shape[0]))
    for i in range(height):
        for j in range(width):
            patch = np.einsum("nc,oklc->nklo", x[:, i, j], w)
            full[:, i * stride:i * stride + w.shape[1], j * stride:j * stride + w.shape[2]] += patch
    top = (full.shape[1] - height * stride) // 2
    left = (full.shape[2] - width * stride) // 2
    return full[:, top:top + height * stride, left:left + width * stride] + b


def strided_windows(x, kernel, strides, dilations, padding, fill=0.0):
    """As windows(), of other strides and dilations on each axis. padding: SAME, VALID, or
    ((top, bottom), (left, right))."""
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    if padding == "SAME":
        padding = [same_padding(x.shape[1 + i], spans[i], strides[i]) for i in range(2)]
    elif padding == "VALID":
        padding = [(0, 0), (0, 0)]
    x = np.pad(x, [(0, 0), *padding, (0, 0)], constant_values=fill)
    view = np.lib.stride_tricks.sliding_window_view(x, spans, (1, 2))
    view = view[:, ::strides[0], ::strides[1], :, ::dilations[0], ::dilations[1]]
    return np.moveaxis(view, 3, -1)


def average_pool(x, size=2, stride=2):
    return windows(x, (size, size), stride, "VALID").mean((3, 4))


def max_pool(x, size=2, stride=2):
    return windows(x, (size, size), stride, "VALID").max((3, 4))


def l2_pool(x, size=2, stride=2):
    return np.sqrt((windows(x, (size, size), stride, "VALID")**2).mean((3, 4)))


def resize_bilinear(x, height, width, align_corners=False, half_pixel_centers=True):

    def axis_weights(old, new):
        at = np.clip(_places(old, new, align_corners, half_pixel_centers), 0, old - 1)
        low = np.floor(at).astype(int)
        return low, np.minimum(low + 1, old - 1), at - low

    top, bottom, down = axis_weights(x.shape[1], height)
    left, right, along = axis_weights(x.shape[2], width)
    rows = x[:, top] * (1 - down)[:, None, None] + x[:, bottom] * down[:, None, None]
    return rows[:, :, left] * (1 - along)[:, None] + rows[:, :, right] * along[:, None]


def _places(old, new, align_corners, half_pixel_centers):
    """Where the pixels of an axis lie on the old one."""
    if align_corners and new > 1:
        return np.arange(new) * (old - 1) / (new - 1)
    return (np.arange(new) + 0.5) * old / new - 0.5 if half_pixel_centers else (
        np.arange(new) * old / new)


def resize_nearest(x, height, width, align_corners=False, half_pixel_centers=False):

    def pixels(old, new):
        if align_corners and new > 1:  # halves go up
            return np.floor(np.arange(new) * (old - 1) / (new - 1) + 0.5).astype(int)
        half = 0.5 if half_pixel_centers else 0
        return np.floor((np.arange(new) + half) * old / new).astype(int)

    return x[:, pixels(x.shape[1], height)][:, :, pixels(x.shape[2], width)]


def space_to_depth(x, block=2):
    n, h, w, c = x.shape
    x = x.reshape(n, h // block, block, w // block, block, c)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(n, h // block, w // block, -1)


def depth_to_space(x, block=2):
    n, h, w, c = x.shape
    x = x.reshape(n, h, w, block, block, c // block**2)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(n, h * block, w * block, -1)


def space_to_batch(x, block=2):
    n, h, w, c = x.shape
    x = x.reshape(n, h // block, block, w // block, block, c)
    return x.transpose(2, 4, 0, 1, 3, 5).reshape(-1, h // block, w // block, c)


def batch_to_space(x, block=2):
    n, h, w, c = x.shape
    x = x.reshape(block, block, n // block**2, h, w, c)
    return x.transpose(2, 3, 0, 4, 1, 5).reshape(-1, h * block, w * block, c)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def log_softmax(x):
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def logistic(x):
    return 1 / (1 + np.exp(-x))


def l2_normalization(x):
    return x / np.sqrt((x**2).sum(-1, keepdims=True))


def erf(x):
    """Abramowitz and Stegun 7.1.26, within 1.5e-7."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t *
                                                         (-1.453152027 + t * 1.061405429))))
    return np.sign(x) * (1 - series * np.exp(-x * x))


def gelu(x):
    return x * 0.5 * (1 + erf(x / np.sqrt(2)))


def elu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def hard_swish(x):
    return x * np.clip(x + 3, 0, 6) / 6


def leaky_relu(x, alpha):
    return np.where(x > 0, x, x * alpha)


def reverse_sequence(x, lengths):
    """Reverses axis 1 of each batch (axis 0) up to its length."""
    out = x.copy()
    for row, length in enumerate(lengths):
        out[row, :length] = x[row, :length][::-1]
    return out


FUSED = {
    "NONE": lambda x: x,
    "RELU": lambda x: np.maximum(x, 0),
    "RELU6": lambda x: np.clip(x, 0, 6),
    "RELU_N1_TO_1": lambda x: np.clip(x, -1, 1),
}
