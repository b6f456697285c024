# SPDX-License-Identifier: Apache-2.0
"""Tests of the command circle2circle: its pipeline, what it says, what it hands over.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest driver/circle2circle_test.py
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import circle_builder
import commands

TESTDATA = commands.REPOSITORY / "testdata"
REQUEST = TESTDATA / "conv2d_request"
DIGITS = TESTDATA / "digits"
USAGE = """\
usage: circle2circle [passes in order] INPUT OUTPUT
       circle2circle --help tells the rest
"""
NOBODY = "and PATH has no other circle2circle behind this one to hand it to"
PLUGIN = commands.find("q-implant").parent / "test_plugins" / "libnamed_plugin.so"

# A stand-in for ONE's circle2circle: writes what it was given into a log and copies the model, with
# the switches as its description.
STAND_IN = f"""\
#!{sys.executable}
import json, os, signal, sys
sys.path[:0] = {[str(TESTDATA)]!r}
import circle_builder
signal.signal(signal.SIGINT, signal.SIG_DFL)
with open(os.environ["STAND_IN_LOG"], "a") as log:
    print(json.dumps(sys.argv[1:]), file=log)
if "--fail" in sys.argv:
    print("no such pass", file=sys.stderr)
    sys.exit(7)
if "--hang" in sys.argv:
    signal.pause()
*switches, source, target = sys.argv[1:]
model = circle_builder.unpack(open(source, "rb").read())
model.description = (model.description or b"").decode() + " ".join(switches)
open(target, "wb").write(circle_builder.pack(model))
"""


def run(*args, **options):
    """Runs circle2circle; returns (exit status, standard output, standard error)."""
    done = subprocess.run([commands.find("circle2circle"), *args], capture_output=True, text=True,
                          check=False, **options)
    return done.returncode, done.stdout, done.stderr


def q_implant(model, param, output, *options):
    subprocess.run([commands.find("q-implant"), model, param, output, *options], check=True,
                   capture_output=True)
    return output.read_bytes()


@pytest.fixture
def job(tmp_path):
    """The request's example in a folder of its own."""
    shutil.copytree(REQUEST, tmp_path / "in")
    return tmp_path


@pytest.fixture
def upstream(tmp_path):
    """An environment with another circle2circle on PATH, and what it was given, run by run."""
    folder = tmp_path / "one"
    folder.mkdir()
    program = folder / "circle2circle"
    program.write_text(STAND_IN)
    program.chmod(0o755)
    log = tmp_path / "log"
    log.touch()
    environment = dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}", STAND_IN_LOG=str(log))
    return environment, log, program


def description(path):
    return (circle_builder.unpack(path.read_bytes()).description or b"").decode()


# --- what needs no files


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(option):
    status, out, err = run(option)
    assert (status, err) == (0, "")
    groups = re.findall(r"^([\w ,-]+):\n((?:  .+\n)+)", out, re.MULTILINE)
    switches = {name: re.findall(r"^  (?:-\w, )?(--\w+)", lines, re.MULTILINE)
                for name, lines in groups}
    assert switches == {
        "Passes": ["--check", "--eight_bit", "--import_qparam", "--remove_needless_quantize",
                   "--remove_unused_buffers", "--remove_unused_operator_codes",
                   "--remove_unused_tensors", "--target"],
        "Options of --import_qparam, behind it": [
            "--name_map", "--allow_outside", "--ignore_unknown", "--check_values", "--target",
            "--eight_bit", "--check", "--require_all", "--hybrid", "--weight_only", "--input_type", "--output_type",
            "--weights_range", "--keep_bias"],
        "Pipeline": ["--load_pass_plugin", "--verify_each"],
        "Output": ["--print_after_all", "--print_after", "--time_passes", "--verbose",
                   "--list_passes", "--version", "--help"],
        "Example": [],
    }  # yapf: disable
    assert "circle2circle --import_qparam param.json" in out
    assert max(map(len, out.splitlines())) < 150


def test_version():
    project = (commands.REPOSITORY / "CMakeLists.txt").read_text()
    version = re.search(r"project\(q-implant VERSION (\S+)", project).group(1)
    assert run("--version") == (0, f"circle2circle (q-implant) {version}\n", "")
    assert run("-v") == run("--version")


def test_list_passes():
    status, out, err = run("--list_passes")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines == sorted(lines)
    assert [line.split()[0] for line in lines if "unused" in line] == [
        "--remove_unused_buffers", "--remove_unused_operator_codes", "--remove_unused_tensors"]


