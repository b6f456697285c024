# SPDX-License-Identifier: Apache-2.0
"""The digits network, its data, and its training loop. A module, used by make.py.

Images are float32 [batch, 1, 8, 8], 0..1. Logits are float32 [batch, 10].
"""

import copy

import numpy as np
import sklearn.datasets
import sklearn.model_selection
import torch
from torch import nn

SEED = 20
HELD_OUT = 450
BATCH = 33  # divides the 1347 training images into 40 batches and a rest


class Net(nn.Module):
    """A convolution, a depthwise-separable residual block, two poolings, a linear layer."""

    def __init__(self):
        super().__init__()
        self.stem = _conv(1, 16, 3)
        self.stem_bn = nn.BatchNorm2d(16)
        self.stem_relu = nn.ReLU()
        self.depthwise = _conv(16, 16, 3, groups=16)
        self.depthwise_bn = nn.BatchNorm2d(16)
        self.depthwise_relu = nn.ReLU6()
        self.pointwise = _conv(16, 16, 1)
        self.pointwise_bn = nn.BatchNorm2d(16)
        self.add_relu = nn.ReLU()
        self.max_pool = nn.MaxPool2d(2)
        self.conv = _conv(16, 32, 3)
        self.conv_bn = nn.BatchNorm2d(32)
        self.conv_relu = nn.ReLU()
        self.avg_pool = nn.AvgPool2d(2)
        self.flatten = nn.Flatten()
        self.classifier = nn.Linear(128, 10)

    def forward(self, image):
        x = self.stem_relu(self.stem_bn(self.stem(image)))
        y = self.depthwise_relu(self.depthwise_bn(self.depthwise(x)))
        y = self.pointwise_bn(self.pointwise(y))
        x = self.max_pool(self.add_relu(x + y))
        x = self.avg_pool(self.conv_relu(self.conv_bn(self.conv(x))))
        return self.classifier(self.flatten(x))


def _conv(inputs, outputs, kernel, groups=1):
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False)


def fold_batch_norm(net):
    """A copy of a trained Net in eval mode, BatchNorm folded into the convolution before it."""
    folded = copy.deepcopy(net).eval()
    for name, module in list(folded.named_children()):
        if isinstance(module, nn.BatchNorm2d):
            conv_name = name.removesuffix("_bn")
            conv = getattr(folded, conv_name)
            setattr(folded, conv_name, nn.utils.fuse_conv_bn_eval(conv, module))
            setattr(folded, name, nn.Identity())
    return folded


def load():
    """((train images, train labels), (held-out images, held-out labels)) as tensors."""
    data = sklearn.datasets.load_digits()
    images = (data.images / 16).astype(np.float32)[:, None]
    split = sklearn.model_selection.train_test_split(
        images, data.target, test_size=HELD_OUT, random_state=SEED, stratify=data.target)
    train_x, test_x, train_y, test_y = (torch.from_numpy(np.ascontiguousarray(a)) for a in split)
    return (train_x, train_y), (test_x, test_y)


def train(model, parameters, data, epochs, rate):
    """Adam with a cosine schedule. Leaves train and eval mode to the caller."""
    images, labels = data
    optimizer = torch.optim.Adam(parameters, lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        for rows in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images[rows]), labels[rows]).backward()
            optimizer.step()
        schedule.step()


def logits(model, images):
    """The model's logits as a numpy array, no gradients."""
    with torch.no_grad():
        return model(images).numpy()
