# SPDX-License-Identifier: Apache-2.0
"""Tests of the command q-implant: its command line, what it says, what it leaves behind.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest driver/q_implant_test.py
"""

import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import time

import numpy as np
import pytest

import circle_builder
import commands
import param_set

TESTDATA = commands.REPOSITORY / "testdata"
REQUEST = TESTDATA / "conv2d_request"
USAGE = """\
usage: q-implant --input MODEL --param JSON --output MODEL
       q-implant --help tells the rest
"""
REQUEST_BEFORE = """\
graph main(%ifm: float32[1,3,3,2]) -> (%ofm) {
  const %ker: float32[1,1,1,2] = {0.311261, 0.920864}
  const %bias: float32[1] = {0.502937}
  %ofm: float32[1,3,3,1] = CONV_2D(%ifm, %ker, %bias) {padding: VALID, stride_w: 1, stride_h: 1}
}
"""
REQUEST_AFTER = """\
graph main(%ifm: uint8[1,3,3,2] q(0.009803922, 102)) -> (%ofm) {
  const %ker: uint8[1,1,1,2] q(0.004901961, 51) = {114, 239}
  const %bias: int32[1] q(4.8058442e-05, 0) = {10465}
  %ofm: uint8[1,3,3,1] q(0.012745098, 59) = CONV_2D(%ifm, %ker, %bias) \
{padding: VALID, stride_w: 1, stride_h: 1}
}
"""


def run(*args, **options):
    """Runs q-implant; returns (exit status, standard output, standard error)."""
    done = subprocess.run([commands.find("q-implant"), *args], capture_output=True, text=True,
                          check=False, **options)
    return done.returncode, done.stdout, done.stderr


class Job:
    """The request's example in a folder of its own: model.circle, param.json and its npy files."""

    def __init__(self, folder):
        self.folder = folder / "in"
        shutil.copytree(REQUEST, self.folder)
        self.model = self.folder / "model.circle"
        self.param = self.folder / "param.json"
        self.document = json.loads(self.param.read_text())
        (folder / "out").mkdir()
        self.output = folder / "out" / "output.circle"

    def save(self, number, values):
        np.save(self.folder / f"{number}.npy", values)

    def write_param(self):
        self.param.write_text(json.dumps(self.document))

    def run(self, *options, output=None, **more):
        self.write_param()
        return run("--input", self.model, "--param", self.param, "--output", output or self.output,
                   *options, **more)

    def left_behind(self):
        """What stands in the output's folder."""
        return sorted(p.name for p in self.output.parent.iterdir())

    def closing_line(self, counts="4 tensors annotated, 0 propagated, 0 derived, 0 left float32; "
                     "1 of 1 operators integer",
                     output=None):
        output = output or self.output
        return f"{output}: {counts}; 544 bytes before, {output.stat().st_size} after\n"

    def report(self, *problems):
        """What q-implant says of these problems."""
        lines = [f"error: {p}\n".format(model=self.model, param=self.param, folder=self.folder)
                 for p in problems]
        count = "1 error" if len(problems) == 1 else f"{len(problems)} errors"
        return "".join(lines) + f"{count}; nothing was written\n"

    def expect_failure(self, *problems, options=()):
        """These error lines and no others, and nothing written."""
        before = self.output.read_bytes() if self.output.exists() else None
        status, out, err = self.run(*options)
        assert (status, out, err) == (1, "", self.report(*problems))
        assert self.left_behind() == ([] if before is None else [self.output.name])
        assert before is None or self.output.read_bytes() == before


@pytest.fixture
def job(tmp_path):
    return Job(tmp_path)


def constants_of(path):
    model = circle_builder.unpack(path.read_bytes())
    return {circle_builder.tensor_name(t): circle_builder.constant(model, t)
            for t in model.subgraphs[0].tensors}


# --- what needs no files


def options_by_group(text):
    """The options of a help text, in its order."""
    groups = re.findall(r"^(\w+):\n((?:  .+\n)+)", text, re.MULTILINE)
    return {name: re.findall(r"^  (?:-\w,|q-implant )?(--\w+)", lines, re.MULTILINE)
            for name, lines in groups}


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(option):
    status, out, err = run(option)
    assert (status, err) == (0, "")
    assert out.startswith("Puts quantization parameters that another toolchain made")
    assert options_by_group(out) == {
        "Files": ["--input", "--param", "--output"],
        "Parameters": ["--name_map", "--allow_outside", "--ignore_unknown", "--check_values"],
        "Quantization": ["--target", "--eight_bit", "--check", "--require_all", "--hybrid", "--weight_only", "--input_type", "--output_type", "--weights_range",
                         "--keep_bias"],
        "Output": ["--verbose", "--report", "--dot", "--dry_run", "--print_before", "--print_after",
                   "--version", "--help"],
        "Example": ["--input"],
    }
    assert "Exit codes: 0 done, 1 the data is wrong" in out


