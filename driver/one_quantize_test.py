# SPDX-License-Identifier: Apache-2.0
"""one-quantize and `onecc quantize` through their command lines: an import with ONE's options.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest driver/one_quantize_test.py
"""

import argparse
import configparser
import os
import re
import shlex
import subprocess

import pytest

import commands
import stand_in_one

TESTDATA = commands.REPOSITORY / "testdata"
REQUEST = TESTDATA / "conv2d_request"
DIGITS = TESTDATA / "digits"
COUNTS = "4 tensors annotated, 0 propagated, 0 derived, 0 left float32; 1 of 1 operators integer; 544 bytes before"
# Float32 model, param.json, q-implant's options.
JOBS = {
    "request": (REQUEST / "model.circle", REQUEST / "param.json", {"input_type": "float32"}),
    "digits": (DIGITS / "model.circle", DIGITS / "int8" / "param.json",
               {"name_map": DIGITS / "int8" / "name_map.json", "eight_bit": "uint8",
                "keep_bias": True}),
}
NAMES = {"one-quantize": ["one-quantize"], "onecc quantize": ["onecc", "quantize"]}
USAGE = """\
usage: {0} --import_qparam JSON -i MODEL -o MODEL
       {0} -C CFG
       {0} --help tells the rest
"""
CALIBRATION = "ranges are not measured, they come with the imported parameters"
FORCE = "it changes parameters of a quantized model; change the imported file"
COPY = "it changes parameters of a quantized model; write both tensors into the imported file"
AMPQ = "which tensors are 8 or 16 bits wide is in the imported file"
# Every option of ONE's one-quantize that contradicts an import: the words behind it, and why.
CONTRADICTIONS = {
    "input_data": ("a", CALIBRATION),
    "generate_profile_data": (None, "no profiling data is made while parameters are imported"),
    "quantized_dtype": ("int16", "the type of each tensor is in the imported file"),
    "granularity": ("channel", "one scale or one for each channel: the imported file has them"),
    "min_percentile": ("1.0", CALIBRATION),
    "max_percentile": ("99.0", CALIBRATION),
    "moving_avg_batch": ("16", CALIBRATION),
    "moving_avg_const": ("0.1", CALIBRATION),
    "mode": ("percentile", CALIBRATION),
    "TF-style_maxpool": (None, "the imported file says the parameters on both sides of a MaxPool"),
    "save_min_max": (None, CALIBRATION),
    "quant_config": ("a.json", "types and granularity stand in the imported file"),
    "force_quantparam": (None, FORCE),
    "tensor_name": ("a", FORCE),
    "scale": ("0.5", FORCE),
    "zero_point": ("-1", FORCE),
    "copy_quantparam": (None, COPY),
    "src_tensor_name": ("a", COPY),
    "dst_tensor_name": ("a", COPY),
    "fake_quantize": (None, "it makes a quantized model float32 again; run it on the result, in a "
                      "second command"),
    "requantize": (None, "it changes the types of a quantized model; for 8-bit types --eight_bit "
                   "does it here"),
    "ampq": (None, AMPQ),
    "ampq_qerror_ratio": ("0.5", AMPQ),
    "ampq_algorithm": ("pattern", AMPQ),
    "bisection_type": ("auto", AMPQ),
    "u8_layernorm_with_s16_variance": (None, AMPQ),
    "u8_softmax_with_s16_sub_exp": (None, AMPQ),
    "ampq_bisection_visq": ("a", AMPQ),
}


def run(name, *args, path=(), **options):
    """(exit status, standard output, standard error); behind the command PATH has these folders."""
    first, *rest = NAMES[name]
    command = commands.find(first)
    done = subprocess.run([command, *rest, *args], capture_output=True, text=True, check=False,
                          env=stand_in_one.environment(command.parent, *path, SETTING="here"),
                          **options)
    return done.returncode, done.stdout, done.stderr


def as_words(options):
    return [word for name, value in options.items()
            for word in ([f"--{name}"] if value is True else [f"--{name}", str(value)])]


def write_cfg(path, options, section="one-quantize"):
    path.write_text(f"[{section}]\n" + "".join(f"{k}={v}\n" for k, v in options.items()))
    return path


