# SPDX-License-Identifier: Apache-2.0
"""What q-extract takes out of a quantized model, q-implant makes that model of again.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/extract_round_trip_test.py

Each quantized model of this folder goes around, through the command lines: q-implant makes it of
the float32 model and parameters, q-extract takes it apart, and the command that it prints, run on
the float32 model, gives the same file, byte for byte. LOST has the exceptions; of those, tables
that circle-schema reads differ in nothing else. quantizer_reproduction and tico_quantized hold
the same of models that other tools quantized.
"""

import dataclasses
import pathlib
import re
import shlex
import subprocess
import sys

import numpy as np
import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / name) for name in ("pytorch_exports", "upstream_ops", "operator_claims")]
import annotate  # noqa: E402
import case_outcomes  # noqa: E402
import circle_builder  # noqa: E402
import commands  # noqa: E402
import demo  # noqa: E402
import exports  # noqa: E402
import imported_cases  # noqa: E402
import param_set  # noqa: E402
import random_graphs  # noqa: E402
import random_graphs_test  # noqa: E402
import roundtrip_models  # noqa: E402
import upstream_cases  # noqa: E402
import upstream_ops_test  # noqa: E402

FLOAT_ENDS = ("--input_type", "float32", "--output_type", "float32")
# One besides none for each random graph.
OPTIONS = (FLOAT_ENDS, ("--hybrid", ), ("--keep_bias", ), ("--weights_range", "full"),
           ("--input_type", "float32"), ("--output_type", "float32"), ("--hybrid", *FLOAT_ENDS))
CLAIMS_STEP = 24  # every 24th of the measured cases: all take a minute
SAME = "the same quantization parameters and integers\n"

# Names of tensors whose contents the quantized model does not have any more.
LOST_CLAMP = ("a tensor of another type than the one behind the Relu that went between them, and "
              "no form of it is left that has its name")
LOST = {f"seed {seed}": LOST_CLAMP for seed in (73, )}


# --- there and back


@dataclasses.dataclass(frozen=True)
class Trip:
    """A float32 model, what was made of it, and what was made of what was taken out of that."""

    quantized: pathlib.Path
    again: pathlib.Path
    command: list  # the words that q-extract printed; empty where there was nothing to take out

    @property
    def is_same(self):
        return not self.command or self.quantized.read_bytes() == self.again.read_bytes()

    def difference(self):
        """{what one of the files has and the other has not}, as tables() tells it."""
        return set(tables(self.quantized)) ^ set(tables(self.again))