def test_the_page_has_the_same_options():
    page = (commands.REPOSITORY / "docs/q-implant.md").read_text()
    sections = {title: re.findall(r"^\| (`-.*?) \| ", text, re.MULTILINE)
                for title, text in re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page,
                                              re.MULTILINE | re.DOTALL)}
    told = {title: re.findall(r"--\w+", "\n".join(cells)) for title, cells in sections.items()}
    _, out, _ = run("--help")
    for group, options in options_by_group(out).items():
        if group != "Example":
            expected = [o for o in options if o not in ("--version", "--help")]
            assert told[group] == expected


def test_help_example_is_json_of_the_format():
    _, out, _ = run("--help")
    example = re.search(r"^  (\{.*?\} \})$", out, re.MULTILINE | re.DOTALL).group(1)
    (entry,) = json.loads(example).values()
    assert list(entry) == ["dtype", "scale", "zerop", "value", "quantized_dimension"]


@pytest.mark.parametrize("option", ["--version", "-v"])
def test_version(option):
    project = (commands.REPOSITORY / "CMakeLists.txt").read_text()
    version = re.search(r"project\(q-implant VERSION (\S+)", project).group(1)
    assert run(option) == (0, f"q-implant {version}\n", "")


WRONG_COMMANDS = [
    ([], "--input is missing: the float32 model"),
    (["m"], "--param is missing: the parameters, a JSON file"),
    (["m", "p"], "--output is missing: the file to write"),
    (["--output", "o"], "--input is missing: the float32 model"),
    (["--input", "m", "--output", "o"], "--param is missing: the parameters, a JSON file"),
    (["m", "p", "o", "x", "y"], "'x' is one argument too many"),
    (["--input", "m", "p", "o", "x"], "'x' is one argument too many"),
    (["--frobnicate", "m", "p", "o"], "The following argument was not expected: --frobnicate"),
    (["m", "p", "o", "--frobnicate"], "The following argument was not expected: --frobnicate"),
    (["m", "p", "o", "--input_type", "int32"],
     "--input_type: 'int32' is not one of float32, uint8, int8, int16"),
    (["m", "p", "o", "--output_type", "uint8,float"],
     "--output_type: 'float' is not one of float32, uint8, int8, int16, nor the type of an input or "
     "output that is not float32 (int32, bool, ...)"),
    (["m", "p", "o", "--eight_bit", "uint8", "--input_type", "int16,int8"],
     "--input_type int8 and --eight_bit uint8 exclude each other"),
    (["m", "p", "o", "--output_type", "uint8", "--eight_bit", "int8"],
     "--output_type uint8 and --eight_bit int8 exclude each other"),
    (["m", "p", "o", "--weights_range", "wide"], "--weights_range: 'wide' is not narrow or full"),
    (["m", "p", "o", "--name_map"], "--name_map: 1 required JSON missing"),
]


@pytest.mark.parametrize("args, problem", WRONG_COMMANDS, ids=lambda v: " ".join(v))
def test_wrong_command(tmp_path, args, problem):
    assert run(*args, cwd=tmp_path) == (2, "", f"error: {problem}\n{USAGE}")
    assert list(tmp_path.iterdir()) == []


# --- ways to name the files


def test_closing_line(job):
    assert job.run() == (0, job.closing_line(), "")
    assert job.left_behind() == ["output.circle"]


@pytest.mark.parametrize("arrange", [
    lambda m, p, o: [m, p, o],
    lambda m, p, o: ["--verbose", m, p, o],
    lambda m, p, o: [m, p, o, "--verbose"],
    lambda m, p, o: [m, "--param", p, o],
    lambda m, p, o: ["--output", o, m, p],
    lambda m, p, o: ["-i", m, "-p", p, "-o", o, "-V"],
    lambda m, p, o: [f"--input={m}", f"--param={p}", f"--output={o}"],
    lambda m, p, o: ["--", m, p, o],
])  # yapf: disable
def test_arrangements_of_the_arguments(job, arrange):
    args = arrange(job.model, job.param, job.output)
    assert run(*args) == (0, job.closing_line(), "")


def test_relative_paths_are_told_as_given(job):
    status, out, err = run("in/model.circle", "in/param.json", "out/o.circle",
                           cwd=job.folder.parent)
    assert (status, err) == (0, "")
    assert out == job.closing_line(output=job.output.parent / "o.circle").replace(
        f"{job.folder.parent}/", "")


# --- what can't be read


