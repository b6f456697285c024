# SPDX-License-Identifier: Apache-2.0
"""onecc through its command line: the stages of cfg files, and what is handed to ONE's tools.

A stand-in installation of ONE records what reaches it.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest driver/onecc_test.py
"""

import shutil
import signal
import subprocess

import pytest

import commands
import stand_in_one

TESTDATA = commands.REPOSITORY / "testdata"
REQUEST = TESTDATA / "conv2d_request"
CLOSING = "4 tensors annotated, 0 propagated, 0 derived, 0 left float32; 1 of 1 operators integer; 544 bytes before, 740 after"
USAGE = """\
usage: onecc quantize --import_qparam JSON -i MODEL -o MODEL
       onecc -C CFG
       onecc --help tells the rest
"""
# The section of an import whose model an earlier stage makes.
QUANTIZE = f"""\
[one-quantize]
import_qparam={REQUEST}/param.json
input_path=model.circle
output_path=out.circle
"""
OURS = commands.find("onecc").parent
# What makes the model in the stages of these tests.
MAKES_MODEL = f"cp {REQUEST}/model.circle model.circle"


def run(command, *args, path=(), **options):
    """(exit status, standard output, standard error); behind the command PATH has these folders."""
    more = {"SETTING": "", **options.pop("env", {})}
    done = subprocess.run([commands.find(command), *args], capture_output=True, text=True,
                          check=False, env=stand_in_one.environment(OURS, *path, **more),
                          **options)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def one(tmp_path):
    return stand_in_one.StandInOne(tmp_path / "ONE")


@pytest.fixture
def work(tmp_path):
    """The working directory, with the request's model."""
    folder = tmp_path / "work"
    folder.mkdir()
    shutil.copy(REQUEST / "model.circle", folder)
    return folder


def cfg(work, text):
    (work / "model.cfg").write_text(text)
    return "model.cfg"


# Handing over


ODD_WORDS = ["--input_data", "a b", "", "$HOME", "--mode=percentile", "-x", "--", "'\"\\", "ä", "\n"]


@pytest.mark.parametrize("command, words", [
    ("one-quantize", ODD_WORDS), ("one-quantize", []), ("onecc", ["quantize", *ODD_WORDS]),
    ("onecc", ["import", "tflite", *ODD_WORDS]), ("onecc", ["pack", "--help"]),
    ("onecc", ["new-command", "-v"]),
    ("onecc", ["-W", "flow.json"]), ("onecc", ["--workflow=flow.json", "-V"]), ("onecc", []),
    ("onecc", ["--unknown"]), ("onecc", ["-C"]), ("onecc", ["quantize", "-C"])])
def test_what_is_no_import_is_handed_over(command, words, one, work):
    for code in (0, 3, 255):
        one.add(command, f"exit {code}")
        assert run(command, *words, path=[one.path], cwd=work, input="typed",
                   env={"SETTING": "mine"}) == (
                       code, f"{command} says\n", f"{command} complains\n")
    assert one.calls() == [stand_in_one.Call(command, str(work), "mine", "typed", words)] * 3


def test_signals_come_through(one, work):
    one.add("onecc", "kill -TERM $$")
    assert run("onecc", "import", path=[one.path], cwd=work)[0] == -signal.SIGTERM


def test_quantize_is_handed_to_one_quantize_where_that_is_all(one, work):
    (one.tools / "onecc").unlink()
    assert run("onecc", "quantize", "-i", "a", path=[one.tools], cwd=work)[0] == 0
    assert [(call.tool, call.args) for call in one.calls()] == [("one-quantize", ["-i", "a"])]


def test_the_folder_behind_ours_counts(one, work, tmp_path):
    other = stand_in_one.StandInOne(tmp_path / "other")
    done = subprocess.run(["onecc", "import"], capture_output=True, check=False, cwd=work,
                          env=stand_in_one.environment(other.path, SETTING=""))
    assert done.returncode == 0 and len(other.calls()) == 1, "the first in PATH is another's"
    env = stand_in_one.environment(other.path, OURS, one.path, SETTING="")
    subprocess.run([commands.find("onecc"), "import"], check=True, cwd=work, env=env,
                   capture_output=True)
    assert (len(other.calls()), len(one.calls())) == (1, 1)


