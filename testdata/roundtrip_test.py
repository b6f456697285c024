# SPDX-License-Identifier: Apache-2.0
"""Import and export lose nothing.

Every model of roundtrip_models.py goes through this project's importer and exporter, and both files
are read by published bindings and compared, table by table (roundtrip_reader.py). The test's ids
and `-v` output name the models, whose docstrings say what they exercise.
"""

import functools
import os
import pathlib
import subprocess

import pytest
from ai_edge_litert import schema_py_generated as litert
from circle_schema import circle

import roundtrip_models
import roundtrip_reader

_HERE = pathlib.Path(__file__).resolve().parent
_BIN = pathlib.Path(os.environ.get("Q_IMPLANT_BIN_DIR", _HERE.parent / "build" / "bin"))


def run(data, folder, limit=None):
    """Import and export: the new bytes, or the error as text."""
    tool = _BIN / "roundtrip_tool"
    if not tool.is_file():
        pytest.fail(f"{tool} is not there: build it, or say where it is with Q_IMPLANT_BIN_DIR")
    source, target = folder / "in.circle", folder / "out.circle"
    source.write_bytes(data)
    command = [tool, source, target] + ([str(limit)] if limit is not None else [])
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return done.stderr.replace(str(source), "in.circle")
    return target.read_bytes()


def round_trip(data, folder, limit=None):
    result = run(data, folder, limit)
    assert isinstance(result, bytes), result
    return result


def assert_same_content(before, after):
    where = roundtrip_reader.difference(roundtrip_reader.contents(before),
                                        roundtrip_reader.contents(after))
    assert where is None, where


def buffers(data):
    """(position, size) of the bytes of each buffer, None where it has none."""
    places = []
    model = circle.Model.Model.GetRootAs(data, 0)
    for i in range(model.BuffersLength()):
        buffer = model.Buffers(i)
        if buffer.Offset() > 1:
            places.append((buffer.Offset(), buffer.Size()))
        elif buffer.DataIsNone():
            places.append(None)
        else:
            places.append((buffer._tab.Vector(buffer._tab.Offset(4)), buffer.DataLength()))
    return places


@functools.cache
def made(name):
    return roundtrip_models.MODELS[name]()


@pytest.fixture(params=roundtrip_models.MODELS)
def data(request):
    return made(request.param)


def test_models_are_many_and_say_what_they_exercise():
    assert len(roundtrip_models.MODELS) >= 30
    assert all(function.__doc__ for function in roundtrip_models.MODELS.values())


def test_nothing_is_lost(data, tmp_path):
    once = round_trip(data, tmp_path)
    assert_same_content(data, once)
    assert round_trip(once, tmp_path) == once


def payload_bytes(data):
    [tree, *_] = roundtrip_reader.contents(data)[1]
    nodes = [n for g in tree["Subgraphs"] or [] for n in g["Operators"] or []]
    payloads = [b["Data"] for b in tree["Buffers"] or []] + [n["CustomOptions"] for n in nodes]
    return sum(len(p or b"") for p in payloads)


# Appending a payload takes a few bytes more of the tables, which must be worth it.
APPENDABLE = [name for name in roundtrip_models.MODELS if payload_bytes(made(name)) > 200]


@pytest.mark.parametrize("name", APPENDABLE)
def test_nothing_is_lost_in_the_appended_layout(name, tmp_path):
    """As if the model were beyond 2 GiB: then back, to the same bytes as without the detour."""
    data = made(name)
    once = round_trip(data, tmp_path)
    limit = len(once) - 1
    far = round_trip(data, tmp_path, limit)
    assert_same_content(data, far)
    assert round_trip(far, tmp_path, limit) == far
    assert round_trip(far, tmp_path) == once


def test_many_models_are_appended():
    assert len(APPENDABLE) >= 30
    assert "custom_options_appended" in APPENDABLE


def test_buffers_are_aligned(data, tmp_path):
    for place in buffers(round_trip(data, tmp_path)):
        assert place is None or place[0] % 16 == 0


def test_operator_codes_suit_all_readers(data, tmp_path):
    model = circle.Model.Model.GetRootAs(round_trip(data, tmp_path), 0)
    for i in range(model.OperatorCodesLength()):
        code = model.OperatorCodes(i)
        assert code.DeprecatedBuiltinCode() == min(code.BuiltinCode(), 127)