NO_FILE = "there is no such file; check the name and the folder"


def test_missing_model(job):
    job.model.unlink()
    job.expect_failure(f"{{model}}: {NO_FILE}")


def test_missing_param(job):
    job.param = job.folder / "nowhere.json"
    status, out, err = run(job.model, job.param, job.output)
    assert (status, out, err) == (1, "", job.report(f"{{param}}: {NO_FILE}"))
    assert job.left_behind() == []


def test_missing_model_and_wrong_parameters_in_one_report(job):
    job.model.unlink()
    del job.document["ker"]["dtype"]
    job.expect_failure(f"{{model}}: {NO_FILE}",
                       "{param}: tensor 'ker': 'dtype' is missing: expected int4, uint4, int8, "
                       "uint8, int16, int32, int64, or float32 to keep the tensor float32")


def test_missing_npy(job):
    (job.folder / "2.npy").unlink()
    (job.folder / "9.npy").unlink()
    job.expect_failure(
        "{param}: tensor 'ker': 'scale': 2.npy: there is no such file: expected it in {folder}, "
        "the param file's folder; copy the .npy files along with the param file",
        "{param}: tensor 'ofm': 'zerop': 9.npy: there is no such file: expected it in {folder}, "
        "the param file's folder; copy the .npy files along with the param file")


def test_missing_name_map(job):
    job.expect_failure(f"nowhere.json: {NO_FILE}", options=["--name_map", "nowhere.json"])


def test_model_of_another_kind(job):
    job.model.write_text("no model")
    job.expect_failure("{model}: is not a circle or TFLite file: expected \"CIR0\" or \"TFL3\" at "
                       "byte 4, found \"odel\"; convert the model to circle first")


# --- what does not fit


def test_unknown_name(job):
    job.document["offm"] = job.document.pop("ofm")
    job.expect_failure("{param}: tensor 'offm': no tensor of {model} has this name (3 of 4 names "
                       "matched); the nearest names are 'ofm', 'ifm'")


def test_unknown_name_like_no_other(job):
    job.document["frobnicate"] = job.document.pop("ofm")
    job.expect_failure("{param}: tensor 'frobnicate': no tensor of {model} has this name (3 of 4 "
                       "names matched); see the tensors with --print_before, give a --name_map, or "
                       "--ignore_unknown")


def test_all_problems_in_one_report(job):
    job.save(0, np.array([-1], np.float32))
    job.save(4, np.zeros([1, 2, 1, 1], np.uint8))
    job.document["offm"] = job.document.pop("ofm")
    job.output.write_bytes(b"old")
    job.expect_failure(
        "{param}: tensor 'ifm': scale is not positive: expected finite numbers > 0, found -1 at "
        "index 0 of '0.npy'",
        "{param}: tensor 'ker': the value's shape is not the tensor's: expected [1,1,1,2], found "
        "[1,2,1,1] in 4.npy; np.transpose(value, (0, 2, 3, 1)) would have the shape",
        "{param}: tensor 'offm': no tensor of {model} has this name (3 of 4 names matched); the "
        "nearest names are 'ofm', 'ifm'")


def test_entry_with_a_bad_scale_and_an_unknown_name(job):
    job.save(8, np.array([0], np.float32))
    job.document["offm"] = job.document.pop("ofm")
    job.expect_failure(
        "{param}: tensor 'offm': scale is not positive: expected finite numbers > 0, found 0 at "
        "index 0 of '8.npy'; a channel of zeros may have any positive scale",
        "{param}: tensor 'offm': no tensor of {model} has this name (3 of 4 names matched); the "
        "nearest names are 'ofm', 'ifm'")


def test_nothing_is_read_outside_the_folder(job):
    shutil.move(job.folder / "0.npy", job.folder.parent / "0.npy")
    job.document["ifm"]["scale"] = "../0.npy"
    job.expect_failure(
        "{param}: tensor 'ifm': 'scale': ../0.npy: the file is outside the param file's folder: "
        f"expected a file below {{folder}}, found {job.folder.parent}/0.npy; move it there, or "
        "give --allow_outside")
    assert job.run("--allow_outside") == (0, job.closing_line(), "")


# --- the options


def test_prints(job):
    plain = job.run()
    assert job.run("--print_before") == (0, REQUEST_BEFORE + plain[1], "")
    assert job.run("--print_after") == (0, REQUEST_AFTER + plain[1], "")
    assert job.run("--print_before", "--print_after") == (
        0, REQUEST_BEFORE + REQUEST_AFTER + plain[1], "")


def test_printed_after_is_what_stands_in_the_file(job):
    job.run()
    job.param.write_text("{}")
    _, out, _ = run(job.output, job.param, "/dev/null", "--print_before")
    assert out.startswith(REQUEST_AFTER)