WRONG_COMMANDS = [
    ([], "the input and the output model are missing"),
    (["in"], "the output model is missing: there is only 'in'"),
    (["a", "in", "out"], "'a' is one argument too many"),
    (["--import_qparam"], "--import_qparam needs a value: JSON"),
    (["--remove_unused_tensors=1", "in", "out"], "--remove_unused_tensors takes no value"),
    (["--print_after=eight_bit", "in", "out"], "--print_after=eight_bit: no such pass is to run"),
    (["-O1", "in", "out"],
     "'-O1' is not a switch (switches begin with two dashes); a file of this name is ./-O1"),
    (["--fold_add_v2", "in", "out"],
     f"--fold_add_v2 is no pass of this circle2circle (--list_passes names them), {NOBODY}"),
    (["--import_qparam", "p", "--hybird", "in", "out"],
     "--hybird is no pass of this circle2circle (--list_passes names them), no option of "
     f"--import_qparam, {NOBODY}"),
]  # yapf: disable


@pytest.mark.parametrize("args, problem", WRONG_COMMANDS, ids=lambda v: " ".join(v))
def test_wrong_command(tmp_path, args, problem):
    environment = dict(os.environ, PATH="/usr/bin:/bin")
    assert run(*args, cwd=tmp_path, env=environment) == (255, "", f"error: {problem}\n{USAGE}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("args, problem", [
    (["--eight_bit", "int4"], "--eight_bit: 'int4' is not uint8 or int8"),
    (["--import_qparam", "p", "--target", "tpu"],
     "--import_qparam: --target: 'tpu' is not litert or onert"),
    (["--import_qparam", "p", "--target", "onert", "--eight_bit", "int8"],
     "--import_qparam: --eight_bit and --target exclude each other"),
])  # yapf: disable
def test_wrong_values(tmp_path, args, problem):
    assert run(*args, "in", "out", cwd=tmp_path) == (255, "", f"error: {problem}\n")


# --- the passes


@pytest.mark.parametrize("options", [
    [], ["--input_type", "float32", "--output_type", "float32"],
    ["--input_type", "int16", "--output_type", "int8"], ["--eight_bit", "int8"],
    ["--target", "onert"]], ids=" ".join)  # yapf: disable
@pytest.mark.parametrize("param", ["uint8", "int8"])
def test_import_gives_the_bytes_of_q_implant(tmp_path, param, options):
    model = DIGITS / "model.circle"
    json = DIGITS / param / "param.json"
    names = DIGITS / param / "name_map.json"
    options = [*options, *(["--name_map", names] if names.exists() else [])]
    expected = q_implant(model, json, tmp_path / "expected.circle", *options)
    output = tmp_path / "output.circle"
    status, out, _ = run("--import_qparam", json, *options, model, output)
    assert (status, out) == (0, "")
    assert output.read_bytes() == expected


def test_order_is_the_order_of_the_switches(job):
    """Two conversions undo each other; one before the import finds nothing to convert."""
    model, param = job / "in" / "model.circle", job / "in" / "param.json"
    expected = q_implant(model, param, job / "expected.circle")
    output = job / "output.circle"
    status, _, err = run("-V", "--eight_bit=int8", "--import_qparam", param,
                         "--remove_unused_buffers", "--eight_bit=int8", "--eight_bit=uint8", model,
                         output)
    assert status == 0, err
    assert output.read_bytes() == expected
    told = "3 tensors are {} instead of {}, the same numbers with zero points moved by 128"
    assert [line for line in err.splitlines() if "instead of" in line] == [
        f"remark: {model}: " + told.format("int8", "uint8"),
        f"remark: {model}: " + told.format("uint8", "int8")]


def test_no_pass_reads_and_writes(job):
    output = job / "output.circle"
    assert run(job / "in" / "model.circle", output) == (0, "", "")
    again = job / "again.circle"
    assert run(output, again) == (0, "", "")
    assert again.read_bytes() == output.read_bytes()


def test_in_place(job):
    model = job / "in" / "model.circle"
    expected = q_implant(model, job / "in" / "param.json", job / "expected.circle")
    assert run("--import_qparam", job / "in" / "param.json", model, model) == (0, "", "")
    assert model.read_bytes() == expected


