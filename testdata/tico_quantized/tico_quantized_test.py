# SPDX-License-Identifier: Apache-2.0
"""What tico made of networks, q-implant makes of its parameters too: the tensors, bit by bit.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/tico_quantized

q-extract takes the parameters out of tico's file, and the command that it prints puts them into the
float32 model that tico exported of the same network, whose tensors have other names (--name_map).
Every tensor of tico's that has parameters has the same type, parameters and integers in the result,
and the operators are the same, but for what DIFFERENCES has. It does not need tico.
"""

import dataclasses
import json
import pathlib
import re
import shlex
import subprocess
import sys

import numpy as np
import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "operator_claims"), str(HERE.parent)]
import circle_builder  # noqa: E402
import commands  # noqa: E402
import imported_cases  # noqa: E402
import model_checker  # noqa: E402


@dataclasses.dataclass(frozen=True)
class Difference:
    """Names without the module they are from; why: README.md.

    alone: two Transposes that undo each other, which tico leaves in the quantized model only.
    floats: biases of operators that no known runtime has an integer kernel for: float32, with the
    values that the integers stand for.
    wider: 4-bit constants beside int16 data, which kernels read as int16.
    """

    alone: tuple = ()
    floats: tuple = ()
    wider: tuple = ()


_UP, _DOWN = "p_up_wrapped_module_bias", "p_down_wrapped_module_bias"
DIFFERENCES = {
    "cnn_uint8": Difference(alone=("permute_default_4", "permute_default_5"),
                            floats=("p_linear_wrapped_module_bias", )),
    "dense_gptq": Difference(floats=(_UP, )),
    "dense_smoothquant": Difference(floats=(_UP, )),
    "mlp_int16": Difference(floats=(_UP, _DOWN)),
    "mlp_int16_uint4": Difference(floats=(_UP, _DOWN), wider=("p_norm_wrapped_module_weight",
                                                              "p_norm_wrapped_module_bias")),
    "mlp_uint8": Difference(floats=(_UP, _DOWN)),
}  # yapf: disable
each_case = pytest.mark.parametrize("case", DIFFERENCES)


class File:
    """A circle file's graph."""

    def __init__(self, path):
        self.model = circle_builder.unpack(path.read_bytes())
        self.graph = self.model.subgraphs[0]
        self.tensors = {circle_builder.tensor_name(t): t for t in self.graph.tensors}

    def contents(self, tensor):
        """(type, shape, parameters, bytes)"""
        quantization, params = tensor.quantization, None
        if quantization is not None and quantization.scale is not None:
            params = (np.asarray(quantization.scale, np.float32).tobytes(),
                      list(quantization.zeroPoint), int(quantization.quantizedDimension))
        data = self.model.buffers[tensor.buffer].data
        return (circle_builder.type_name(tensor.type), list(tensor.shape), params,
                bytes(data) if data is not None else b"")

    def reals(self, name):
        """What the numbers of a constant stand for."""
        tensor = self.tensors[name]
        return imported_cases.real(imported_cases.integers(self.model, tensor), tensor)

    def computed(self):
        """[(operator, name of what it makes)] without conversions."""
        names = [circle_builder.tensor_name(t) for t in self.graph.tensors]
        kinds = [circle_builder.operator_name(self.model, n) for n in self.graph.operators]
        return [(kind, names[node.outputs[0]]) for kind, node in zip(kinds, self.graph.operators)
                if kind not in ("QUANTIZE", "DEQUANTIZE")]


def run(command, *args):
    done = subprocess.run([commands.find(command), *args], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def short(name):
    return name.split("::")[-1]


def extract(path, folder):
    """The words of the command that q-extract prints."""
    told = run("q-extract", "--input", path, "--output_dir", folder)
    return shlex.split(re.search(r"^  q-implant (.*)$", told, re.MULTILINE)[1])


def implant(words, float32, output, *options):
    places = {"FLOAT32_MODEL": float32, "QUANTIZED_MODEL": output}
    run("q-implant", *(places.get(word, word) for word in words), *options)
    return output


@dataclasses.dataclass(frozen=True)
class Result:
    """tico's file and ours, and the names of tico's tensors in ours."""

    path: pathlib.Path
    theirs: File
    ours: File
    names: dict

    def ours_of(self, name):
        return self.ours.tensors.get(self.names.get(name, name))


@pytest.fixture(scope="module", name="results")
def _results(tmp_path_factory):
    return {case: result(case, tmp_path_factory.mktemp(case)) for case in DIFFERENCES}


def result(case, folder):
    quantized, float32 = HERE / case / "quantized.circle", HERE / case / "float32.circle"
    names = json.loads((HERE / case / "name_map.json").read_text())
    options = ["--name_map", HERE / case / "name_map.json"]
    if DIFFERENCES[case].alone:
        options.append("--ignore_unknown")
    path = implant(extract(quantized, folder / "params"), float32, folder / "ours.circle", *options)
    return Result(path, File(quantized), File(path), names)


def test_every_model_is_a_case():
    assert {path.parent.name for path in HERE.glob("*/quantized.circle")} == set(DIFFERENCES)


@each_case
def test_tensors_are_ticos(results, case):
    found, count = results[case], 0
    different = {"alone": set(), "floats": set(), "wider": set()}
    for name, tensor in found.theirs.tensors.items():
        ours = found.ours_of(name)
        if tensor.quantization is None or tensor.quantization.scale is None:
            continue
        count += 1
        if ours is None:
            different["alone"].add(short(name))
        elif found.theirs.contents(tensor) != found.ours.contents(ours):
            is_float = circle_builder.type_name(ours.type) == "float32"
            different["floats" if is_float else "wider"].add(short(found.names.get(name, name)))
    expected = dataclasses.asdict(DIFFERENCES[case])
    assert different == {kind: set(names) for kind, names in expected.items()}
    assert count > 3 * sum(map(len, expected.values()))


@each_case
def test_what_differs_stands_for_the_same_numbers(results, case):
    found, difference = results[case], DIFFERENCES[case]
    theirs = {found.names.get(name, name): name for name in found.theirs.tensors}
    for name in found.ours.tensors:
        if short(name) in difference.floats:
            reals = found.theirs.reals(theirs[name]).astype(np.float32)
            data = circle_builder.constant(found.ours.model, found.ours.tensors[name])
            assert data.tobytes() == reals.tobytes()
        elif short(name) in difference.wider:
            step = found.ours.tensors[name].quantization.scale[0]
            error = found.theirs.reals(theirs[name]) - found.ours.reals(name)
            assert np.abs(error).max() <= 0.5001 * step


@each_case
def test_operators_are_ticos(results, case):
    found = results[case]
    theirs = [(kind, found.names.get(name, name)) for kind, name in found.theirs.computed()
              if short(name) not in DIFFERENCES[case].alone]
    ours = [(kind, re.sub("_(float|quantized)$", "", name)) for kind, name in found.ours.computed()]
    assert ours == theirs


@each_case
def test_result_is_sound_and_goes_around(results, case, tmp_path):
    path = results[case].path
    assert model_checker.check(path) == []
    words = extract(path, tmp_path / "params")
    again = implant(words, HERE / case / "float32.circle", tmp_path / "again.circle")
    assert again.read_bytes() == path.read_bytes()