def test_printed_before_where_the_parameters_are_wrong(job):
    job.document["frobnicate"] = job.document.pop("ofm")
    status, out, _ = job.run("--print_before", "--print_after")
    assert (status, out) == (1, REQUEST_BEFORE)


def test_float_ends(job):
    _, out, _ = job.run("--input_type", "float32", "--output_type", "float32", "--print_after")
    assert out.startswith("""\
graph main(%ifm: float32[1,3,3,2]) -> (%ofm) {
  %ifm_quantized: uint8[1,3,3,2] q(0.009803922, 102) = QUANTIZE(%ifm) {}
""")
    assert "  %ofm: float32[1,3,3,1] = DEQUANTIZE(%ofm_quantized) {}\n}\n" in out


def test_integer_ends(job):
    _, out, _ = job.run("--input_type", "int8", "--output_type", "int16", "--print_after")
    assert out.startswith("""\
graph main(%ifm: int8[1,3,3,2] q(0.009803922, -26)) -> (%ofm) {
  %ifm_quantized: uint8[1,3,3,2] q(0.009803922, 102) = QUANTIZE@2(%ifm) {}
""")
    # 196 * 0.012745098 / 32767: the annotated range ends at 255, the zero point is 59.
    assert "  %ofm: int16[1,3,3,1] q(7.6236436e-05, 0) = QUANTIZE@2(%ofm_quantized) {}\n}\n" in out
    assert job.run("--input_type", "uint8", "--output_type", "uint8", "--print_after") == (
        0, REQUEST_AFTER + job.closing_line(), "")


def test_ends_of_the_type_that_eight_bit_gives(job):
    _, out, _ = job.run("--eight_bit", "int8", "--input_type", "int8", "--output_type", "float32",
                        "--print_after")
    assert out.startswith("graph main(%ifm: int8[1,3,3,2] q(0.009803922, -26)) -> (%ofm) {\n")
    assert "%ofm_quantized: int8[1,3,3,1] q(0.012745098, -69) = CONV_2D(%ifm, %ker, %bias)" in out
    assert out.count("QUANTIZE") == 1


def test_integer_ends_that_can_not_be(job):
    ifm = job.document.pop("ifm")
    job.expect_failure(
        f"{job.model}: tensor 'ifm': it has no parameters, so it stays float32: expected int8, as "
        "--input_type says; annotate it, or ask for float32", options=("--input_type", "int8"))
    job.document["ifm"] = ifm
    job.expect_failure(
        f"{job.model}: --input_type does not give as many types as the model has inputs: expected 1, "
        "for 'ifm', found 2 in 'uint8,int8'; give one type for each input, or one for all",
        options=("--input_type", "uint8,int8"))


def test_name_map(job):
    job.document = {f"net.{name}": entry for name, entry in job.document.items()}
    names = {f"net.{name}": name for name in ("ifm", "ker", "bias", "ofm")}
    path = job.folder / "names.json"
    path.write_text(json.dumps(names | {"net.gone": "x", "net.other": "y"}))
    assert job.run("--name_map", path) == (0, job.closing_line(), "")
    assert job.run("--name_map", path, "--verbose") == (
        0, job.closing_line(), f"note: {path}: 2 of 6 names in the name map are not in the param "
        "file: found 'net.gone', 'net.other'\n")


def test_name_map_to_an_unknown_name(job):
    path = job.folder / "names.json"
    path.write_text(json.dumps({"ofm": "offm"}))
    job.expect_failure(
        "{param}: tensor 'ofm': no tensor of {model} has this name (3 of 4 names matched): found "
        "'offm' in the name map; the nearest names are 'ofm', 'ifm'", options=["--name_map", path])


@pytest.mark.parametrize("word, level, expected_status",
                         [("warn", "warning", 0), ("error", "error", 1)])
def test_value_that_does_not_resemble_the_model(job, word, level, expected_status):
    job.save(5, np.load(job.folder / "5.npy") * np.float32(5))
    status, _, err = job.run(f"--check_values={word}")
    assert status == expected_status
    assert err.startswith(
        f"{level}: {job.param}: tensor 'bias': the value does not resemble the model's float32 "
        "data: expected a signal-to-noise ratio of 3 dB or more, found -12 dB in '7.npy'; is it "
        "the value of this tensor? --check_values=off leaves out this check\n")
    assert job.output.exists() == (expected_status == 0)