def run(command, *args):
    """(exit status, standard output, standard error)"""
    done = subprocess.run([commands.find(command), *args], capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout, done.stderr


def there_and_back(model, param, folder, options=(), untold=()):
    """A Trip; the files go to the folder.

    untold: options that q-extract can't tell, given both times.
    """
    quantized = folder / f"quantized{model.suffix}"
    quantized.unlink(missing_ok=True)
    status, _, err = run("q-implant", model, param, quantized, *options, *untold)
    assert status == 0, err
    return back(model, quantized, folder, untold)


def back(model, quantized, folder, untold=()):
    again = folder / f"again{model.suffix}"
    again.unlink(missing_ok=True)
    status, out, err = run("q-extract", "--input", quantized, "--output_dir", folder / "extracted")
    if status != 0:
        assert err == (f"error: {quantized}: no tensor has quantization parameters; is it the "
                       "quantized model?\n")
        return Trip(quantized, again, [])
    words = shlex.split(re.search(r"^  q-implant (.*)$", out, re.MULTILINE)[1])
    places = {"FLOAT32_MODEL": model, "QUANTIZED_MODEL": again}
    status, _, err = run("q-implant", *(places.get(word, word) for word in words), *untold)
    assert status == 0, err
    return Trip(quantized, again, words)


def tables(path):
    """What a file is about, a tuple each: tensors by name, operators in order, inputs, outputs."""
    model = circle_builder.unpack(path.read_bytes())
    for g, graph in enumerate(model.subgraphs):
        names = [circle_builder.tensor_name(t) for t in graph.tensors]
        called = lambda ids, names=names: tuple(names[i] if i >= 0 else None for i in ids)  # noqa
        for tensor in graph.tensors:
            yield (g, circle_builder.tensor_name(tensor), circle_builder.type_name(tensor.type),
                   None if tensor.shape is None else tuple(tensor.shape), params(tensor),
                   bytes(model.buffers[tensor.buffer].data or b""))
        for n, node in enumerate(graph.operators):
            yield (g, n, circle_builder.operator_name(model, node), called(node.inputs),
                   called(node.outputs))
        yield g, "inputs and outputs", called(graph.inputs), called(graph.outputs)


def params(tensor):
    quantization = tensor.quantization
    if quantization is None or quantization.scale is None:
        return None
    return (tuple(map(float, quantization.scale)), tuple(map(int, quantization.zeroPoint)),
            int(quantization.quantizedDimension))


def not_same(trips):
    """{name: what differs} of those of {name: Trip} that are not the same file again."""
    return {name: sorted(map(str, trip.difference())) for name, trip in trips.items()
            if not trip.is_same}


# --- what goes around


@pytest.mark.parametrize("case", exports.EXPECTED)
def test_pytorch_exports(case, tmp_path):
    options = FLOAT_ENDS if list(exports.EXPECTED).index(case) % 2 else ()
    source = exports.unpacked(case, tmp_path)
    trip = there_and_back(exports.float_path(case), source / "param.json", tmp_path,
                          ("--name_map", source / "name_map.json", *options))
    assert trip.command and trip.is_same


@pytest.mark.parametrize("dtype, relu6", [("int8", False), ("int8", True), ("uint8", False),
                                          ("uint8", True)])
def test_mobilenet_v2(dtype, relu6, tmp_path):
    subprocess.run([sys.executable, HERE / "mobilenet_v2/make.py", tmp_path, "--dtype", dtype,
                    "--width", "0.35", "--resolution", "32",
                    *(["--standalone_relu6"] if relu6 else [])], check=True)
    trip = there_and_back(tmp_path / "model.circle", tmp_path / "param.json", tmp_path)
    assert trip.command and trip.is_same


def test_upstream_ops(tmp_path):
    """Every job; every second with float32 inputs and outputs."""
    trips = {}
    for i, job in enumerate(upstream_ops_test.JOBS):
        folder = tmp_path / f"{i:03}"
        param_set.write(folder, annotate.entries(job))
        (folder / "model.circle").write_bytes(upstream_cases.float_model(job.case))
        trips[str(job)] = there_and_back(folder / "model.circle", folder / "param.json", folder,
                                         FLOAT_ENDS if i % 2 else ())
    assert len(trips) > 240 and all(trip.command for trip in trips.values())
    assert not_same(trips) == {}


def test_operator_claims(tmp_path):
    cases = [case for case in case_outcomes.measured_cases() if case.operator != "DEQUANTIZE"]
    trips = {}
    for i, case in enumerate(cases[::CLAIMS_STEP]):
        folder = tmp_path / f"{i:04}"
        imported_cases.write(case, folder)
        trips[case.key] = there_and_back(folder / "model.circle", folder / "param.json", folder,
                                         ("--hybrid", ) if case.sides == "hybrid" else ())
    assert len(trips) > 50 and all(trip.command for trip in trips.values())
    assert not_same(trips) == {}


def random_trip(seed, folder, options=(), untold=()):
    graph = random_graphs.random_graph(seed)
    random_graphs.random_parameters(graph, seed).write(folder)
    (folder / "model.circle").write_bytes(graph.model)
    return there_and_back(folder / "model.circle", folder / "param.json", folder, options, untold)


@pytest.mark.parametrize("part", range(4))
def test_random_graphs(part, tmp_path):
    trips = {}
    for i, seed in enumerate(random_graphs_test.SEEDS[part::4]):
        options = OPTIONS[i % len(OPTIONS)] if seed % 2 else ()
        trips[f"seed {seed}"] = random_trip(seed, tmp_path / str(seed), options)
    assert sum(bool(trip.command) for trip in trips.values()) > 0.85 * len(trips)
    assert set(not_same(trips)) == {name for name in LOST if name in trips}
    for name in set(LOST) & set(trips):
        status = run("q-extract", "--input", trips[name].quantized, "--diff", trips[name].again)[0]
        assert status == 1


@pytest.mark.parametrize("dtype", ["uint8", "int8"])
@pytest.mark.parametrize("param_set", demo.SETS, ids=lambda s: s.name)
def test_digits_in_the_other_eight_bit_type(param_set, dtype, tmp_path):
    """The conversion is found where it shows, and taken back; else there is nothing to take back."""
    names = param_set.folder / "name_map.json"
    trip = there_and_back(demo.DIGITS / "model.circle", param_set.folder / "param.json", tmp_path,
                          ["--eight_bit", dtype,
                           *(["--name_map", names] if names.exists() else [])])
    assert trip.command and trip.is_same
    assert ("--eight_bit" in trip.command) == (not param_set.name.startswith(dtype))


FOLDED = 38  # a constant that is float32 again stood behind a Transpose, which went


@pytest.mark.parametrize("target", ["litert", "onert"])
def test_random_graphs_for_a_target(target, tmp_path):
    """With the target told again; for onert but for constants that it does not dequantize, and for
    graphs in which a layer became several: no constant of the float32 model is what they read."""
    trips = {seed: random_trip(seed, tmp_path / str(seed), (), ("--target", target))
             for seed in range(20, 40)}
    assert sum(bool(trip.command) for trip in trips.values()) > 14
    different = {seed: trip.difference() for seed, trip in trips.items() if not trip.is_same}
    assert bool(different) == (target == "onert")
    split = {seed for seed in different if b"_part" in trips[seed].quantized.read_bytes()}
    assert len(split) < len(trips) / 4
    for seed, found in different.items():
        if seed in split:
            continue
        constants = {fields for fields in found
                     if fields[2] == "float32" and fields[4] is None and fields[5]}
        assert constants == found or seed == FOLDED
        status, told, _ = run("q-extract", "--input", trips[seed].quantized, "--diff",
                              trips[seed].again)
        assert (status, told) == (0, SAME)


# --- --diff


def change_scale(tensor, _):
    scale = np.array(tensor.quantization.scale)
    scale[2] = np.nextafter(scale[2], np.float32(1))
    tensor.quantization.scale = scale


def change_zero_points(tensor, _):
    tensor.quantization.zeroPoint = np.asarray(tensor.quantization.zeroPoint) + 3


def change_value(_, data):
    data[5] = (data[5] + 2) % 256


def change_type(tensor, _):
    tensor.type = circle_builder.tensor_type("uint8")


def share_scale(tensor, _):
    tensor.quantization.scale = tensor.quantization.scale[:1]
    tensor.quantization.zeroPoint = tensor.quantization.zeroPoint[:1]


def drop_params(tensor, _):
    tensor.quantization = None


@pytest.mark.parametrize("change, told", [
    (change_scale, "scale 1 ulp apart"),
    (change_zero_points, "zero point 3 apart in 10 channels"),
    (change_value, "1 of 1280 values differ, by up to 2"),
    (change_type, "int8 and uint8"),
    (share_scale, "10 scales along axis 0 and 1 scale"),
    (drop_params, "int8 and float32"),
], ids=lambda value: getattr(value, "__name__", ""))
def test_diff_tells_a_change(change, told, tmp_path):
    case, name = "mobilenet_v2/int8", "tico::p_classifier_1_weight"
    source = exports.unpacked(case, tmp_path)
    trip = there_and_back(exports.float_path(case), source / "param.json", tmp_path,
                          ("--name_map", source / "name_map.json"))
    assert run("q-extract", "--input", trip.quantized, "--diff", trip.again) == (0, SAME, "")
    model = exports.read(trip.quantized)
    tensor, = [t for t in model.subgraphs[0].tensors if circle_builder.tensor_name(t) == name]
    data = bytearray(model.buffers[tensor.buffer].data)
    change(tensor, data)
    model.buffers[tensor.buffer].data = bytes(data)
    trip.again.write_bytes(circle_builder.pack(model))
    assert run("q-extract", "--input", trip.quantized, "--diff", trip.again) == (
        1, f"{name}: {told}\n1 tensor differs\n", "")


# --- models that exercise the file format

SAID = {
    "faulty": "a tensor that several nodes make, or that is read before it is made",
    "nothing": "no float32 tensor with a name of its own, or one that nothing reads or makes",
    "blockwise": "quantization that no entry says",
    "compressed": "constants that q-implant refuses to quantize",
}


def annotated(data):
    """An int8 Entry for each float32 tensor of the first graph that has a name of its own."""
    model = roundtrip_models.circle.Model.ModelT.InitFromPackedBuf(data)
    names = [circle_builder.tensor_name(t) for g in model.subgraphs or [] for t in g.tensors or []]
    first = model.subgraphs[0].tensors or [] if model.subgraphs else []
    return [param_set.Entry(circle_builder.tensor_name(t), "int8", np.float32([0.5]), np.int64([0]))
            for t in first if t.type == circle_builder.tensor_type("float32")
            and not t.isVariable
            and names.count(circle_builder.tensor_name(t)) == 1
            and re.fullmatch(r"[\w:./]+", circle_builder.tensor_name(t))]  # yapf: disable


def outcome(name, folder):
    source = folder / "model.circle"
    source.write_bytes(roundtrip_models.MODELS[name]())
    param_set.write(folder, annotated(source.read_bytes()))
    quantized = folder / "quantized.circle"
    status, _, told = run("q-implant", source, folder / "param.json", quantized)
    if "the model came with a fault" in told:
        return "faulty"
    if status != 0:
        return "compressed" if "sparse or compressed" in told else told
    status, _, told = run("q-extract", "--input", quantized, "--output_dir", folder / "extracted")
    if status != 0:
        return "blockwise" if "blockwise or custom quantization" in told else "nothing"
    return "same" if back(source, quantized, folder).is_same else "another"


def test_roundtrip_models(tmp_path):
    found = {}
    for name in roundtrip_models.MODELS:
        (tmp_path / name).mkdir()
        found[name] = outcome(name, tmp_path / name)
    assert set(found.values()) == {"same", *SAID}
    assert list(found.values()).count("same") >= 20
    assert {name for name in found if name.startswith("file_")} <= {
        name for name, how in found.items() if how == "same"}
