# SPDX-License-Identifier: Apache-2.0
"""The same job gives the same bytes, whichever command does it.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest driver/same_bytes_test.py
"""

import subprocess

import pytest

import commands
import demo

TESTDATA = commands.REPOSITORY / "testdata"
PLUGIN = commands.find("q-implant").parent / "test_plugins" / "libimport_plugin.so"


def jobs():
    """(model, param file, name map or None)"""
    yield pytest.param((TESTDATA / "conv2d_request/model.circle",
                        TESTDATA / "conv2d_request/param.json", None), id="conv2d_request")
    for param_set in demo.SETS:
        names = param_set.folder / "name_map.json"
        yield pytest.param((demo.DIGITS / "model.circle", param_set.folder / "param.json",
                            names if names.exists() else None), id=f"digits-{param_set.name}")


OPTIONS = [
    {},
    {"input_type": "float32", "output_type": "float32"},
    {"input_type": "int16", "keep_bias": None, "check_values": "off"},
    {"target": "litert", "input_type": "float32"},
    {"target": "onert"},
    {"eight_bit": "int8", "check": "luci", "weights_range": "full"},
]  # yapf: disable


def words(options):
    return [word for name, value in options.items()
            for word in ([f"--{name}"] if value is None else [f"--{name}", value])]


def cfg(path, keys):
    """A cfg file that onecc and one-quantize both take."""
    lines = [f"{name} = {'True' if value is None else value}" for name, value in keys.items()]
    path.write_text("[onecc]\none-quantize = True\n\n[one-quantize]\n" + "\n".join(lines) + "\n")
    return path


def ways(job, options, folder):
    """{what does the job: its command and its output}"""
    model, param, names = job
    options = {**options, **({} if names is None else {"name_map": names})}

    def one(name, config=()):
        output = folder / f"{name.replace(' ', '_')}.circle"
        keys = {"import_qparam": param, "input_path": model, "output_path": output, **options}
        given = ["-C", cfg(output.with_suffix(".cfg"), keys)] if config else words(keys)
        command, *rest = name.split()[0].split("+")
        return [commands.find(command), *rest, *given], output

    def pipeline(name, *switches):
        output = folder / f"{name}.circle"
        return [commands.find("circle2circle"), *switches, *words(options), model, output], output

    output = folder / "q-implant.circle"
    found = {
        "q-implant": ([commands.find("q-implant"), model, param, output, *words(options)], output),
        "onecc quantize": one("onecc+quantize"),
        "one-quantize": one("one-quantize"),
        "one-quantize -C": one("one-quantize -C", config=True),
        "onecc -C": one("onecc -C", config=True),
        "circle2circle": pipeline("circle2circle", "--import_qparam", param),
    }
    if set(options) <= {"name_map"}:
        found["plugin"] = pipeline("plugin", "--load_pass_plugin", PLUGIN, "--my_import", param)
    return found


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: " ".join(words(o)) or "plain")
@pytest.mark.parametrize("job", list(jobs()))
def test_the_same_job_gives_the_same_bytes(job, options, tmp_path):
    made = {}
    for name, (command, output) in ways(job, options, tmp_path).items():
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (name, done.stderr)
        made[name] = output.read_bytes()
    assert len(made) == (6 if options else 7)
    assert {name for name, content in made.items() if content != made["q-implant"]} == set()