def test_two_installations_do_not_call_each_other_in_circles(work, tmp_path):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        for command in ("onecc", "one-quantize"):
            shutil.copy(commands.find(command), folder)
    for command in ("onecc", "one-quantize"):
        for first in folders:
            done = subprocess.run([first / command, "-i", "a"], capture_output=True, text=True,
                                  check=False, cwd=work, timeout=10,
                                  env=stand_in_one.environment(*folders, *folders))
            assert done.returncode == 2 and done.stderr.startswith("error: ")


@pytest.mark.parametrize("command, words, what", [
    ("one-quantize", ["-i", "a"], "one-quantize without --import_qparam needs ONE's one-quantize"),
    ("onecc", ["quantize", "-d", "x"], "onecc quantize without --import_qparam needs ONE's onecc")])
def test_quantize_without_one(command, words, what, work):
    assert run(command, *words, cwd=work) == (
        2, "", f"error: {what}, which no folder of PATH contains behind {OURS}; with --import_qparam JSON, "
        "parameters that are there already are put into the model, without ONE\n")


@pytest.mark.parametrize("words, what", [
    (["import", "tf"], "onecc import"), (["pack", "-v"], "onecc pack"),
    (["-W", "flow.json"], "onecc -W"),
    (["-C", "model.cfg"], "onecc -C model.cfg")])
def test_the_rest_without_one(words, what, work):
    cfg(work, "[onecc]\none-quantize=True\n[one-quantize]\nmode=percentile\n")
    assert run("onecc", *words, cwd=work) == (
        2, "", f"error: {what} needs ONE's onecc, which no folder of PATH contains behind {OURS}; without "
        "ONE, parameters are imported by 'onecc quantize --import_qparam JSON' and by a cfg file "
        "whose [one-quantize] has import_qparam\n")


def test_a_tool_that_can_not_be_run(one, work):
    (one.tools / "onecc").write_text("#!/no/such/interpreter\n")
    assert run("onecc", "import", path=[one.path], cwd=work) == (
        1, "", f"error: {one.path}/onecc can't be run: No such file or directory\n")


# Stages


def test_import_alone_needs_no_one(work):
    file = cfg(work, "[onecc]\none-quantize=True\none-optimize=False\n" + QUANTIZE)
    assert run("onecc", "-C", file, cwd=work) == (0, f"out.circle: {CLOSING}\n", "")
    subprocess.run([commands.find("q-implant"), "model.circle", REQUEST / "param.json", "q.circle"],
                   check=True, cwd=work, capture_output=True)
    assert (work / "out.circle").read_bytes() == (work / "q.circle").read_bytes()
    assert (work / "out.circle.log").exists()


def test_stages_run_in_ones_order(one, work):
    (work / "model.circle").unlink()
    one.add("one-import-tflite", "exit 0")
    one.add("one-resize", "exit 0")
    one.add("one-optimize", MAKES_MODEL)
    one.add("one-pack", "test -f out.circle")
    file = cfg(work, "[onecc]\none-infer=1\none-profile=on\none-codegen=Yes\none-pack=true\n"
               "one-quantize=True\none-optimize=True\none-import-tflite=True\n"
               "one-import-tf=False\none-partition=no\none-resize=True\n" + QUANTIZE)
    status, out, err = run("onecc", "-C", file, path=[one.path], cwd=work)
    stages = ["one-import-tflite", "one-resize", "one-optimize", "one-pack", "one-codegen",
              "one-profile", "one-infer"]
    assert status == 0
    assert [(call.tool, call.args) for call in one.calls()] == [
        (stage, ["--config", "model.cfg", "--section", stage]) for stage in stages]
    assert out.splitlines() == [*(f"{stage} says" for stage in stages[:3]),
                                f"out.circle: {CLOSING}",
                                *(f"{stage} says" for stage in stages[3:])]
    assert err == "".join(f"{stage} complains\n" for stage in stages)


def test_importers_that_newer_versions_have(one, work):
    one.add("one-import-pytorch", "exit 0")
    file = cfg(work, "[onecc]\none-import-pytorch=True\none-quantize=True\n" + QUANTIZE)
    assert run("onecc", "-C", file, path=[one.path], cwd=work)[0] == 0
    assert [call.tool for call in one.calls()] == ["one-import-pytorch"]


@pytest.mark.parametrize("words, include, optimize", [
    (["-O", "1"], "", ["-O", "1"]), (["-ONCHW"], "include=O1", ["-O", "NCHW"]),
    ([], "include=O1 O2", ["-O", "2"]), ([], "", [])])