def test_removals(job):
    """Each pass takes out its kind, and together they leave what a clean model would have been."""
    model = circle_builder.unpack((job / "in" / "model.circle").read_bytes())
    graph = model.subgraphs[0]
    clean = job / "clean.circle"
    clean.write_bytes(circle_builder.pack(model))
    expected = job / "expected.circle"
    assert run(clean, expected)[0] == 0

    spare = circle_builder.unpack(clean.read_bytes())
    extra = spare.subgraphs[0].tensors[1]
    extra.name = "spare"
    graph.tensors.append(extra)
    model.buffers.append(type(model.buffers[0])())
    model.buffers[-1].data = np.zeros(100, np.uint8)
    code = type(model.operatorCodes[0])()
    code.builtinCode = code.deprecatedBuiltinCode = 101  # ABS
    code.version = 1
    model.operatorCodes.append(code)
    crowded = job / "crowded.circle"
    crowded.write_bytes(circle_builder.pack(model))

    output = job / "output.circle"
    status, out, err = run("--verbose", "--remove_unused_tensors", "--remove_unused_buffers",
                           "--remove_unused_operator_codes", crowded, output)
    assert (status, out) == (0, "")
    told = "".join(line for line in err.splitlines(True) if "changed the model" not in line)
    assert told == (f"note: {crowded}: 1 tensor that nothing used went\n"
                   f"note: {crowded}: 1 buffer that nothing used went, 100 bytes\n"
                   f"note: {crowded}: 1 operator code that nothing used went\n")
    assert output.read_bytes() == expected.read_bytes()


def test_needless_quantize(job):
    """What a Quantize to the same type adds, the pass takes away."""
    param = job / "in" / "param.json"
    model = job / "in" / "model.circle"
    quantized = job / "quantized.circle"
    expected = q_implant(model, param, quantized)
    doubled = circle_builder.unpack(expected)
    graph = doubled.subgraphs[0]
    twin = circle_builder.unpack(expected).subgraphs[0].tensors[0]
    twin.name = "twin"
    graph.tensors.append(twin)
    code = type(doubled.operatorCodes[0])()
    code.builtinCode = code.deprecatedBuiltinCode = 114  # QUANTIZE
    code.version = 1
    doubled.operatorCodes.append(code)
    node = type(graph.operators[0])()
    node.opcodeIndex = len(doubled.operatorCodes) - 1
    node.inputs, node.outputs = [0], [len(graph.tensors) - 1]
    conv = graph.operators[0]
    conv.inputs = [len(graph.tensors) - 1 if t == 0 else t for t in conv.inputs]
    graph.operators.insert(0, node)
    source = job / "doubled.circle"
    source.write_bytes(circle_builder.pack(doubled))

    output = job / "output.circle"
    status, _, err = run("-V", "--remove_needless_quantize", "--remove_unused_operator_codes",
                         source, output)
    assert status == 0
    assert f"note: {source}: tensor 'twin': a needless QUANTIZE went; 'ifm' holds the same" in err
    assert output.read_bytes() == expected


# --- what can be seen of a run

AFTER_IMPORT = """\
// after --import_qparam
graph main(%ifm: uint8[1,3,3,2] q(0.009803922, 102)) -> (%ofm) {
"""
AFTER_EIGHT_BIT = """\
// after --eight_bit
graph main(%ifm: int8[1,3,3,2] q(0.009803922, -26)) -> (%ofm) {
"""


@pytest.mark.parametrize("options, expected", [
    (["--print_after_all"], [AFTER_IMPORT, AFTER_EIGHT_BIT]),
    (["--print_after=eight_bit"], [AFTER_EIGHT_BIT]),
    (["--print_after", "import_qparam"], [AFTER_IMPORT]),
])  # yapf: disable
def test_print_after(job, options, expected):
    status, out, _ = run(*options, "--import_qparam", job / "in" / "param.json",
                         "--remove_unused_tensors" if "_all" not in options[0] else "--verbose",
                         "--eight_bit", "int8", job / "in" / "model.circle", job / "o.circle")
    assert status == 0
    blocks = re.split(r"(?=^// after )", out, flags=re.MULTILINE)[1:]
    if "_all" in options[0]:
        assert len(blocks) == 1  # --eight_bit behind the import belongs to it
        expected = ["// after --import_qparam\n" + AFTER_EIGHT_BIT.split("\n", 1)[1]]
    assert [b[:len(e)] for b, e in zip(blocks, expected, strict=True)] == expected


def test_time_passes(job):
    status, out, err = run("--time_passes", "--import_qparam", job / "in" / "param.json",
                           "--remove_unused_tensors", job / "in" / "model.circle",
                           job / "o.circle")
    assert (status, err) == (0, "")
    lines = re.findall(r"^ *(\d+\.\d{4}) s  *(\d+\.\d) %  (.+)$", out, re.MULTILINE)
    assert [what for _, _, what in lines] == [
        f"read {job}/in/model.circle", "--import_qparam", "--remove_unused_tensors",
        f"write {job}/o.circle"]
    assert sum(float(share) for _, share, _ in lines) == pytest.approx(100, abs=0.3)
    total = re.search(r"^ *(\d+\.\d{4}) s +all$", out, re.MULTILINE).group(1)
    assert sum(float(time) for time, _, _ in lines) == pytest.approx(float(total), abs=0.001)


