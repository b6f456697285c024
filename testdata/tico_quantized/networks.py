# SPDX-License-Identifier: Apache-2.0
"""The networks of this folder, and how tico's quantizers are told to quantize them.

Their weights are random, but away from what an initialization leaves (LayerNorm's scale 1), so that
whatever is taken for something else shows. A module, used by make.py.
"""

import dataclasses
from collections.abc import Callable

import torch
from tico.quantization.config.gptq import GPTQConfig
from tico.quantization.config.ptq import PTQConfig
from tico.quantization.config.smoothquant import SmoothQuantConfig
from tico.quantization.config.specs import affine
from tico.quantization.wrapq.dtypes import DType
from tico.quantization.wrapq.qscheme import QScheme
from torch import nn

INT16, UINT4, UINT8 = DType.int(16), DType.uint(4), DType.uint(8)


class Cnn(nn.Module):
    """Convolution, Relu, pooling, depthwise convolution, Linear."""

    sample = (1, 3, 8, 8)

    def __init__(self):
        super().__init__()
        self.conv, self.relu, self.pool = nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)
        self.depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.linear = nn.Linear(8 * 4 * 4, 10)

    def forward(self, x):
        return self.linear(self.depthwise(self.pool(self.relu(self.conv(x)))).flatten(1))


class Mlp(nn.Module):
    """LayerNorm, two Linears, SiLU between."""

    sample = (1, 4, 16)

    def __init__(self):
        super().__init__()
        self.norm, self.up = nn.LayerNorm(16), nn.Linear(16, 32)
        self.act, self.down = nn.SiLU(), nn.Linear(32, 16)

    def forward(self, x):
        return self.down(self.act(self.up(self.norm(x))))


class Dense(nn.Module):
    """Two Linears, Relu between: what GPTQ and SmoothQuant work on."""

    sample = (4, 16)

    def __init__(self):
        super().__init__()
        self.up, self.relu, self.down = nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 8, bias=False)

    def forward(self, x):
        return self.down(self.relu(self.up(x)))


@dataclasses.dataclass(frozen=True)
class Case:
    """before: a quantizer that changes the float32 weights first (GPTQ, SmoothQuant)."""

    network: type
    ptq: Callable
    before: Callable | None = None


def _ptq(activation, weight, **overrides):
    return lambda: PTQConfig(activation=activation, weight=weight, overrides=overrides,
                             strict_wrap=False)


_ACTIVATION16 = affine(INT16, qscheme=QScheme.PER_TENSOR_SYMM)
_PER_TENSOR = affine(UINT8, qscheme=QScheme.PER_TENSOR_ASYMM)
CASES = {
    "cnn_uint8": Case(Cnn, _ptq(affine(UINT8), affine(UINT8))),
    "mlp_uint8": Case(Mlp, _ptq(affine(UINT8), affine(UINT8))),
    "mlp_int16": Case(Mlp, _ptq(_ACTIVATION16, _ACTIVATION16)),
    "mlp_int16_uint4": Case(Mlp, _ptq(_ACTIVATION16, affine(UINT4))),
    "dense_gptq": Case(Dense, _ptq(_ACTIVATION16, affine(UINT4)),
                       lambda: GPTQConfig(weight_bits=4, show_progress=False)),
    "dense_smoothquant": Case(Dense, _ptq(affine(UINT8), affine(UINT8),
                                          down={"weight": _PER_TENSOR}), SmoothQuantConfig),
}


def build(case):
    """The network with random weights."""
    torch.manual_seed(6)
    net = case.network().eval()
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            if "norm" in name:
                parameter.add_(0.2 * torch.randn_like(parameter))
    return net