def request(folder, **more):
    """The options of the request's job, written into a folder."""
    return {"import_qparam": REQUEST / "param.json", "input_path": REQUEST / "model.circle",
            "output_path": folder / "out.circle", **more}


def logged(folder):
    """The options that the log's first line has."""
    first = (folder / "out.circle.log").read_text().splitlines()[0]
    name, *words = shlex.split(first)
    assert name == "one-quantize"
    return words


# The job


@pytest.fixture(scope="module", params=JOBS)
def job(request, tmp_path_factory):
    """(options of the import, the bytes that q-implant makes)"""
    model, param, options = JOBS[request.param]
    output = tmp_path_factory.mktemp("q-implant") / "out.circle"
    subprocess.run([commands.find("q-implant"), model, param, output, *as_words(options)],
                   check=True, capture_output=True)
    return {"import_qparam": param, "input_path": model, **options}, output.read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_command_line_gives_the_bytes_of_q_implant(name, job, tmp_path):
    options, wanted = job
    status, _, err = run(name, *as_words(options), "-o", tmp_path / "out.circle")
    assert status == 0, err
    assert (tmp_path / "out.circle").read_bytes() == wanted


@pytest.mark.parametrize("name", NAMES)
def test_cfg_gives_the_bytes_of_q_implant(name, job, tmp_path):
    options, wanted = job
    cfg = write_cfg(tmp_path / "a.cfg", {**options, "output_path": "out.circle"})
    status, _, err = run(name, "-C", cfg, cwd=tmp_path)
    assert status == 0, err
    assert (tmp_path / "out.circle").read_bytes() == wanted


def test_what_it_says(tmp_path):
    output = tmp_path / "out.circle"
    assert run("one-quantize", *as_words(request(tmp_path))) == (
        0, f"{output}: {COUNTS}, 740 after\n", "")
    assert output.with_suffix(".circle.log").read_text() == (
        f"one-quantize --import_qparam {REQUEST}/param.json --input_path {REQUEST}/model.circle "
        f"--output_path {output}\n{output}: {COUNTS}, 740 after\n")


def test_output_options_of_q_implant(tmp_path):
    options = request(tmp_path, print_before=True, print_after=True, dry_run=True,
                      report=tmp_path / "report.json")
    status, out, err = run("one-quantize", *as_words(options))
    assert (status, err) == (0, "")
    assert [line.split("(")[0] for line in out.splitlines() if line.startswith("graph")] == [
        "graph main", "graph main"]
    assert out.endswith("nothing written (--dry_run)\n")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.circle.log", "report.json"]


def test_verbose_tells_the_notes(tmp_path):
    names = tmp_path / "names.json"
    names.write_text('{"gone": "x"}')
    options = request(tmp_path, name_map=names)
    assert run("one-quantize", *as_words(options))[2] == ""
    for loud in (["-V"], ["--verbose"], ["-C", write_cfg(tmp_path / "a.cfg", {"verbose": True})]):
        status, _, err = run("one-quantize", *as_words(options), *loud)
        assert (status, err) == (0, f"note: {names}: 1 of 1 names in the name map are not in the param "
                                 "file: found 'gone'\n"), loud


# The log


def test_log_holds_errors_too(tmp_path):
    (tmp_path / "param.json").write_text('{"no_such": {"dtype": "float32"}}')
    status, out, err = run("onecc quantize",
                           *as_words(request(tmp_path, import_qparam=tmp_path / "param.json")))
    assert (status, out) == (1, "")
    assert "no_such" in err and err.endswith("1 error; nothing was written\n")
    assert not (tmp_path / "out.circle").exists()
    assert (tmp_path / "out.circle.log").read_text().split("\n", 1)[1] == err


