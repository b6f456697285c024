# SPDX-License-Identifier: Apache-2.0
"""The networks of this folder as q-implant makes them, and what they should compute.

implanter(folder) gives a function that implants a case ("resnet18/int8") for a target, once.
meant(case, folder) is the answer of the fake-quantized float model, on LiteRT.
A module; needs what run_model.py needs, and q-implant built.
"""

import dataclasses
import functools
import json
import pathlib
import subprocess
import sys
import zipfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import circle_builder  # noqa: E402
import commands  # noqa: E402
import fake_quant  # noqa: E402
import run_model  # noqa: E402

# {case: {target: what is expected of the result}}; without a target it is what LiteRT gets.
EXPECTED = json.loads((HERE / "expected.json").read_text())
# The case for which no runtime has kernels as it is annotated: uint8 data, int8 weights.
X86 = "mobilenet_v2/x86"
TARGETS = ("litert", "onert")
# The ways to run a result: the target it is for, and the runtime.
WAYS = {
    "kernels": ("litert", functools.partial(run_model.run_litert_many, delegates=False)),
    "xnnpack": ("litert", run_model.run_litert_many),
    "onert": ("onert", run_model.run_onert_many),
}  # yapf: disable


@dataclasses.dataclass(frozen=True)
class Result:
    """What q-implant made of a case."""

    path: pathlib.Path
    told: str  # what it told on stderr
    folder: pathlib.Path  # with the case's param.json

    def model(self):
        """A ModelT of its own for each caller."""
        return read(self.path)


def implanter(folder):
    """make(case, target=None): the Result, always the same one. Files go to the folder."""

    @functools.cache
    def make(case, target=None):
        result = unpacked(case, folder)
        path = result / f"{target}.circle"
        run = subprocess.run(
            [commands.find("q-implant"), "--input", float_path(case), "--param",
             result / "param.json", "--name_map", result / "name_map.json", "--output", path,
             *(["--target", target] if target else [])],
            capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        return Result(path, run.stderr, result)

    return make


@functools.cache
def unpacked(case, folder):
    """A folder inside the given one with the parameters of a case."""
    result = folder / case
    with zipfile.ZipFile(HERE / case / "arrays.npz") as archive:
        archive.extractall(result)
    for name in ("param.json", "name_map.json"):
        (result / name).write_bytes((HERE / case / name).read_bytes())
    return result


def read(path):
    return circle_builder.unpack(path.read_bytes())


def float_path(case):
    return (HERE / case).parent / "model.circle"


def inputs(case):
    return np.load((HERE / case).parent / "inputs.npy").astype(np.float32)


@functools.cache
def meant(case, folder):
    """What the parameters mean: the outputs of the fake-quantized model."""
    parameters = unpacked(case, folder)
    path = parameters / "fake_quantized.circle"
    path.write_bytes(fake_quant.fake_quantized(float_path(case).read_bytes(), parameters))
    return run_model.run_float_many(WAYS["kernels"][1], path, [inputs(case)])[0]


def as_int8(model):
    """The same model with int8 in place of uint8, and the same real numbers."""
    builder = circle_builder.CircleBuilder()
    builder.model, builder.graph = model, model.subgraphs[0]
    for tensor in model.subgraphs[0].tensors:
        if circle_builder.type_name(tensor.type) == "uint8":
            values = circle_builder.constant(model, tensor)
            if values is not None:
                moved = values.astype(np.int16) - 128
                tensor.buffer = builder.add_buffer(circle_builder.encode(moved, "int8"))
            tensor.type = circle_builder.tensor_type("int8")
            tensor.quantization.zeroPoint = np.asarray(tensor.quantization.zeroPoint) - 128
    return model


def snr_db(values, reference):
    assert values.shape == reference.shape
    noise = np.sum((values.astype(np.float64) - reference)**2)
    return 10 * np.log10(np.sum(reference.astype(np.float64)**2) / noise) if noise else np.inf