def test_buffers_of_one_vector_stay_so(tmp_path):
    places = buffers(round_trip(roundtrip_models.buffers_of_one_vector(), tmp_path))
    assert places[2] == places[3] != places[1]


def test_buffers_of_equal_bytes_stay_separate(tmp_path):
    places = buffers(round_trip(roundtrip_models.buffers_shared(), tmp_path))
    assert len({places[1], places[2], places[3]}) == 3


# --- the comparison itself


def test_comparison_sees_every_byte_of_a_constant():
    before = roundtrip_models.small()
    after = roundtrip_models.small(change=lambda b: setattr(
        b.model.buffers[1], "data", b.model.buffers[1].data[:-1] + b"\1"))
    assert "model[1][0].Buffers[1].Data" in roundtrip_reader.difference(
        roundtrip_reader.contents(before), roundtrip_reader.contents(after))


def test_comparison_tells_absent_from_empty():
    def change(b):
        b.graph.tensors[0].shapeSignature = []

    difference = roundtrip_reader.difference(
        roundtrip_reader.contents(roundtrip_models.small()),
        roundtrip_reader.contents(roundtrip_models.small(change=change)))
    assert "model[1][0].Subgraphs[0].Tensors[0].ShapeSignature: None became" in difference


def test_comparison_reads_every_field_of_every_table():
    """Tables and fields that no model has would be compared by no one."""
    seen = {}

    def walk(tree):
        if isinstance(tree, dict):
            fields = seen.setdefault(tree["table"], set())
            fields.update(k for k, v in tree.items() if v not in (None, 0, False))
            tree = list(tree.values())
        if isinstance(tree, list):
            for value in tree:
                walk(value)

    for name in roundtrip_models.MODELS:
        walk(roundtrip_reader.CIRCLE.read(made(name)))
    for name, fields in seen.items():
        cls = getattr(getattr(circle, name), name)
        missing = {f for f, _, _ in roundtrip_reader.CIRCLE._fields_of(cls)} - fields
        assert missing <= NEVER_SET.get(name, set()), f"{name}: no model sets {missing}"
    tables = {n for n in roundtrip_reader._circle_classes() if hasattr(circle, n) and
              hasattr(getattr(circle, n), n + "T")}
    assert tables == set(seen)


# An enum with one value has no other than the default.
NEVER_SET = {"Operator": {"CustomOptionsFormat"}}

# --- what a newer TFLite wrote, which would be lost


def refusal(data, folder):
    result = run(data, folder)
    assert isinstance(result, str), "accepted"
    return result


ADVICE = ("it would be lost: update this program, or convert the model for an older version of the "
          "format\n")


def test_newer_option_fields_are_refused(tmp_path):
    def change(m):
        m.subgraphs[0].operators[0].builtinOptions.quantSpec = [1]

    assert refusal(roundtrip_models.litert_file(change), tmp_path) == (
        "error: in.circle: subgraphs[0].operators[0].builtin_options: table FullyConnectedOptions "
        f"has a field number 5, which is not known here; {ADVICE}")


def test_external_buffers_are_refused(tmp_path):
    data = roundtrip_models.litert_file(
        externalBufferGroups=[litert.ExternalBufferGroupT(name="weights.bin")],
        externalBuffers=[litert.ExternalBufferT(id=1, length=8)])
    assert refusal(data, tmp_path) == (
        f"error: in.circle: the file: table Model has a field number 8, which is not known here; {ADVICE}"
        f"error: in.circle: the file: table Model has a field number 9, which is not known here; {ADVICE}")


def test_newer_quantization_is_refused(tmp_path):
    def change(m):
        quantization = m.subgraphs[0].tensors[2].quantization
        quantization.detailsType = litert.QuantizationDetails.MultiAxisQuantization
        quantization.details = litert.MultiAxisQuantizationT(scales=1, blockSize=32)

    assert refusal(roundtrip_models.litert_file(change), tmp_path) == (
        "error: in.circle: subgraphs[0].tensors[2].quantization.details: the table is number 3 of "
        f"QuantizationDetails, which is not known here; {ADVICE}")
