# SPDX-License-Identifier: Apache-2.0
"""A PyTorch 2 export quantizer for the operators of the digits network. A module, used by make.py.

It annotates as PyTorch's own quantizers do: inputs and weights of convolutions, linear layers and
additions, the output behind BatchNorm and the activation function, one set of parameters on both
sides of a pooling. Bias stays float32.
"""

import torch
from torchao.quantization.pt2e import (FusedMovingAvgObsFakeQuantize, MovingAverageMinMaxObserver,
                                       MovingAveragePerChannelMinMaxObserver)
from torchao.quantization.pt2e.quantizer import (QuantizationAnnotation, QuantizationSpec,
                                                 Quantizer, SharedQuantizationSpec)

_aten = torch.ops.aten
_WEIGHTED = {_aten.conv2d.default, _aten.linear.default}
_BATCH_NORM = {_aten.batch_norm.default}
_CLAMPS = {_aten.relu.default, _aten.relu6.default, _aten.hardtanh.default}
_SAME_PARAMETERS = {
    _aten.max_pool2d.default, _aten.avg_pool2d.default, _aten.flatten.using_ints
}  # yapf: disable


def _spec(dtype, low, high, scheme, observer, **extra):
    constructor = FusedMovingAvgObsFakeQuantize.with_args(observer=observer, **extra)
    return QuantizationSpec(dtype=dtype, quant_min=low, quant_max=high, qscheme=scheme, ch_axis=0,
                            observer_or_fake_quant_ctr=constructor)


UINT8_ACTIVATION = _spec(torch.uint8, 0, 255, torch.per_tensor_affine, MovingAverageMinMaxObserver)
UINT8_WEIGHTS = UINT8_ACTIVATION
INT8_ACTIVATION = _spec(torch.int8, -128, 127, torch.per_tensor_affine, MovingAverageMinMaxObserver)
INT8_CHANNEL_WEIGHTS = _spec(torch.int8, -127, 127, torch.per_channel_symmetric,
                             MovingAveragePerChannelMinMaxObserver)


class DigitsQuantizer(Quantizer):
    """One spec for all activations, one for all weights."""

    def __init__(self, activation, weights):
        super().__init__()
        self._activation = activation
        self._weights = weights

    def annotate(self, model):
        for node in model.graph.nodes:
            if node.target in _WEIGHTED:
                specs = {node.args[0]: self._activation, node.args[1]: self._weights}
                self._annotate_chain(node, specs, _BATCH_NORM, _CLAMPS)
            elif node.target == _aten.add.Tensor:
                specs = {source: self._activation for source in node.args}
                self._annotate_chain(node, specs, _CLAMPS)
            elif node.target in _SAME_PARAMETERS:
                source = node.args[0]
                _set(node, {source: self._activation}, SharedQuantizationSpec((source, node)))
        return model

    def validate(self, model):
        pass

    def _annotate_chain(self, node, input_specs, *followers):
        """Inputs at the node, output at the last of the operators that follow it one by one."""
        chain = [node]
        for targets in followers:
            user = next(iter(chain[-1].users))
            if len(chain[-1].users) == 1 and user.target in targets:
                chain.append(user)
        for link in chain:
            _set(link, {}, None)
        chain[0].meta["quantization_annotation"].input_qspec_map = input_specs
        chain[-1].meta["quantization_annotation"].output_qspec = self._activation


def _set(node, input_specs, output_spec):
    node.meta["quantization_annotation"] = QuantizationAnnotation(
        input_qspec_map=input_specs, output_qspec=output_spec, _annotated=True)