def test_verify_each_names_the_pass_that_broke_the_model(job):
    model, output = job / "in" / "model.circle", job / "o.circle"
    plugin = ["--load_pass_plugin", PLUGIN]
    status, out, err = run(*plugin, "--verify_each", "--mine", "good", "--mine", "break", model,
                           output)
    assert (status, out) == (1, "")
    assert err == ("error: --mine: the pass left a model that is not sound: graph 0: an input of a "
                   "node is tensor 99 of 4\n1 error; nothing was written\n")
    assert not output.exists()
    assert run(*plugin, "--verify_each", "--mine", "good", model, output) == (0, "", "")
    assert description(output).endswith("good")


def test_plugin_that_cannot_be_loaded(job):
    status, out, err = run("--load_pass_plugin=libnowhere.so", "a", "b", cwd=job)
    assert (status, out) == (255, "")
    assert err.startswith("error: libnowhere.so: can't be loaded: ")


@pytest.mark.parametrize("word, code, problem", [
    ("complain", 1, "error: this is wrong\n1 error; nothing was written\n"),
    ("throw", 1, "error: thrown; nothing was written\n"),
    ("nothing", 255, "error: --mine: made no pass\n"),
])
def test_plugin_that_fails(job, word, code, problem):
    assert run("--load_pass_plugin", PLUGIN, "--mine", word, job / "in" / "model.circle",
               job / "o.circle") == (code, "", problem)
    assert not (job / "o.circle").exists()


def test_plugin_with_a_pass_that_nobody_could_call():
    plugin = PLUGIN.with_name("libmisnamed_plugin.so")
    assert run("--load_pass_plugin", plugin, "--list_passes") == (
        255, "", f"error: {plugin}: a pass can't be named 'verbose': --verbose is a switch of "
        "circle2circle; choose another name\n")


def test_plugin_of_the_working_directory(job):
    shutil.copy(PLUGIN, job / "libmine.so")
    status, out, _ = run("--load_pass_plugin", "libmine.so", "--list_passes", cwd=job)
    assert status == 0
    assert "  --mine WORD                     Describe the model\n" in out


# --- what goes wrong in a run


def test_errors_of_the_data(job):
    (job / "in" / "param.json").write_text('{"nobody": {"dtype": "float32"}}')
    status, out, err = run("--remove_unused_tensors", "--import_qparam", "in/param.json",
                           "in/model.circle", "o.circle", cwd=job)
    assert (status, out) == (1, "")
    assert err.endswith("1 error; nothing was written\n")
    assert err.startswith("error: in/param.json: tensor 'nobody': no tensor of in/model.circle "
                          "has this name")
    assert not (job / "o.circle").exists()


def test_missing_model(job):
    assert run("--remove_unused_tensors", "in/no.circle", "o.circle", cwd=job) == (
        1, "", "error: in/no.circle: there is no such file; check the name and the folder\n"
        "1 error; nothing was written\n")


def test_output_that_cannot_be_written(job):
    status, _, err = run("in/model.circle", "no/o.circle", cwd=job)
    assert status == 1
    assert err.startswith("error: no/o.circle: ")


def test_the_parameters_are_not_overwritten(job):
    param = job / "in" / "param.json"
    before = param.read_bytes()
    assert run("--import_qparam", param, job / "in" / "model.circle", param) == (
        255, "", f"error: {param} would be overwritten; write to another file\n")
    assert param.read_bytes() == before


def test_a_word_is_no_file(job):
    """A model may be called like the word of an option."""
    shutil.copy(job / "in" / "model.circle", job / "int8")
    assert run("--eight_bit", "int8", "int8", "int8", cwd=job) == (0, "", "")


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_texts_stay_out_of_a_model_on_standard_output(job, name):
    expected = job / "o.circle"
    model = job / "in" / "model.circle"
    assert run(model, expected)[0] == 0
    done = subprocess.run([commands.find("circle2circle"), "--remove_unused_tensors",
                           "--print_after_all", model, name], capture_output=True, check=True)
    assert done.stdout == expected.read_bytes()
    assert done.stderr.startswith(b"// after --remove_unused_tensors\n")


# --- ONE's circle2circle further along PATH


def runs_of(log):
    return [line for line in log.read_text().splitlines() if line]