def test_log_stands_beside_the_file_that_a_link_means(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    output = tmp_path / "linked" / "out.circle"
    assert run("one-quantize", *as_words(request(tmp_path, output_path=output)))[0] == 0
    assert sorted(p.name for p in (tmp_path / "real").iterdir()) == ["out.circle",
                                                                     "out.circle.log"]


def test_no_log_beside_a_stream(tmp_path):
    words = as_words(request(tmp_path, output_path="/dev/null"))
    assert run("one-quantize", *words, cwd=tmp_path) == (
        0, f"/dev/null: {COUNTS}, written to a stream\n", "")
    command = [commands.find("one-quantize"),
               *as_words(request(tmp_path, output_path="/dev/stdout"))]
    done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path)
    assert done.stdout[4:8] == b"CIR0"
    assert not list(tmp_path.iterdir())


def test_log_that_can_not_be_written(tmp_path):
    output = tmp_path / "missing" / "out.circle"
    assert run("one-quantize", *as_words(request(tmp_path, output_path=output))) == (
        1, "", f"error: {output}.log can't be written: No such file or directory; check the folder "
        "of the output\n")


@pytest.mark.parametrize("option", ["import_qparam", "input_path", "name_map", "report"])
def test_log_would_overwrite(option, tmp_path):
    lost = tmp_path / "out.circle.log"
    lost.write_text("{}")
    assert run("one-quantize", *as_words(request(tmp_path, **{option: lost}))) == (
        2, "", f"error: {lost} would be overwritten by the log; write to another file\n")
    assert lost.read_text() == "{}"


# The cfg file


def test_command_line_wins(tmp_path):
    cfg = write_cfg(tmp_path / "a.cfg", request(tmp_path, output_path="wrong", input_type="wrong",
                                                verbose="True"))
    assert run("one-quantize", "-C", cfg, "-o", tmp_path / "out.circle", "--input_t=float32",
               cwd=tmp_path)[0] == 0
    assert logged(tmp_path) == [*as_words(request(tmp_path, input_type="float32"))][:4] + [
        "--input_type", "float32", "--output_path", str(tmp_path / "out.circle"), "--verbose"]


def test_section(tmp_path):
    cfg = write_cfg(tmp_path / "a.cfg", request(tmp_path), section="mine")
    assert run("one-quantize", "-C", cfg, "-S", "mine")[0] == 0
    words = as_words(request(tmp_path))
    for where in ({"-S": "other"}, {}):
        section = where.get("-S", "one-quantize")
        assert run("one-quantize", *words, "-C", cfg, *sum(where.items(), ())) == (
            2, "", f"error: {cfg}: [{section}] is not there: the section with the options\n"
            + USAGE.format("one-quantize"))


def test_section_without_the_import_that_another_has(tmp_path):
    """ONE's command would read that one, -S or not, and pass over the import."""
    cfg = write_cfg(tmp_path / "a.cfg", request(tmp_path))
    for text in ("", "[other]\ninput_path=x\n"):
        cfg.write_text(cfg.read_text() + text)
        assert run("one-quantize", "-C", cfg, "-S", "other") == (
            2, "", f"error: {cfg}: [other] has no import_qparam, but [one-quantize] has, which ONE's one-quantize would ignore; leave -S out, or put import_qparam there\n"
            + USAGE.format("one-quantize"))


@pytest.mark.parametrize("value, given", [
    ("True", True), ("true", True), ("1", True), ("yes", True), ("on", True),
    ("False", False), ("0", False), ("no", False), ("off", False), ("", False)])
def test_flags_in_cfg(value, given, tmp_path):
    cfg = write_cfg(tmp_path / "a.cfg", request(tmp_path, keep_bias=value, fake_quantize="False"))
    assert run("one-quantize", "-C", cfg)[0] == 0
    assert ("--keep_bias" in logged(tmp_path)) == given


def test_flag_that_is_neither(tmp_path):
    cfg = write_cfg(tmp_path / "a.cfg", request(tmp_path, keep_bias="maybe"))
    status, out, err = run("one-quantize", "-C", cfg)
    assert (status, out) == (2, "")
    assert err.startswith(f"error: {cfg}:5: option 'keep_bias' of [one-quantize]: ")
    assert err.endswith(USAGE.format("one-quantize"))


