# SPDX-License-Identifier: Apache-2.0
"""Makes the models of this folder with tico, for roundtrip_test.py: files as a converter writes them.

Needs the packages of requirements-torch.txt. Run it here: python make.py
"""

import pathlib

import tico
import torch
from torch import nn


class Attention(nn.Module):
    """Embedding, LayerNorm, Linear, batched matrix products, Softmax; int64 input, bool output."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(8, 4)
        self.norm = nn.LayerNorm(4)
        self.linear = nn.Linear(4, 4)

    def forward(self, tokens):
        x = self.norm(self.embedding(tokens))
        weights = torch.softmax(self.linear(x) @ x.transpose(1, 2) / 2, -1)
        return weights @ x, tokens > 2


class Upsample(nn.Module):
    """Transposed convolution, BatchNorm left as it is, Concat, Mean."""

    def __init__(self):
        super().__init__()
        self.conv = nn.ConvTranspose2d(2, 3, 3, stride=2)
        self.norm = nn.BatchNorm2d(3)

    def forward(self, x):
        return self.norm(self.conv(x)), torch.cat([x, x.abs()], 1).mean(1)


class RmsNorm(nn.Module):
    """RMSNorm, which is an operator of circle's own, and Gelu."""

    def __init__(self):
        super().__init__()
        self.norm = nn.RMSNorm(4, eps=1e-6)

    def forward(self, x):
        return nn.functional.gelu(self.norm(x))


class Sum(nn.Module):
    """A dynamic first dimension."""

    def forward(self, x):
        return x + 1.0


def main():
    torch.manual_seed(0)
    folder = pathlib.Path(__file__).resolve().parent
    batch = torch.export.Dim("batch", min=1, max=8)
    for name, module, inputs, shapes in (
        ("attention", Attention(), (torch.arange(6).reshape(2, 3),), None),
        ("upsample", Upsample(), (torch.randn(1, 2, 4, 4),), None),
        ("rms_norm", RmsNorm(), (torch.randn(1, 3, 4),), None),
        ("dynamic", Sum(), (torch.randn(2, 3),), {"x": {0: batch}}),
    ):
        exported = torch.export.export(module.eval(), inputs, dynamic_shapes=shapes)
        tico.convert_from_exported_program(exported).save(str(folder / f"{name}.circle"))


if __name__ == "__main__":
    main()