def test_options_for_stages(words, include, optimize, one, work):
    file = cfg(work, f"[onecc]\n{include}\none-optimize=True\none-quantize=True\none-codegen=True\n"
               "one-pack=True\n" + QUANTIZE)
    assert run("onecc", *words, f"--config={file}", "-b", "npu", "--target", "chip",
               path=[one.path], cwd=work)[0] == 0
    assert {call.tool: call.args[4:] for call in one.calls()} == {
        "one-optimize": [*optimize, "-T", "chip"], "one-pack": ["-T", "chip"],
        "one-codegen": ["-b", "npu", "-T", "chip"]}


def test_environment(one, work):
    file = cfg(work, "[DEFAULT]\nname=cfg\n[onecc]\none-quantize=True\none-pack=True\n"
               "[Environment]\nSETTING=of %(name)s\n" + QUANTIZE)
    assert run("onecc", "-C", file, path=[one.path], cwd=work)[0] == 0
    assert [call.setting for call in one.calls()] == ["of cfg"]


def test_missing_tools_are_told_before_anything_runs(one, work):
    (one.tools / "one-pack").unlink()
    (one.tools / "one-infer").unlink()
    file = cfg(work, "[onecc]\none-optimize=True\none-quantize=True\none-pack=True\n"
               "one-infer=True\n" + QUANTIZE)
    before = f"neither in PATH behind {OURS} nor beside an onecc there; nothing was run\n"
    assert run("onecc", "-C", file, path=[one.path], cwd=work) == (
        2, "", "error: onecc -C model.cfg needs ONE's one-pack, one-infer, which are " + before)
    (one.tools / "one-pack").write_text("not executable")
    one.add("one-infer")
    assert run("onecc", "-C", file, path=[one.path], cwd=work) == (
        2, "", "error: onecc -C model.cfg needs ONE's one-pack, which is " + before)
    assert not one.calls()
    assert sorted(p.name for p in work.iterdir()) == ["model.cfg", "model.circle"]


def test_wrong_options_are_told_before_anything_runs(one, work):
    file = cfg(work, "[onecc]\none-optimize=True\none-quantize=True\n" + QUANTIZE
               + "mode=percentile\n")
    assert run("onecc", "-C", file, path=[one.path], cwd=work) == (
        2, "", "error: model.cfg: [one-quantize] mode contradicts import_qparam: ranges are not "
        "measured, they come with the imported parameters\n")
    cfg(work, "[onecc]\none-quantize=maybe\n" + QUANTIZE)
    status, _, err = run("onecc", "-C", file, path=[one.path], cwd=work)
    assert status == 2 and err.startswith("error: model.cfg:2: option 'one-quantize' of [onecc]: ")
    cfg(work, "[onecc]\none-quantize=True\n" + QUANTIZE)
    assert run("onecc", "-C", file, "x", path=[one.path], cwd=work) == (
        2, "", f"error: unrecognized arguments: x\n{USAGE}")
    assert not one.calls()


@pytest.mark.parametrize("key", ["one-optimise", "one-new-stage"])
def test_stages_that_are_none(key, one, work):
    file = cfg(work, f"[onecc]\none-quantize=True\n{key}=True\n" + QUANTIZE)
    assert run("onecc", "-C", file, path=[one.path], cwd=work) == (
        2, "", f"error: model.cfg: [onecc] {key}: there is no such stage; expected one-import-... "
        "or one of one-resize, one-optimize, one-quantize, one-pack, one-codegen, one-profile, "
        "one-partition, one-infer\n")
    cfg(work, f"[onecc]\none-quantize=True\n{key}=False\nother=True\n" + QUANTIZE)
    assert run("onecc", "-C", file, path=[one.path], cwd=work)[0] == 0


@pytest.mark.parametrize("group", ["O", "NCHW"])
def test_groups_of_optimizations_that_are_none(group, one, work):
    file = cfg(work, f"[onecc]\none-optimize=True\none-quantize=True\ninclude=O1 {group} O2\n"
               + QUANTIZE)
    assert run("onecc", "-C", file, path=[one.path], cwd=work) == (
        2, "", f"error: model.cfg: [onecc] include: '{group}' is no group of optimizations; their "
        "names begin with O: O1\n")
    assert not one.calls()


