# SPDX-License-Identifier: Apache-2.0
"""Makes the models of this folder: networks as tico quantizes and exports them.

    python testdata/tico_quantized/make.py [OUTPUT_FOLDER]

Writes for each case of networks.py
    CASE/float32.circle     the network that tico quantized, its quantizers switched off
    CASE/quantized.circle   what tico made of it
    CASE/name_map.json      names of quantized.circle: those of float32.circle, where they differ
Needs ../requirements-torch.txt and requirements.txt. Some seconds on a CPU; on one machine it gives
the same files again.
"""

import json
import pathlib
import sys

import tico
import torch
from tico.config.v1 import CompileConfigV1
from tico.quantization import convert, prepare
from tico.quantization.recipes import qparams
from tico.quantization.wrapq.mode import Mode
from tico.quantization.wrapq.wrappers.quant_module_base import QuantModuleBase

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import circle_builder  # noqa: E402
import networks  # noqa: E402

CALIBRATION_SAMPLES = 8


def calibrate(net, samples):
    with torch.no_grad():
        for sample in samples:
            net(sample)


def quantize(case):
    """The quantized network and a sample of its input."""
    net = networks.build(case)
    samples = [torch.randn(case.network.sample) for _ in range(CALIBRATION_SAMPLES)]
    if case.before is not None:
        net = prepare(net, case.before())
        calibrate(net, samples)
        net = convert(net)
    _, grids = qparams.find_gptq_quantizers(net)
    net = prepare(net, case.ptq())
    if grids:
        found = qparams.inject_gptq_qparams(net, grids)
        assert found == {"matched": len(grids), "missed": found["missed"], "unused": 0}, found
    calibrate(net, samples)
    return convert(net).eval(), samples[0]


def set_mode(net, mode):
    for module in net.modules():
        if isinstance(module, QuantModuleBase):
            module._mode = mode  # there is no other way back from a converted module


def export(net, sample, path):
    config = CompileConfigV1()
    config.circle_optimize = False
    tico.convert(net, (sample, ), config=config).save(str(path))


class Graph:
    """A file's tensors and operators by the names that PyTorch's program has for them."""

    def __init__(self, path):
        self.model = circle_builder.unpack(path.read_bytes())
        graph = self.model.subgraphs[0]
        self.names = [circle_builder.tensor_name(t) for t in graph.tensors]
        self.nodes = {self.names[n.outputs[0]].split("::")[-1]: n for n in graph.operators}

    def kind(self, node):
        return circle_builder.operator_name(self.model, node)

    def is_constant(self, index):
        tensor = self.model.subgraphs[0].tensors[index]
        return circle_builder.constant(self.model, tensor) is not None

    def place(self, index):
        return self.names[index].split("::")[-1]


def renamed(quantized, float32):
    """{name of quantized: name of float32} of tensors at the same place of the same operators.

    tico names a tensor after the module it is from, which quantizers change, and after the node of
    the program, which they leave. Operators that one of the two models has alone are left out.
    """
    theirs, ours = Graph(quantized), Graph(float32)
    names = {}
    for name in theirs.nodes.keys() & ours.nodes.keys():
        pair = theirs.nodes[name], ours.nodes[name]
        if theirs.kind(pair[0]) != ours.kind(pair[1]):
            raise ValueError(f"{name}: {theirs.kind(pair[0])} and {ours.kind(pair[1])}")
        ids = [[i for slots in (node.inputs, node.outputs) for i in slots] for node in pair]
        for one, other in zip(*ids, strict=True):
            if 0 <= one and (theirs.is_constant(one) or theirs.place(one) == ours.place(other)):
                names.setdefault(theirs.names[one], ours.names[other])
    return {one: other for one, other in sorted(names.items()) if one != other}


def make(name, case, folder):
    folder.mkdir(parents=True, exist_ok=True)
    net, sample = quantize(case)
    export(net, sample, folder / "quantized.circle")
    set_mode(net, Mode.NO_QUANT)
    export(net, sample, folder / "float32.circle")
    names = renamed(folder / "quantized.circle", folder / "float32.circle")
    (folder / "name_map.json").write_text(json.dumps(names, indent=1) + "\n")
    print(name, {path.name: path.stat().st_size for path in folder.iterdir()})


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, case in networks.CASES.items():
        make(name, case, folder / name)


if __name__ == "__main__":
    main()