def test_unknown_keys(tmp_path):
    cfg = tmp_path / "a.cfg"
    cfg.write_text(f"[DEFAULT]\nfolder={tmp_path}\nname=out\n[one-quantize]\n"
                   f"import_qparam={REQUEST}/param.json\ninput_path={REQUEST}/model.circle\n"
                   "ending=circle\nmodel=%(name)s.%(ending)s\noutput_path=%(folder)s/%(model)s\n")
    status, _, err = run("one-quantize", "-C", cfg)
    assert (status, err) == (0, "".join(
        f"warning: {cfg}: [one-quantize] {key}: there is no such option\n"
        for key in ("ending", "model")))
    assert err in (tmp_path / "out.circle.log").read_text()
    for key, meant in {"weight_range": "weights_range", "Input_type": "input_type"}.items():
        write_cfg(cfg, request(tmp_path, **{key: "x"}))
        assert run("one-quantize", "-C", cfg) == (
            2, "", f"error: {cfg}: [one-quantize] {key}: there is no such option; did you mean "
            f"'{meant}'?\n" + USAGE.format("one-quantize"))


def test_wrong_values_say_where_they_stand(tmp_path):
    cfg = write_cfg(tmp_path / "a.cfg", request(tmp_path, target="tpu", eight_bit="int4"))
    assert run("one-quantize", "-C", cfg, "--eight_bit", "int2") == (
        2, "", f"error: {cfg}: [one-quantize] target: 'tpu' is not litert or onert\n"
        "error: --eight_bit: 'int2' is not uint8 or int8\n" + USAGE.format("one-quantize"))


def test_cfg_that_can_not_be_read(tmp_path):
    cfg = tmp_path / "a.cfg"
    for _ in range(2):
        status, out, err = run("one-quantize", "-C", cfg)
        assert (status, out) == (1, "")
        assert err.startswith(f"error: {cfg}:")
        cfg.write_text("no section\n")


# What a section means to ONE: texts of [one-quantize], where %R is the request's folder.
SECTIONS = [
    "import_qparam=%R/param.json\ninput_path=%R/model.circle\noutput_path=out.circle\n",
    " import_qparam : %R/param.json\n\n input_path = %R/model.circle \n output_path=out.circle",
    "import_qparam=\n  %R/param.json\n",
    "import_qparam=%R/param.json\ninput_path=%R/model.circle\noutput_path=out.circle\n"
    "# input_type=float32\n; output_type=float32\noutput_type = float32\n",
    "import_qparam=\ninput_path=%R/model.circle\n",
    "Import_Qparam=%R/param.json\n",
    "input_path=%R/model.circle\nmode=percentile\n",
    "a=%R\nimport_qparam=%(a)s/param.json\ninput_path=%(a)s/model.circle\noutput_path=out.circle\n",
    "import_qparam=%R/param.json;x\ninput_path=%R/model.circle\noutput_path=a=b.circle\n",
]


def of_upstream(text, words):
    """What ONE's parse_cfg makes of a section and a command line: the valid attributes."""
    parser = argparse.ArgumentParser()
    for name in ("import_qparam", "input_path", "output_path", "input_type", "output_type"):
        parser.add_argument(f"--{name}")
    args = vars(parser.parse_args(words))
    file = configparser.ConfigParser()
    file.optionxform = str
    file.read_string(text)
    for key in file["one-quantize"]:
        args[key] = args.get(key) or file["one-quantize"][key]
    return {key: value for key, value in args.items() if value}


@pytest.mark.parametrize("words", [[], ["--input_type", "float32", "--output_path", "b.circle"]])
@pytest.mark.parametrize("section", SECTIONS)
def test_sections_mean_what_they_mean_to_one(section, words, tmp_path):
    cfg = tmp_path / "a.cfg"
    cfg.write_text("[one-quantize]\n" + section.replace("%R", str(REQUEST)))
    wanted = of_upstream(cfg.read_text(), words)
    one = stand_in_one.StandInOne(tmp_path / "one")
    status, _, err = run("one-quantize", "-C", "a.cfg", *words, path=[one.path], cwd=tmp_path)
    if "import_qparam" not in wanted:
        assert [(call.tool, call.args) for call in one.calls()] == [
            ("one-quantize", ["-C", "a.cfg", *words])]
        return
    assert not one.calls()
    wanted.pop("a", None)
    if "input_path" not in wanted or "output_path" not in wanted:
        assert status == 2 and "the following arguments are required: " in err
        return
    log = (tmp_path / (wanted["output_path"] + ".log")).read_text()
    given = shlex.split(log.splitlines()[0])[1:]
    assert dict(zip((w.removeprefix("--") for w in given[::2]), given[1::2])) == wanted


