# SPDX-License-Identifier: Apache-2.0
"""What becomes of each form of a file that is written for a runtime: it is right there, or told.

The float32 network is implanted (q-implant --target), the uint8 one adapted (circle2circle
--target), models of one operator are written without parameters. What comes out runs on the
runtime, and is compared with numpy, or with LiteRT on the file as it came.
"""

import concurrent.futures
import dataclasses
import json
import pathlib
import subprocess
import sys

import commands
import numpy as np
import param_set
import pytest
import run_model

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import file_forms  # noqa: E402 pylint: disable=wrong-import-position
import measure_forms  # noqa: E402 pylint: disable=wrong-import-position
import network  # noqa: E402 pylint: disable=wrong-import-position

RUNTIMES = ("litert", "onert")
_CLAIMS = {(c["model"], c["form"]): c for c in json.loads(
    (pathlib.Path(__file__).parent / "claims.json").read_text())["claims"]}
_REMARK = "the file is written in a form that it reads"


@dataclasses.dataclass(frozen=True)
class Written:
    """A form that was written for a runtime: the file (None: refused), what was told."""

    form: object
    data: bytes | None
    told: str
    verdict: str


@pytest.fixture(scope="module", name="readable")
def _readable():
    """[(form, what is expected)] of the forms that a runtime reads as they are meant, by claims."""
    every = [f for f in file_forms.all_forms() if _is_readable(_CLAIMS[f.key])]
    unknown = [f for f in every if f.expected is None]
    by_litert = dict(zip((f.key for f in unknown),
                         measure_forms.run("litert", [f.litert for f in unknown],
                                           [f.inputs for f in unknown]), strict=True))
    return [(f, by_litert.get(f.key, f.expected)) for f in every]


def _is_readable(claim):
    return claim["litert"] in ("right", "reference") or (
        claim["onert"] == "right" and not claim["form"].startswith("options"))


def _parameters(folder):
    """param.json for the float32 network, whose tensors are named by their positions."""
    tensors = network.build("float32").builder.graph.tensors
    named = [(i, t.name) for i, t in enumerate(tensors)
             if t.name in {*network.RANGES, *network.FIXED, *network.CONSTANTS}]
    entries = [param_set.Entry(name, "uint8", np.array([network.uint8_params(name)[0]]),
                               np.array([network.uint8_params(name)[1]])) for _, name in named]
    param_set.write(folder, entries, {name: f"#0/{i}" for i, name in named})
    return folder / "param.json"


def _command(form, target, folder, source, output):
    if form.model == "uint8":
        return [commands.find("circle2circle"), "--target", target, source, output]
    param = folder / ("network" if form.model == "float32" else "nothing") / "param.json"
    if form.form == "tensors in reverse":
        param = folder / "reversed" / "param.json"
    return [commands.find("q-implant"), source, param, output, "--target", target]


def _write_all(readable, target, folder):
    folder.mkdir()
    _parameters(folder / "network")
    param_set.write(folder / "nothing", [])
    _reverse(folder / "network", folder / "reversed")
    made = []
    for i, (form, _) in enumerate(readable):
        source, output = folder / f"{i}.in", folder / f"{i}.out"
        source.write_bytes(form.onert)
        done = subprocess.run(_command(form, target, folder, source, output), capture_output=True,
                              text=True, check=False)
        made.append((output.read_bytes() if done.returncode == 0 else None, done.stderr))
    return made


def _reverse(source, target):
    """The parameters of the network whose tensors stand in reverse."""
    last = len(network.build("float32").builder.graph.tensors) - 1
    target.mkdir()
    for path in source.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    text = (target / "param.json").read_text()
    for i in range(last + 1):
        text = text.replace(f'"#0/{i}"', f'"#0/~{last - i}"')
    (target / "param.json").write_text(text.replace("~", ""))


def _run_all(readable, target, folder):
    """[Written] of every readable form."""
    made = _write_all(readable, target, folder)
    ran = [i for i, (data, _) in enumerate(made) if data is not None]
    files, inputs, ends = [], [], {}
    for i in ran:
        path = folder / f"{i}.out"
        ends[i] = run_model.graph_ends(path)
        files.append(made[i][0])
        inputs.append([_feed(x, end)
                       for x, end in zip(readable[i][0].inputs, ends[i][0], strict=True)])
    outputs = dict(zip(ran, measure_forms.run(target, files, inputs), strict=True))
    return [Written(form, *made[i], _verdict(form, expected, outputs.get(i), ends.get(i)))
            for i, (form, expected) in enumerate(readable)]


def _feed(values, end):
    """The form's own input, in what the written file takes."""
    return run_model.quantize(values, end) if values.dtype == np.float32 else values


def _verdict(form, expected, outputs, ends):
    """Networks are 8 bits wide when they are written, and held to that."""
    if outputs is None:
        return "not written"
    if isinstance(outputs, tuple):
        return ": ".join(outputs)
    if form.model not in ("float32", "uint8"):
        return measure_forms.judge(outputs, expected, dataclasses.replace(form, real=list))
    if form.model == "float32" or form.expected is not None:
        outputs = [run_model.dequantize(y, e) for y, e in zip(outputs, ends[1], strict=True)]
    return measure_forms.judge(outputs, expected,
                               dataclasses.replace(form, model="uint8", real=list))


@pytest.fixture(scope="module", name="written")
def _written(readable, tmp_path_factory):
    folder = tmp_path_factory.mktemp("forms")
    with concurrent.futures.ThreadPoolExecutor(len(RUNTIMES)) as pool:
        runs = {t: pool.submit(_run_all, readable, t, folder / t) for t in RUNTIMES}
        return {t: run.result() for t, run in runs.items()}


def _is_told(case):
    return case.data is None or "warning: " in case.told


# What its Python API refuses, not the runtime.
_OF_THE_API = {("litert", "tensor names: not UTF-8")}
# What no other form stands for.
_TOLD = {"sparse weights"}


@pytest.mark.parametrize("target", RUNTIMES)
def test_every_form_that_a_runtime_reads_is_right_or_told(written, target):
    silent = [(*w.form.key, w.verdict, w.told) for w in written[target]
              if w.verdict != "right" and not _is_told(w) and
              (target, w.form.form) not in _OF_THE_API]
    assert silent == []
    right = sum(w.verdict == "right" for w in written[target])
    assert right > {"litert": 590, "onert": 540}[target]


def test_networks_are_right_on_onert(written):
    """None of the network's forms is only told of."""
    left = {w.form.form for w in written["onert"]
            if w.form.model in ("float32", "uint8") and w.verdict != "right"}
    assert left == _TOLD


def test_the_remark_stands_where_something_was_changed(written):
    """onert crashes on a tensor without a name; it reads one without a description."""
    told = {w.form.key: w.told for w in written["onert"]}
    assert _REMARK in told["float32", "Tensor inner: name absent"]
    assert _REMARK in told["uint8", "Buffer of run-time tensors: data empty"]
    assert _REMARK not in told["float32", "as it is"] + told["uint8", "Model: description absent"]
