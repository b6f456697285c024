# SPDX-License-Identifier: Apache-2.0
"""The networks of this folder, their quantizers and inputs. A module, used by make.py.

The convolutional ones are trained for some steps to tell ten noisy pictures apart: with random
weights they would amplify every rounding error more than they do signals. The transformer's weights
are random, its LayerNorms' scales and offsets away from 1 and 0, as training moves them.
"""

import dataclasses
from collections.abc import Callable

import torch
import torchvision
from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (
    XNNPACKQuantizer, get_symmetric_quantization_config)
from torch import nn
from torch.fx.experimental.optimization import fuse
from torchao.quantization.pt2e import MinMaxObserver
from torchao.quantization.pt2e.quantizer import QuantizationConfig, QuantizationSpec
from torchao.quantization.pt2e.quantizer import x86_inductor_quantizer as x86
from torchvision.models.resnet import BasicBlock
from torchvision.ops.misc import Conv2dNormActivation

CLASSES = 10
_IMAGE = (3, 64, 64)
_SEQUENCE = (16, 64)
_STEPS, _BATCH = 300, 32


def _mobilenet_v2():
    """torchvision's at width 0.1; its last convolution has 128 channels instead of 1280."""
    net = torchvision.models.mobilenet_v2(width_mult=0.1, num_classes=CLASSES)
    net.features[-1] = Conv2dNormActivation(32, 128, kernel_size=1, norm_layer=nn.BatchNorm2d,
                                            activation_layer=nn.ReLU6)
    net.classifier[1] = nn.Linear(128, CLASSES)
    return net


class _ResNet18(nn.Module):
    """torchvision's ResNet-18, its blocks and their order, with 4 to 32 channels."""

    def __init__(self, width=4):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = self._layer(width, width, 1)
        self.layer2 = self._layer(width, width * 2, 2)
        self.layer3 = self._layer(width * 2, width * 4, 2)
        self.layer4 = self._layer(width * 4, width * 8, 2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(width * 8, CLASSES)

    @staticmethod
    def _layer(inputs, outputs, stride):
        downsample = None
        if stride != 1:
            downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False),
                                       nn.BatchNorm2d(outputs))
        return nn.Sequential(BasicBlock(inputs, outputs, stride, downsample),
                             BasicBlock(outputs, outputs))

    def forward(self, image):
        x = self.maxpool(self.relu(self.bn1(self.conv1(image))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


class _Transformer(nn.Module):
    """One encoder block: attention and a Gelu MLP, each followed by residual Add and LayerNorm."""

    def __init__(self, width=64, heads=4, hidden=128):
        super().__init__()
        self.heads = heads
        self.query, self.key = nn.Linear(width, width), nn.Linear(width, width)
        self.value, self.out = nn.Linear(width, width), nn.Linear(width, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.gelu = nn.GELU()

    def _split(self, x):
        return x.reshape(1, x.shape[1], self.heads, -1).transpose(1, 2)

    def forward(self, x):
        q, k, v = (self._split(f(x)) for f in (self.query, self.key, self.value))
        attention = torch.softmax(q @ k.transpose(-2, -1) * q.shape[-1]**-0.5, -1)
        x = self.norm1(x + self.out((attention @ v).transpose(1, 2).reshape(x.shape)))
        return self.norm2(x + self.fc2(self.gelu(self.fc1(x))))


def _xnnpack_int8():
    """int8 activations with any zero point, int8 weights with a scale per channel."""
    return XNNPACKQuantizer().set_global(get_symmetric_quantization_config(is_per_channel=True))


def _xnnpack_a16w8():
    """The same annotations with symmetric int16 activations."""
    activation = QuantizationSpec(dtype=torch.int16, quant_min=-32767, quant_max=32767,
                                  qscheme=torch.per_tensor_symmetric,
                                  observer_or_fake_quant_ctr=MinMaxObserver.with_args())
    weights = get_symmetric_quantization_config(is_per_channel=True).weight
    return XNNPACKQuantizer().set_global(
        QuantizationConfig(activation, activation, weights, None, False))


def _x86_inductor():
    """uint8 activations, int8 weights with a scale per channel."""
    quantizer = x86.X86InductorQuantizer()
    return quantizer.set_global(x86.get_default_x86_inductor_quantization_config())


@dataclasses.dataclass(frozen=True)
class Network:
    """build: the network in eval mode, BatchNorm folded. inputs(n): n samples, a batch of one each.

    exports: folder name and whether tico optimizes the circle. quantizers: set name and quantizer.
    """

    build: Callable
    inputs: Callable
    exports: dict
    quantizers: dict


def _pictures(labels):
    """Noisy images, [n, *_IMAGE]: each class has a smooth picture of its own."""
    coarse = torch.randn(CLASSES, _IMAGE[0], 8, 8, generator=torch.Generator().manual_seed(0))
    pictures = nn.functional.interpolate(coarse, size=_IMAGE[1:], mode="bilinear")[labels]
    contrast = 0.5 + torch.rand(len(labels), 1, 1, 1)
    return contrast * pictures + torch.randn_like(pictures)


def _images(count):
    return [x[None] for x in _pictures(torch.randint(CLASSES, (count,)))]


def _sequences(count):
    return list(torch.randn(count, 1, *_SEQUENCE))


def _trained(make):
    def build():
        net = make().train()
        optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, _STEPS)
        for _ in range(_STEPS):
            labels = torch.randint(CLASSES, (_BATCH,))
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(_pictures(labels)), labels).backward()
            optimizer.step()
            schedule.step()
        return fuse(net.eval())

    return build


def _transformer():
    net = _Transformer().eval()
    for module in (net.norm1, net.norm2):
        nn.init.uniform_(module.weight, 0.5, 1.5)
        nn.init.normal_(module.bias, 0, 0.2)
    return net


_XNNPACK = {"int8": _xnnpack_int8, "a16w8": _xnnpack_a16w8}
NETWORKS = [
    Network(_trained(_mobilenet_v2), _images, {"mobilenet_v2": True},
            {**_XNNPACK, "x86": _x86_inductor}),
    Network(_trained(_ResNet18), _images,
            {"resnet18": True, "resnet18_unoptimized": False}, _XNNPACK),
    # Optimizing, tico would fold LayerNorm's scale and offset into the Linear behind it.
    Network(_transformer, _sequences, {"transformer": False}, _XNNPACK),
]
