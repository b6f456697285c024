# SPDX-License-Identifier: Apache-2.0
"""Makes the networks of this folder, as PyTorch and tico export them and PyTorch quantizes them.

    python testdata/pytorch_exports/make.py [OUTPUT_FOLDER]

Writes for each export of networks.py
    EXPORT/model.circle        float32, BatchNorm folded
    EXPORT/inputs.npy          float16, [samples, *input shape]
    EXPORT/SET/param.json      what the quantizer annotated, named as PyTorch names it
    EXPORT/SET/name_map.json   PyTorch's name: the circle's name
    EXPORT/SET/arrays.npz      the npy files of param.json: `unzip` puts them beside it
    EXPORT/SET/outputs.npy     PyTorch's quantized answer to inputs.npy, float32
Needs ../requirements-torch.txt and requirements.txt. A few minutes on a CPU; on one machine
it gives the same files again, training may end elsewhere on another.
"""

import copy
import json
import pathlib
import sys
import tempfile
import zipfile

import numpy as np
import tico
import torch
from tico.circle.runtime import CircleReferenceRuntime
from tico.config.v1 import CompileConfigV1
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import circle_builder  # noqa: E402
import circle_names  # noqa: E402
import fake_quant  # noqa: E402
import networks  # noqa: E402
import param_set  # noqa: E402
import pt2e_params  # noqa: E402

SEED = 4
SAMPLES = 3
CALIBRATION_SAMPLES = 16


class NodeValues(torch.fx.Interpreter):
    """Runs a program and keeps what each of its nodes gave, by the node's name."""

    def run_node(self, n):
        result = super().run_node(n)
        if isinstance(result, torch.Tensor):
            self.values[n.name] = result.detach().clone().numpy()  # later nodes clamp in place
        return result

    def of(self, sample):
        self.values = {}
        self.run(sample)
        return self.values


def export(net, sample):
    return torch.export.export(net, (sample,)).module()


def quantize(net, quantizer, calibration):
    """The program that convert_pt2e() makes after running the calibration samples."""
    program = prepare_pt2e(export(net, calibration[0]), quantizer)
    with torch.no_grad():
        for sample in calibration:
            program(sample)
    return convert_pt2e(program)


def export_circle(net, sample, optimize, path):
    config = CompileConfigV1()
    config.circle_optimize = optimize
    tico.convert(copy.deepcopy(net), (sample,), config=config).save(str(path))


def same_parameters(one, other):
    return (one.dtype == other.dtype and np.array_equal(one.scale, other.scale)
            and np.array_equal(one.zerop, other.zerop))


def readers_have_its_parameters(entry, entries, program):
    """Whether a tensor says nothing that the tensors made of it do not say."""
    node = next(n for n in program.graph.nodes if n.name == entry.name)
    return all(user.name in entries and same_parameters(entry, entries[user.name])
               for user in node.users)


def float_weights(program, entry):
    """A parameter of the float32 program in the layout that the entry's value has."""
    weights = program.get_parameter(entry.name).detach().numpy()
    if weights.ndim == 4:
        weights = weights.transpose(*((1, 2, 3, 0) if entry.axis == 3 else (0, 2, 3, 1)))
    return weights


def circle_name(entry, names, program, values):
    """Which circle tensor an entry is about, or None."""
    if entry.value is None:
        return names.activation(values[entry.name])
    if len(entry.scale) > 1:
        return names.weights(float_weights(program, entry))
    reader = entry.name.split(".")[0]
    return names.operand(values[reader], fake_quant.dequantize(entry.value, entry),
                         entry.scale[0])


def name_map(entries, names, program, sample):
    """{name of an entry: name of the circle tensor}, without entries that say nothing more."""
    by_name = {e.name: e for e in entries}
    values = NodeValues(program).of(sample)
    found, owners = {}, {}
    for entry in entries:
        name = circle_name(entry, names, program, values)
        if name is None:  # the converter fused it away
            assert readers_have_its_parameters(entry, by_name, program), entry.name
        elif name in owners:  # PyTorch has several nodes that change nothing
            assert same_parameters(entry, owners[name]), f"{entry.name}, {owners[name].name}"
        else:
            found[entry.name], owners[name] = name, entry
    return found


def write_set(folder, entries, names):
    """Like param_set.write(), the npy files in one archive, with its name_map.json."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        param_set.write(temporary, [e for e in entries if e.name in names])
        files = sorted(pathlib.Path(temporary).iterdir())
        with zipfile.ZipFile(folder / "arrays.npz", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in (p for p in files if p.suffix == ".npy"):
                archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(),
                                 zipfile.ZIP_DEFLATED)
        (folder / "param.json").write_bytes(pathlib.Path(temporary, "param.json").read_bytes())
    (folder / "name_map.json").write_text(json.dumps(names, indent=2) + "\n")


def make(network, out):
    torch.manual_seed(SEED)
    net = network.build()
    calibration = network.inputs(CALIBRATION_SAMPLES)
    samples = np.stack([x.numpy() for x in network.inputs(SAMPLES)]).astype(np.float16)
    inputs = [torch.from_numpy(x.astype(np.float32)) for x in samples]
    program = export(net, inputs[0])
    quantized = {name: quantize(net, make_quantizer(), calibration)
                 for name, make_quantizer in network.quantizers.items()}
    for export_name, optimize in network.exports.items():
        folder = out / export_name
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "inputs.npy", samples)
        export_circle(net, inputs[0], optimize, folder / "model.circle")
        data = (folder / "model.circle").read_bytes()
        traced = CircleReferenceRuntime(data).run([inputs[0]], trace=True)
        names = circle_names.CircleNames(circle_builder.unpack(data), traced.tensor_values)
        for set_name, converted in quantized.items():
            entries = pt2e_params.extract(converted, with_bias=False, node_names=True)
            found = name_map(entries, names, program, inputs[0])
            write_set(folder / set_name, entries, found)
            with torch.no_grad():
                outputs = [converted(x).numpy() for x in inputs]
            np.save(folder / set_name / "outputs.npy", np.stack(outputs))
            print(f"{export_name}/{set_name}: {len(found)} of {len(entries)} entries")


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for network in networks.NETWORKS:
        make(network, out)


if __name__ == "__main__":
    main()