def test_bias_of_other_parameters(job):
    job.save(5, np.load(job.folder / "5.npy") * np.float32(5))
    # What the bias adds is now five times that of the float32 bias, which a check would tell.
    status, out, err = job.run("--print_after", "--check_values=off")
    assert status == 0
    assert err == (
        f"warning: {job.param}: tensor 'bias': the bias has other parameters than kernels assume; "
        "it was rescaled: expected scale 4.8058442e-05 (data scale x weights scale) and zero point "
        "0, found scale 0.00024029221 and zero point 0; export the bias with that scale, or keep it "
        "as it is with --keep_bias\n")
    assert "const %bias: int32[1] q(4.8058442e-05, 0) = {52325}\n" in out
    assert "0 left float32; 1 of 1 operators integer; 1 warning; 544 bytes before" in out

    status, out, err = job.run("--keep_bias", "--print_after", "--check_values=off")
    assert (status, err) == (0, "".join(
        f"warning: {job.model}: tensor 'ofm': {runtime} computes wrong values for CONV_2D with a "
        "bias of another scale than data x weights, or a zero point; export the bias with that "
        "scale, and leave out --keep_bias\n" for runtime in ("LiteRT", "onert")))
    assert "const %bias: int32[1] q(0.00024029221, 0) = {10465}\n" in out


@pytest.mark.parametrize("options, lowest", [([], -127), (["--weights_range", "narrow"], -127),
                                             (["--weights_range", "full"], -128)])
def test_weights_range(job, options, lowest):
    model = circle_builder.unpack(job.model.read_bytes())
    ker, = (t for t in model.subgraphs[0].tensors if circle_builder.tensor_name(t) == "ker")
    model.buffers[ker.buffer].data = np.array([-4, 1], np.float32).tobytes()
    job.model.write_bytes(circle_builder.pack(model))
    for name in ("ifm", "ker", "ofm"):
        job.document[name]["dtype"] = "int8"
    del job.document["ker"]["value"], job.document["bias"]
    for number in (1, 3, 9):
        job.save(number, np.array([0]))
    job.save(2, np.array([1 / 32], np.float32))
    status, out, err = job.run(*options)
    assert (status, err) == (0, "")
    assert out == job.closing_line("3 tensors annotated, 0 propagated, 1 derived, 0 left float32; "
                                   "1 of 1 operators integer")
    assert constants_of(job.output)["ker"].tolist() == [[[[lowest, 32]]]]


def test_islands_are_told_when_asked(job):
    del job.document["ker"]
    del job.document["bias"]
    line = "2 tensors annotated, 0 propagated, 0 derived, 2 left float32; 0 of 1 operators integer"
    status, out, err = job.run()
    assert (status, out, err) == (0, job.closing_line(line), "")
    assert job.run("--verbose") == (
        0, job.closing_line(line), f"note: {job.model}: tensor 'ofm': CONV_2D stays float32: the "
        "weights 'ker' have no parameters\n")


UNKNOWN = ("{level}: {param}: tensor 'offm': no tensor of {model} has this name (3 of 4 names "
           "matched); the nearest names are 'ofm', 'ifm'\n")


def test_ignored_unknown_name(job):
    job.document["offm"] = job.document.pop("ofm")
    status, out, err = job.run("--ignore_unknown")
    assert (status, err) == (
        0, UNKNOWN.format(level="warning", param=job.param, model=job.model)
        + f"warning: {job.param}: 1 annotated weights tensor stands beside float32 data, since what "
        "its operator reads or makes has no parameters: 'ker': expected parameters for the "
        "activations too; annotate the activations; if the weights alone are intended, give "
        "--weight_only, or --hybrid for kernels that read integer weights\n"
        f"warning: {job.model}: tensor 'bias': the bias is written as float32 (its dequantized values), because its operator stays float32; --verbose says why the operator stays float32\n")
    assert out == job.closing_line("3 tensors annotated, 0 propagated, 0 derived, 1 left float32; "
                                   "0 of 1 operators integer; 3 warnings")


def test_dry_run_writes_nothing(job):
    job.output.write_bytes(b"old")
    assert job.run("--dry_run", "--print_after") == (
        0, f"{REQUEST_AFTER}{job.output}: 4 tensors annotated, 0 propagated, 0 derived, 0 left "
        "float32; 1 of 1 operators integer; 544 bytes before, nothing written (--dry_run)\n", "")
    assert job.output.read_bytes() == b"old"
    assert job.left_behind() == ["output.circle"]


def test_dry_run_finds_problems(job):
    job.document["offm"] = job.document.pop("ofm")
    job.expect_failure(UNKNOWN.format(level="", param=job.param, model=job.model)[2:].rstrip(),
                       options=["--dry_run"])