# Contradictions


@pytest.mark.parametrize("option", CONTRADICTIONS)
def test_contradictions(option, tmp_path):
    value, why = CONTRADICTIONS[option]
    words = as_words(request(tmp_path, **{option: True if value is None else value}))
    assert run("one-quantize", *words) == (
        2, "", f"error: --{option} contradicts --import_qparam: {why}\n"
        + USAGE.format("one-quantize"))
    cfg = write_cfg(tmp_path / "a.cfg", request(tmp_path, **{option: value or "True"}))
    assert run("onecc quantize", "-C", cfg) == (
        2, "", f"error: {cfg}: [one-quantize] {option} contradicts import_qparam: {why}\n"
        + USAGE.format("onecc quantize"))
    assert [p.name for p in tmp_path.iterdir()] == ["a.cfg"]


@pytest.mark.parametrize("option", ["input_dtype", "input_model_dtype"])
def test_float32_is_what_an_import_takes(option, tmp_path):
    assert run("one-quantize", *as_words(request(tmp_path, **{option: "float32"})))[0] == 0
    assert run("one-quantize", *as_words(request(tmp_path, **{option: "uint8"}))) == (
        2, "", f"error: --{option} uint8 contradicts --import_qparam: parameters are put into "
        "float32 models\n" + USAGE.format("one-quantize"))


def test_all_problems_are_told(tmp_path):
    words = ["--import_qparam", "p.json", "-d", "data.h5", "-f", "list", "--ampq"]
    assert run("onecc quantize", *words, cwd=tmp_path) == (
        2, "", f"error: --ampq contradicts --import_qparam: {AMPQ}\n"
        f"error: --input_data contradicts --import_qparam: {CALIBRATION}\n"
        "error: --input_data_format contradicts --import_qparam: no data is read, but that of "
        "--test_data\nerror: the following arguments are required: -i/--input_path "
        "-o/--output_path\n" + USAGE.format("onecc quantize"))


# Wrong command lines


@pytest.mark.parametrize("words, problem", [
    (["-o"], "argument -o/--output_path: expected one argument"),
    (["--unknown", "x"], "unrecognized arguments: --unknown x"),
    (["x.circle"], "unrecognized arguments: x.circle"),
    (["--verbose=1"], "argument -V/--verbose: ignored explicit argument '1'"),
    (["--print_m", "-i", "a"], "ambiguous option: --print_m could match --print_mae, "
     "--print_mape, --print_mpeir, --print_mse"),
    ([], "the following arguments are required: -i/--input_path -o/--output_path"),
    (["-i", "", "-o", "b"], "--input_path is empty"),
    (["-i", "a", "-o", "b", "--target", "litert", "--eight_bit", "int8"],
     "--eight_bit and --target exclude each other"),
])
@pytest.mark.parametrize("name", NAMES)
def test_wrong_commands(name, words, problem, tmp_path):
    one = stand_in_one.StandInOne(tmp_path)
    status, out, err = run(name, "--import_qparam", "p.json", *words, path=[one.path])
    assert (status, out) == (2, "")
    assert err.split("\n", 1) == [f"error: {problem}", USAGE.format(name)]
    assert not one.calls(), "an import is never handed over"


def test_ways_to_write_options(tmp_path):
    model, param = REQUEST / "model.circle", REQUEST / "param.json"
    for words in ([f"--import={param}", f"-i{model}", "-oout.circle"],
                  ["--import_q", param, f"--input_p={model}", "-Vo", "out.circle"],
                  [f"--import_qparam={param}", "-i", "wrong", "-i", model, "-o=out.circle"]):
        assert run("one-quantize", *words, cwd=tmp_path)[0] == 0, words
        (tmp_path / "out.circle").unlink()