def test_a_stage_that_fails_ends_the_run(one, work):
    one.add("one-optimize", "exit 5")
    file = cfg(work, "[onecc]\none-optimize=True\none-quantize=True\none-pack=True\n" + QUANTIZE)
    assert run("onecc", "-C", file, path=[one.path], cwd=work) == (
        5, "one-optimize says\n",
        f"one-optimize complains\nerror: {one.tools}/one-optimize failed with exit code 5\n")
    assert not (work / "out.circle").exists()
    one.add("one-optimize", "rm model.circle")
    status, _, err = run("onecc", "-C", file, path=[one.path], cwd=work)
    assert status == 1 and err.endswith("1 error; nothing was written\n")
    assert [call.tool for call in one.calls()] == ["one-optimize", "one-optimize"]


def test_old_name_of_the_section(one, work):
    file = cfg(work, "[one-build]\none-quantize=True\none-pack=True\n" + QUANTIZE)
    status, _, err = run("onecc", "-C", file, path=[one.path], cwd=work)
    assert (status, err) == (0, "warning: model.cfg: [one-build] is an old name; write [onecc]\n"
                             "one-pack complains\n")
    cfg(work, "[onecc]\none-quantize=False\n[one-build]\none-quantize=True\none-infer=True\n"
        + QUANTIZE)
    status, _, err = run("onecc", "-C", file, path=[one.path], cwd=work)
    assert (status, err) == (0, "one-infer complains\n"), "what either turns on is on"


@pytest.mark.parametrize("text", [
    "[onecc]\none-quantize=False\none-optimize=True\n" + QUANTIZE,
    "[onecc]\none-quantize=True\n[one-quantize]\nmode=percentile\n",
    "[onecc]\none-quantize=True ; as newer versions of ONE read it\n[one-quantize]\nmode=x\n",
    "[onecc]\none-quantize=True\n[one-quantize]\nimport_qparam=\n",
    "[onecc]\nOne-Quantize=True\n" + QUANTIZE,
    "[onecc]\none-quantize=True\n",
    "[other]\none-quantize=True\n" + QUANTIZE])
def test_cfg_without_import_is_handed_over(text, one, work):
    one.add("onecc", "exit 4")
    words = ["--config", cfg(work, text), "-O1", "-b", "npu", "-V"]
    assert run("onecc", *words, path=[one.path], cwd=work)[0] == 4
    assert [(call.tool, call.args) for call in one.calls()] == [("onecc", words)]


def test_home_folder(one, work):
    cfg(work, "[onecc]\none-quantize=True\none-pack=True\n" + QUANTIZE)
    assert run("onecc", "-C", "~/model.cfg", path=[one.path], cwd=work, env={"HOME": work})[0] == 0
    assert (work / "out.circle").exists()
    assert one.calls()[0].args[1] == f"{work}/model.cfg"


def test_cfg_that_can_not_be_read(one, work):
    status, _, err = run("onecc", "-C", "missing.cfg", path=[one.path], cwd=work)
    assert status == 1 and err.startswith("error: missing.cfg: ")
    assert not one.calls()


# Help and version


def test_help():
    for words in (["--help"], ["-h"], ["-V", "--he"]):
        status, out, err = run("onecc", *words)
        assert (status, err) == (0, "")
    assert "\n  onecc quantize --import_qparam param.json -i model.circle -o quantized.circle\n" in out
    assert all(f"\n  {option}" in out for option in ("-C, --config CFG", "-O NAME", "-b, --backend",
                                                     "-T, --target", "-W, --workflow", "-V", "-v"))


def test_example_of_the_help_runs(one, work):
    example = run("onecc", "--help")[1].split("In model.cfg:\n")[1].split("\n\n")[0]
    file = cfg(work, "\n".join(line.strip() for line in example.splitlines()))
    (work / "model.circle").unlink()
    one.add("one-import-tflite", MAKES_MODEL)
    for npy in REQUEST.glob("*"):
        shutil.copy(npy, work / npy.name)
    assert run("onecc", "-C", file, path=[one.path], cwd=work)[0] == 0
    assert (work / "quantized.circle").exists()


def test_version():
    version = subprocess.run([commands.find("q-implant"), "-v"], capture_output=True, text=True,
                             check=True).stdout
    assert run("onecc", "-v") == run("onecc", "--version") == (0, f"onecc of {version}", "")


def test_wrong_commands(work):
    assert run("onecc", cwd=work) == (
        2, "", f"error: what to do is missing: a command, or -C and a cfg file\n{USAGE}")
    assert run("onecc", "-C", cwd=work) == (
        2, "", f"error: argument -C/--config: expected one argument\n{USAGE}")