def test_require_all(job):
    assert job.run("--require_all") == (0, job.closing_line(), "")
    job.output.unlink()
    del job.document["ker"]
    job.expect_failure(
        "{model}: tensor 'ofm': CONV_2D is left float32: expected an integer operator, for "
        "--require_all is given, found the weights 'ker' have no parameters; give its tensors "
        "parameters, or leave out --require_all", options=["--require_all"])


# --- the output file


def test_output_may_be_the_input(job):
    job.run()
    assert job.run(output=job.model) == (0, f"{job.model}: 4 tensors annotated, 0 propagated, 0 "
                                         "derived, 0 left float32; 1 of 1 operators integer; 544 bytes before, "
                                         f"{job.output.stat().st_size} after\n", "")
    assert job.model.read_bytes() == job.output.read_bytes()


@pytest.mark.parametrize("umask, mode", [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_new_output_has_the_mode_of_the_umask(job, umask, mode):
    assert job.run(umask=umask)[0] == 0
    assert stat.S_IMODE(job.output.stat().st_mode) == mode


def test_old_output_keeps_its_mode(job):
    job.output.write_bytes(b"old")
    job.output.chmod(0o751)
    assert job.run(umask=0o077)[0] == 0
    assert stat.S_IMODE(job.output.stat().st_mode) == 0o751
    assert job.left_behind() == ["output.circle"]


def test_output_behind_a_link(job):
    target = job.folder / "target.circle"
    target.write_bytes(b"old")
    job.output.symlink_to(target)
    assert job.run() == (0, job.closing_line(), "")
    assert job.output.is_symlink() and target.read_bytes()[4:8] == b"CIR0"
    assert job.left_behind() == ["output.circle"]


def output_problem(job, output, problem):
    status, out, err = job.run(output=output)
    assert (status, out) == (1, "")
    assert err.startswith(f"error: {output}: {problem}\n")
    assert job.left_behind() == []


def test_output_into_a_missing_folder(job):
    folder = job.output.parent / "missing"
    output_problem(job, folder / "o.circle",
                   f"the folder '{folder}' does not exist; make it, or name another file")


def test_output_is_a_folder(job):
    output_problem(job, job.output.parent, "is a folder; name a file inside it")


def test_output_to_a_full_disk(job):
    output_problem(job, pathlib.Path("/dev/full"), "cannot be written: No space left on device; "
                   "free some space, or name a file on another disk")


def test_output_to_a_device(job):
    assert job.run(output="/dev/null") == (
        0, "/dev/null: 4 tensors annotated, 0 propagated, 0 derived, 0 left float32; 1 of 1 operators "
        "integer; 544 bytes "
        "before, written to a stream\n", "")
    assert stat.S_ISCHR(pathlib.Path("/dev/null").stat().st_mode)


def test_output_to_standard_output_is_the_file_alone(job):
    job.run()
    done = subprocess.run([commands.find("q-implant"), job.model, job.param, "/dev/stdout"],
                          capture_output=True, check=True)
    assert done.stdout == job.output.read_bytes()
    assert done.stderr.startswith(b"/dev/stdout: 4 tensors annotated")


# --- signals


@pytest.fixture(scope="module")
def big_model(tmp_path_factory):
    """A model that takes a moment to write: 512 MiB of zeros, which take no room on the disk."""
    builder = circle_builder.CircleBuilder()
    x = builder.add_tensor("x", [1 << 27])
    w = builder.add_constant("w", np.zeros(0, np.float32))
    y = builder.add_tensor("y", [1 << 27])
    builder.graph.tensors[w].shape = [1 << 27]
    buffer = builder.model.buffers[1]
    buffer.data, buffer.offset, buffer.size = None, 4096, 1 << 29
    builder.add_operator("ADD", [x, w], [y], "AddOptions")
    builder.set_io([x], [y])
    folder = tmp_path_factory.mktemp("big")
    (folder / "param.json").write_text("{}")
    with open(folder / "model.circle", "wb") as file:
        file.write(builder.finish())
        file.truncate(4096 + (1 << 29))
    return folder / "model.circle"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_while_writing_leaves_nothing(tmp_path, big_model, number):
    output = tmp_path / "output.circle"
    output.write_bytes(b"old")
    child = subprocess.Popen([commands.find("q-implant"), big_model,
                              big_model.parent / "param.json", output],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             # Whoever runs the tests may ignore it: nohup, a background job.
                             preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
    while len(os.listdir(tmp_path)) == 1:
        assert child.poll() is None
        time.sleep(0.001)
    child.send_signal(number)
    assert child.communicate() == (b"", b"")
    assert child.returncode == -number
    assert os.listdir(tmp_path) == ["output.circle"]
    assert output.read_bytes() == b"old"


# --- for a runtime


def test_target_tells_what_it_changed(job):
    job.document["ofm"]["dtype"] = job.document["ifm"]["dtype"] = "int8"
    for name in ("1", "9"):
        job.save(name, np.load(job.folder / f"{name}.npy") - 128)
    status, _, err = job.run("--target", "onert")
    assert (status, err) == (
        0, f"remark: {job.model}: for onert: 2 activations are uint8 instead of int8, the same "
        "numbers with zero points moved by 128, inputs and outputs among them: 'ifm', 'ofm'\n")
    model = circle_builder.unpack(job.output.read_bytes())
    types = {circle_builder.tensor_name(t): circle_builder.type_name(t.type)
             for t in model.subgraphs[0].tensors}
    assert types == {"ifm": "uint8", "ker": "uint8", "bias": "int32", "ofm": "uint8"}


def test_eight_bit_writes_the_other_type_and_tells_what_misreads_it(job):
    """Its weights had zero point 51, which int8 kernels leave out."""
    status, _, err = job.run("--eight_bit", "int8")
    assert status == 0
    misread = ("tensor 'ofm': {} computes wrong values for CONV_2D with weights of int8 scale "
               "0.004901961 zero point -77 beside int8 data; --target {} adapts the model to it; "
               "where it is for another runtime, name that one")
    assert err.splitlines() == [
        f"remark: {job.model}: 3 tensors are int8 instead of uint8, the same numbers with zero "
        "points moved by 128",
        f"warning: {job.model}: " + misread.format("LiteRT", "litert"),
        f"warning: {job.model}: " + misread.format("onert", "onert")]
    ker = circle_builder.unpack(job.output.read_bytes()).subgraphs[0].tensors[1]
    assert ker.quantization.zeroPoint.tolist() == [51 - 128]
    assert constants_of(job.output)["ker"].ravel().tolist() == [114 - 128, 239 - 128]


def test_check_luci(job):
    assert job.run("--check", "luci")[2] == ""
    _, _, err = job.run("--check", "luci", "--eight_bit", "int8")
    assert [line.split("tensor ")[1] for line in err.splitlines() if "luci:" in line] == [
        f"'{name}': luci: its quantizer knows no such type: expected uint8 or int16, biases int32 "
        "or int64, found int8" for name in ("ifm", "ker", "ofm")]


@pytest.mark.parametrize("options, problem", [
    (("--target", "tpu"), "--target: 'tpu' is not litert or onert"),
    (("--eight_bit", "int16"), "--eight_bit: 'int16' is not uint8 or int8"),
    (("--target", "onert", "--eight_bit", "uint8"), "--eight_bit and --target exclude each other"),
])
def test_wrong_runtimes(job, options, problem):
    assert job.run(*options) == (
        2, "", f"error: {problem}\n{USAGE}")


# --- the report


def read_report(path):
    return json.loads(path.read_text())


def test_report_tells_of_each_tensor_and_node(job, tmp_path):
    path = tmp_path / "report.json"
    status, _, err = job.run("--report", path, "--output_type", "float32")
    assert (status, err) == (0, "")
    report = read_report(path)
    assert report["done"] is True
    assert report["diagnostics"] == []
    how = {tensor["name"]: tensor["how"] for tensor in report["tensors"]}
    assert how == {"ifm": "annotated", "ker": "annotated", "bias": "annotated", "ofm": "annotated",
                   "ofm_quantized": "inserted"}
    ker = next(tensor for tensor in report["tensors"] if tensor["name"] == "ker")
    assert ker["quantization"]["dtype"] == "uint8"
    assert np.float32(ker["quantization"]["scale"][0]) == np.load(job.folder / "2.npy")[0]
    # numpy's word on the error: the model's float32 weights against what the integers stand for.
    floats = np.array([0.311261, 0.920864], np.float32).astype(np.float64)
    scale, zero = float(np.load(job.folder / "2.npy")[0]), int(np.load(job.folder / "3.npy")[0])
    meant = scale * (np.load(job.folder / "4.npy").ravel().astype(np.float64) - zero)
    assert ker["error"]["greatest_steps"] == pytest.approx(
        np.abs(meant - floats).max() / scale, rel=1e-4)
    assert ker["error"]["snr_db"] == pytest.approx(
        10 * np.log10((floats**2).sum() / ((meant - floats)**2).sum()), abs=0.01)
    assert [(node["op"], node["mode"], node["output"]) for node in report["nodes"]] == [
        ("CONV_2D", "integer", "ofm"), ("DEQUANTIZE", "inserted", "ofm")]


@pytest.mark.parametrize("target, how", [
    ([], "a RELU6 that cut nothing off was removed"),
    (["--target", "onert"], "the RELU6 behind it became part of the operator before")])
def test_report_names_what_stands_for_a_tensor_that_went(target, how, tmp_path):
    """Two annotated tensors with a clamp between."""
    b = circle_builder.CircleBuilder()
    x, conv, y = (b.add_tensor(name, [1, 2, 2, 1]) for name in ("x", "conv", "y"))
    weights = b.add_constant("w", np.float32([[[[0.5]]]]))
    bias = b.add_constant("b", np.float32([0]))
    b.add_operator("CONV_2D", [x, weights, bias], [conv], "Conv2DOptions", strideW=1, strideH=1)
    b.add_operator("RELU6", [conv], [y])
    b.set_io([x], [y])
    (tmp_path / "m.circle").write_bytes(b.finish())
    one = lambda name, scale: param_set.Entry(name, "uint8", np.float32([scale]), np.int64([0]))  # noqa
    param_set.write(tmp_path, [one("x", 0.02), one("w", 0.01), one("conv", 0.02), one("y", 0.02)])
    done = subprocess.run(
        [commands.find("q-implant"), tmp_path / "m.circle", tmp_path / "param.json",
         tmp_path / "q.circle", "--report", tmp_path / "report.json", *target],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (f"remark: {tmp_path}/m.circle: tensor 'conv': {how}; 'y' stands for the tensor\n"
            in done.stderr)
    rows = {row["name"]: row for row in read_report(tmp_path / "report.json")["tensors"]}
    assert (rows["conv"]["how"], rows["conv"]["stands_for_it"]) == ("removed", "y")
    names = [circle_builder.tensor_name(tensor) for tensor in
             circle_builder.unpack((tmp_path / "q.circle").read_bytes()).subgraphs[0].tensors]
    assert "y" in names and "conv" not in names
    assert "stands_for_it" not in rows["y"]


def test_report_is_written_on_failure_too(job, tmp_path):
    path = tmp_path / "report.json"
    job.document["offm"] = job.document.pop("ofm")
    status, _, _ = job.run("--report", path)
    assert status == 1
    report = read_report(path)
    assert (report["done"], report["tensors"], report["nodes"]) == (False, [], [])
    (diagnostic,) = report["diagnostics"]
    assert diagnostic["severity"] == "error"
    assert diagnostic["tensor"] == "offm"
    assert diagnostic["advice"] == "the nearest names are 'ofm', 'ifm'"


def test_dot_shows_the_model_before_and_after(job, tmp_path):
    path = tmp_path / "graph.dot"
    assert job.run("--dot", path, "--dry_run", "--output_type", "float32")[0] == 0
    text = path.read_text()
    before, after = text.split('label="after"')
    assert "DEQUANTIZE" not in before and "float32[1,3,3,2]" in before
    assert "DEQUANTIZE" in after and "uint8[1,3,3,2]" in after
    assert job.left_behind() == []


def test_dot_overwrites_no_file_that_is_read(job):
    status, _, err = job.run("--dot", job.folder / "1.npy")
    assert (status, "would be overwritten" in err) == (2, True)


def test_errors_of_the_model_keep_their_fields_in_the_report(job, tmp_path):
    path = tmp_path / "report.json"
    job.model.write_bytes(job.model.read_bytes()[:200])
    assert job.run("--report", path)[0] == 1
    (diagnostic,) = read_report(path)["diagnostics"]
    assert diagnostic["file"] == str(job.model)
    assert diagnostic["problem"].startswith("its tables are damaged")
    assert "copy or convert it again" in diagnostic["advice"]


def test_errors_of_the_output_keep_their_fields_in_the_report(job, tmp_path):
    path = tmp_path / "report.json"
    job.output = tmp_path / "no_folder" / "q.circle"
    assert job.run("--report", path)[0] == 1
    (diagnostic,) = read_report(path)["diagnostics"]
    assert diagnostic["file"] == str(job.output)
    assert diagnostic["problem"] and diagnostic["advice"]


def test_report_says_why_an_operator_stays_float32(job, tmp_path):
    path = tmp_path / "report.json"
    del job.document["ofm"]
    assert job.run("--report", path)[0] == 0
    (conv,) = [node for node in read_report(path)["nodes"] if node["op"] == "CONV_2D"]
    assert (conv["mode"], conv["reason"]) == ("float32", "'ofm' has no parameters")


@pytest.mark.parametrize("which", ["output", "report"])
def test_the_param_file_is_not_overwritten(job, which):
    job.run()
    before = job.param.read_bytes()
    arguments = {"output": (job.model, job.param, job.param),
                 "report": (job.model, job.param, job.output, "--report", job.param)}[which]
    assert run(*arguments) == (
        2, "", f"error: {job.param} would be overwritten; write to another file\n")
    assert job.param.read_bytes() == before