# Help and version


@pytest.mark.parametrize("name", NAMES)
def test_help(name):
    for words in (["--help"], ["-h"], ["--import_qparam", "x", "-h", "-i"]):
        status, out, err = run(name, *words)
        assert (status, err) == (0, "")
    groups = re.findall(r"^([A-Z][\w ,']+):\n((?:  .+\n)+)", out, re.MULTILINE)
    options = {group: re.findall(r"^  (?:-\w,)?--([\w-]+)", lines, re.MULTILINE)
               for group, lines in groups}
    assert options["Files"] == ["import_qparam", "input_path", "output_path", "config", "section"]
    assert options["Evaluation, with ONE's tools"] == [
        "evaluate_result", "test_data", "input_data_format", "print_mae", "print_mape",
        "print_mpeir", "print_top1_match", "print_top5_match", "print_mse", "save_intermediate"]
    assert options["Output"] == ["verbose", "report", "dry_run", "print_before", "print_after",
                                 "version", "help"]
    assert {"name_map", "allow_outside", "check_values"} <= set(options["Parameters"])
    assert {"target", "input_type", "output_type", "keep_bias"} <= set(options["Quantization"])
    refused = out.split("Contradicts an import, and is refused with it:\n")[1].split()
    assert {word.removeprefix("--") for word in refused} == {
        *CONTRADICTIONS, "input_dtype", "input_model_dtype"}
    assert f"\n  {name} --import_qparam param.json -i model.circle -o quantized.circle\n" in out
    assert "Exit codes: 0 done, 1 the data is wrong" in out


@pytest.mark.parametrize("name", NAMES)
def test_version(name):
    version = run(name, "-v")[1]
    assert re.fullmatch(name + r" of q-implant \d+\.\d+\.\d+\n", version)
    assert run(name, "--import_qparam", "x", "--version") == (0, version, "")


# Evaluation


def evaluate(tmp_path, *words, one=None, **options):
    """Runs the request's job with these words; returns what `run` does."""
    given = as_words(request(tmp_path, **options))
    return run("one-quantize", *given, *words, path=[one.path] if one else [])


@pytest.fixture
def one(tmp_path):
    return stand_in_one.StandInOne(tmp_path / "one")


def test_evaluation_runs_what_one_runs(one, tmp_path):
    status, out, err = evaluate(tmp_path, "--evaluate_result", "--test_data", "t.h5", "-f", "dir",
                                "--print_mae", "--print_top1_match", "-V", one=one)
    assert status == 0
    quantize, compare = one.calls()
    output, fake = str(tmp_path / "out.circle"), quantize.args[-1]
    assert quantize.tool == "circle-quantizer"
    assert quantize.args == ["--verbose", "--fake_quantize", output, fake]
    assert fake.endswith("/model.fake_quant.circle")
    assert not os.path.exists(os.path.dirname(fake)), "the folder is temporary"
    assert compare.tool == "circle-eval-diff"
    assert compare.args == ["--first_model", str(REQUEST / "model.circle"), "--second_model", fake,
                            "--first_input_data", "t.h5", "--second_input_data", "t.h5",
                            "--input_data_format", "dir", "--print_mae", "--print_top1_match"]
    tools = [f"{one.tools}/{call.tool}" for call in (quantize, compare)]
    assert out == (f"{output}: {COUNTS}, 740 after\ncircle-quantizer says\ncircle-eval-diff says\n")
    assert err == (f"{tools[0]}: circle-quantizer complains\n"
                   f"{tools[1]}: circle-eval-diff complains\n")
    log = (tmp_path / "out.circle.log").read_text().splitlines()
    assert shlex.split(log[0])[0] == "one-quantize"
    assert log[1] + "\n" == f"{output}: {COUNTS}, 740 after\n"
    assert log[2] == shlex.join([tools[0], *quantize.args])
    assert sorted(log[3:5]) == sorted([f"{tools[0]}: circle-quantizer complains",
                                       "circle-quantizer says"])
    assert log[5] == shlex.join([tools[1], *compare.args])
    assert sorted(log[6:]) == sorted([f"{tools[1]}: circle-eval-diff complains",
                                      "circle-eval-diff says"])