def test_foreign_switches_alone_are_handed_over_untouched(job, upstream):
    environment, log, _ = upstream
    args = ["--fold_add_v2", "--change_outputs", "a,b", "in/model.circle", "o.circle"]
    assert run(*args, cwd=job, env=environment) == (0, "", "")
    assert runs_of(log) == [str(args).replace("'", '"')]
    assert description(job / "o.circle").endswith("--fold_add_v2 --change_outputs a,b")


def test_the_pipeline_is_split_at_foreign_switches(job, upstream):
    environment, log, _ = upstream
    model, param, output = job / "in" / "model.circle", job / "in" / "param.json", job / "o.circle"
    status, out, err = run("--fold_a", "--fold_b", "--import_qparam", param, "--fold_c",
                           "--eight_bit", "int8", model, output, env=environment)
    assert (status, out) == (0, ""), err
    first, second = (re.findall(r'"([^"]*)"', line) for line in runs_of(log))
    assert first[:3] == ["--fold_a", "--fold_b", str(model)]
    assert second[0] == "--fold_c"
    folder = pathlib.Path(second[1]).parent
    assert not folder.exists(), "the temporary files stay"
    assert description(output).endswith("--fold_a --fold_b--fold_c")
    expected = circle_builder.unpack(
        q_implant(model, param, job / "expected.circle", "--eight_bit", "int8"))
    made = circle_builder.unpack(output.read_bytes())
    for ours, theirs in zip(made.subgraphs[0].tensors, expected.subgraphs[0].tensors, strict=True):
        assert (ours.name, ours.type) == (theirs.name, theirs.type)
        assert circle_builder.constant(made, ours) is None or np.array_equal(
            circle_builder.constant(made, ours), circle_builder.constant(expected, theirs))


def test_the_last_foreign_step_writes_the_output(job, upstream):
    environment, log, _ = upstream
    output = job / "o.circle"
    status, _, err = run("--import_qparam", job / "in" / "param.json", "--fold", "-V",
                         job / "in" / "model.circle", output, env=environment)
    assert status == 0, err
    assert '"--fold", "--verbose"' in runs_of(log)[0]
    assert description(output).endswith("--fold --verbose")


def test_exit_code_of_the_other_circle2circle(job, upstream):
    environment, _, program = upstream
    output = job / "o.circle"
    assert run("--remove_unused_tensors", "--fail", job / "in" / "model.circle", output,
               env=environment) == (
        7, "", "no such pass\n"
        f"error: {program} failed with exit code 7; nothing was written\n")  # yapf: disable
    assert not output.exists()
    assert run("--fail", job / "in" / "model.circle", output, env=environment) == (
        7, "", "no such pass\n")


def test_interrupt_leaves_no_temporary_files(job, upstream):
    """Ctrl-C goes to both programs."""
    environment, log, _ = upstream
    folder = job / "temporary"
    folder.mkdir()
    with subprocess.Popen(
        [commands.find("circle2circle"), "--remove_unused_tensors", "--hang",
         job / "in" / "model.circle", job / "o.circle"],
        env=dict(environment, TMPDIR=str(folder)), stderr=subprocess.PIPE,
        start_new_session=True) as process:
        while not runs_of(log):
            time.sleep(0.01)
        assert list(folder.iterdir()) != []
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == 128 + signal.SIGINT
    assert err.endswith(b"failed with exit code 130; nothing was written\n")
    assert list(folder.iterdir()) == []
    assert not (job / "o.circle").exists()


def test_another_circle2circle_that_writes_nothing(job, upstream):
    environment, _, program = upstream
    program.write_text("#!/bin/sh\n")
    assert run("--remove_unused_tensors", "--fold", job / "in" / "model.circle", job / "o.circle",
               env=environment) == (
        1, "", f"error: {program} wrote no model, though its exit code is 0\n"
        "1 error; nothing was written\n")  # yapf: disable


def test_nothing_runs_where_a_later_pass_is_wrong(job, upstream):
    environment, log, _ = upstream
    status, _, err = run("--fold", "--eight_bit", "int4", job / "in" / "model.circle",
                         job / "o.circle", env=environment)
    assert (status, err) == (255, "error: --eight_bit: 'int4' is not uint8 or int8\n")
    assert runs_of(log) == []


def test_two_installations_do_not_call_each_other(job):
    """A link to this program in front of it on PATH is this program."""
    folder = job / "linked"
    folder.mkdir()
    (folder / "circle2circle").symlink_to(commands.find("circle2circle"))
    environment = dict(os.environ, PATH=f"{folder}:{commands.find('circle2circle').parent}:/bin")
    status, _, err = run("--fold", "in/model.circle", "o.circle", cwd=job, env=environment)
    assert status == 255
    assert NOBODY in err
