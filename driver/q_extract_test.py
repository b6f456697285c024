# SPDX-License-Identifier: Apache-2.0
"""q-extract through its command line: what it writes gives the quantized model again, byte by byte."""

import json
import re
import shlex
import subprocess

import numpy as np
import pytest

import circle_builder
import commands

TESTDATA = commands.REPOSITORY / "testdata"
DIGITS = TESTDATA / "digits"
USAGE = """\
usage: q-extract --input MODEL --output_dir FOLDER
       q-extract --input MODEL --diff MODEL [--json]
       q-extract --help tells the rest
"""
FLOAT_ENDS = ("--input_type", "float32", "--output_type", "float32")
OTHER_ENDS = ("--input_type", "int16", "--output_type", "int8")
# Float32 model, param.json, further options.
SOURCES = {
    "request": (TESTDATA / "conv2d_request" / "model.circle",
                TESTDATA / "conv2d_request" / "param.json", ()),
    "digits_uint8": (DIGITS / "model.circle", DIGITS / "uint8" / "param.json", ()),
    "digits_int8": (DIGITS / "model.circle", DIGITS / "int8" / "param.json",
                    ("--name_map", DIGITS / "int8" / "name_map.json")),
}


def run(command, *args):
    """(exit status, standard output, standard error)"""
    done = subprocess.run([commands.find(command), *args], capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout, done.stderr


def quantized(name, folder, options=()):
    """The path of a quantized model."""
    model, param, more = SOURCES[name]
    path = folder / "quantized.circle"
    status, _, err = run("q-implant", model, param, path, *more, *options)
    assert status == 0, err
    return path


@pytest.mark.parametrize("options", [(), FLOAT_ENDS, OTHER_ENDS],
                         ids=["annotated ends", "float ends", "other ends"])
@pytest.mark.parametrize("name", SOURCES)
def test_round_trip(name, options, tmp_path):
    path = quantized(name, tmp_path, options)
    status, out, err = run("q-extract", "--input", path, "--output_dir", tmp_path / "my params")
    assert (status, err) == (0, "")
    command = re.search(r"^  q-implant (.*)$", out, re.MULTILINE)[1]
    again = tmp_path / "again.circle"
    words = [str({"FLOAT32_MODEL": SOURCES[name][0], "QUANTIZED_MODEL": again}.get(w, w))
             for w in shlex.split(command)]
    assert run("q-implant", *words)[0] == 0
    assert again.read_bytes() == path.read_bytes()
    assert run("q-extract", "--input", path, "--diff", again) == (
        0, "the same quantization parameters and integers\n", "")


def test_what_is_written(tmp_path):
    path = quantized("request", tmp_path)
    status, out, _ = run("q-extract", "-i", path, "-o", tmp_path / "params")
    assert status == 0
    assert out == (f"{tmp_path}/params/param.json: 4 tensors, 2 of them with their integers, 0 kept "
                   "float32\nTo put them into the float32 model:\n  q-implant --input FLOAT32_MODEL "
                   f"--param {tmp_path}/params/param.json --output QUANTIZED_MODEL\n")
    document = json.loads((tmp_path / "params" / "param.json").read_text())
    assert document["ker"] == {"dtype": "uint8", "scale": "ker.scale.npy", "zerop": "ker.zerop.npy",
                               "value": "ker.value.npy", "quantized_dimension": 0}
    assert "value" not in document["ifm"]
    ker = np.load(tmp_path / "params" / "ker.value.npy")
    assert (ker.dtype, ker.tolist()) == (np.uint8, [[[[114, 239]]]])
    scale = np.load(tmp_path / "params" / "ker.scale.npy")
    zerop = np.load(tmp_path / "params" / "ker.zerop.npy")
    assert (scale.dtype, zerop.dtype, zerop.tolist()) == (np.float32, np.int64, [51])
    assert scale.tobytes() == np.load(TESTDATA / "conv2d_request" / "2.npy").tobytes()


def changed(path, to):
    """Writes the request's quantized model with three differences."""
    model = circle_builder.unpack(path.read_bytes())
    ifm, ker, _, ofm = model.subgraphs[0].tensors
    ifm.quantization.zeroPoint = ifm.quantization.zeroPoint + 1
    ker.quantization.scale = np.nextafter(ker.quantization.scale, np.float32(1))
    ofm.name = b"other"
    to.write_bytes(circle_builder.pack(model, circle_builder.CIRCLE))


def test_diff(tmp_path):
    path, other = quantized("request", tmp_path), tmp_path / "other.circle"
    changed(path, other)
    assert run("q-extract", "--input", path, "--diff", other) == (
        1, "ifm: zero point 1 apart\nker: scale 1 ulp apart\nofm: only in the first\n"
        "other: only in the second\n4 tensors differ\n", "")
    status, out, err = run("q-extract", "--input", path, "--diff", other, "--json")
    assert (status, err) == (1, "")
    assert json.loads(out)["tensors"][:3] == [
        {"graph": 0, "tensor": "ifm", "difference": "zero point 1 apart", "zero_point_steps": 1,
         "differing_zero_points": 1},
        {"graph": 0, "tensor": "ker", "difference": "scale 1 ulp apart", "scale_ulps": 1,
         "differing_scales": 1},
        {"graph": 0, "tensor": "ofm", "difference": "only in the first", "missing": "second"}]


def test_a_name_that_the_float32_model_may_not_have(tmp_path):
    path = quantized("request", tmp_path)
    model = circle_builder.unpack(path.read_bytes())
    ker = model.subgraphs[0].tensors[1]
    ker.name = b"tfl.pseudo_qconst"
    path.write_bytes(circle_builder.pack(model, circle_builder.CIRCLE))
    status, out, err = run("q-extract", "--input", path, "--output_dir", tmp_path / "p")
    assert (status, err) == (
        0, f"remark: {path}: tensor 'tfl.pseudo_qconst': the float32 model may call the tensor "
        "otherwise; the printed command goes on without what it does not find, and names it\n")
    assert out.endswith(f"--param {tmp_path}/p/param.json --output QUANTIZED_MODEL --ignore_unknown\n")
    status, _, err = run("q-implant", SOURCES["request"][0], tmp_path / "p" / "param.json",
                         tmp_path / "again.circle", "--ignore_unknown")
    assert status == 0
    assert err.startswith(f"warning: {tmp_path}/p/param.json: tensor 'tfl.pseudo_qconst': no tensor of")


def test_trouble(tmp_path):
    missing = tmp_path / "missing.circle"
    problem = f"error: {missing}: there is no such file; check the name and the folder\n"
    assert run("q-extract", "--input", missing, "--diff", missing) == (2, "", problem * 2)
    assert run("q-extract", "--input", missing, "--output_dir", tmp_path / "p") == (1, "", problem)
    model = SOURCES["request"][0]
    assert run("q-extract", "--input", model, "--output_dir", tmp_path / "p") == (
        1, "", f"error: {model}: no tensor has quantization parameters; is it the quantized model?\n")
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("args, problem", [
    ((), "--input is missing: the quantized model"),
    (("--input", "m"), "--output_dir is missing: where to write param.json"),
    (("--input", "m", "--output_dir", "d", "--diff", "n"),
     "--output_dir and --diff exclude each other"),
    (("--input", "m", "--output_dir", "d", "--json"), "--json goes with --diff"),
])
def test_wrong_commands(args, problem):
    assert run("q-extract", *args) == (2, "", f"error: {problem}\n{USAGE}")


def test_help():
    status, out, err = run("q-extract", "--help")
    assert (status, err) == (0, "")
    groups = re.findall(r"^(\w+):\n((?:  .+\n)+)", out, re.MULTILINE)
    options = {name: re.findall(r"^  (?:-\w,)?(--\w+)", lines, re.MULTILINE)
               for name, lines in groups}
    assert options == {"Files": ["--input", "--output_dir", "--diff"],
                       "Output": ["--json", "--version", "--help"], "Examples": []}
    assert "q-extract --input quantized.circle --output_dir params\n" in out


@pytest.mark.parametrize("name", [
    b"\xe9t\xe9", b"a\x85\x9bb", "a\u0085\u009bb".encode(), "\u202ea\u2028".encode(), b"\xed\xa0\x80",
    b'q"\\', b"a\nb", b"\x7f#0/1", b"n" * 5000])
def test_any_bytes_in_a_name(name, tmp_path):
    """Every JSON file parses, param.json is taken back, and no message holds a control character."""
    quant = circle_builder.quantization([0.5], [3])
    models = {}
    for kind in ("float", "quantized"):
        b = circle_builder.CircleBuilder()
        x = b.add_tensor("x" * len(name), [1, 4], *(("int8", quant) if kind == "quantized" else ()))
        y = b.add_tensor("y", [1, 4], *(("int8", quant) if kind == "quantized" else ()))
        b.add_operator("RESHAPE", [x], [y], "ReshapeOptions", newShape=[1, 4])
        b.set_io([x], [y])
        models[kind] = tmp_path / f"{kind}.circle"
        models[kind].write_bytes(b.finish().replace(b"x" * len(name), name))
    folder, report = tmp_path / "params", tmp_path / "report.json"
    status, out, err = run("q-extract", "--input", models["quantized"], "--output_dir", folder)
    assert status == 0, err
    assert len(json.loads((folder / "param.json").read_bytes().decode())) == 2
    status, out, err = run("q-implant", models["float"], folder / "param.json", tmp_path / "again.circle",
                           "--report", report, "--verbose")
    assert status == 0, err
    status, out, err = run("q-extract", "--input", tmp_path / "again.circle", "--diff",
                           models["quantized"])
    assert (status, err) == (0, ""), out
    json.loads(report.read_bytes().decode(), parse_constant=lambda word: pytest.fail(word))
    params = tmp_path / "wrong.json"
    params.write_text(json.dumps({"#0/0": {"dtype": "int8", "scale": "none.npy", "zerop": "none.npy"}}))
    status, out, err = run("q-implant", models["float"], params, tmp_path / "o.circle", "--report", report)
    assert status == 1
    json.loads(report.read_bytes().decode())
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e]", err)


def test_errors_are_capped(tmp_path):
    model = SOURCES["request"][0]
    params = tmp_path / "many.json"
    params.write_text(json.dumps({f"{i} {'n' * 300}": {"dtype": "int8", "scale": "s.npy",
                                                       "zerop": "z.npy"} for i in range(5000)}))
    status, _, err = run("q-implant", model, params, tmp_path / "o.circle")
    lines = err.splitlines()
    assert status == 1 and len(lines) == 102 and len(err) < 100 * 1000
    assert re.fullmatch(r"error: and \d+ more errors", lines[-2])
    assert re.fullmatch(r"\d+ errors; nothing was written", lines[-1])