@pytest.mark.parametrize("asking", ["evaluate_result", "print_mse", "print_mape", "print_mpeir",
                                    "print_top5_match", "test_data"])
def test_each_of_them_asks_for_the_evaluation(asking, one, tmp_path):
    value = "t.h5" if asking == "test_data" else True
    assert evaluate(tmp_path, one=one, **{asking: value})[0] == 0
    metrics = [f"--{asking}"] if asking.startswith("print") else []
    data = ["--first_input_data", "t.h5", "--second_input_data", "t.h5"]
    assert one.calls()[1].args[4:] == (data if asking == "test_data" else metrics)


def test_intermediate_files_are_kept(one, tmp_path):
    one.add("circle-quantizer", 'for last; do :; done; cp "$2" "$last"')
    status = run("one-quantize", *as_words(request(tmp_path, output_path="out.circle",
                                                   evaluate_result=True, save_intermediate=True)),
                 path=[one.path], cwd=tmp_path)[0]
    assert status == 0
    assert sorted(p.name for p in tmp_path.glob("*circle*")) == [
        "model.fake_quant.circle", "out.circle", "out.circle.log"]
    assert (tmp_path / "model.fake_quant.circle").read_bytes() == (
        tmp_path / "out.circle").read_bytes()


def test_intermediate_file_would_overwrite(one, tmp_path):
    for options, lost in (({"output_path": tmp_path / "model.fake_quant.circle"}, "output_path"),
                          ({"report": tmp_path / "model.fake_quant.circle"}, "report")):
        options = request(tmp_path, save_intermediate=True, evaluate_result=True, **options)
        assert run("one-quantize", *as_words(options), path=[one.path]) == (
            2, "", f"error: --save_intermediate would overwrite {options[lost]} with the model "
            "that is compared; give it another name\n" + USAGE.format("one-quantize"))


@pytest.mark.parametrize("tools, missing", [
    ((), "circle-quantizer and circle-eval-diff, which are"),
    (("onecc", "circle-quantizer"), "circle-eval-diff, which is")])
def test_evaluation_without_one(tools, missing, tmp_path):
    one = stand_in_one.StandInOne(tmp_path / "one", tools)
    status, out, err = evaluate(tmp_path, "--print_mae", one=one)
    output = tmp_path / "out.circle"
    assert (status, out) == (1, f"{output}: {COUNTS}, 740 after\n")
    assert err == (f"error: --print_mae needs ONE's {missing} neither in PATH behind "
                   f"{commands.find('onecc').parent} nor beside an onecc there; {output} is "
                   "written, but not compared\n")
    assert output.exists()
    assert (tmp_path / "out.circle.log").read_text().endswith(out + err)


def test_evaluation_that_fails(one, tmp_path):
    one.add("circle-eval-diff", "exit 7")
    status, _, err = evaluate(tmp_path, "--evaluate_result", one=one)
    assert status == 7
    assert err.endswith(f"error: {one.tools}/circle-eval-diff failed with exit code 7; the quantized "
                        "model is written, but not compared\n")
    assert (tmp_path / "out.circle").exists()


def test_no_evaluation_of_a_job_that_fails(one, tmp_path):
    assert evaluate(tmp_path, "--evaluate_result", one=one, import_qparam="missing.json")[0] == 1
    assert not one.calls()


@pytest.mark.parametrize("options, problem", [
    ({"dry_run": True}, "--evaluate_result and --dry_run exclude each other: nothing is written"),
    ({"output_path": REQUEST / "model.circle"}, "--evaluate_result compares with the float32 "
     "model, which the output would replace; write to another file"),
    ({"output_path": "/dev/null"}, "--evaluate_result reads the quantized model again; write it to "
     "a file, not to /dev/null"),
])
def test_what_can_not_be_evaluated(options, problem, one, tmp_path):
    assert evaluate(tmp_path, "--evaluate_result", one=one, **options) == (
        2, "", f"error: {problem}\n" + USAGE.format("one-quantize"))
