# SPDX-License-Identifier: Apache-2.0
"""Measures what LiteRT and onert do with each form of a file.

    python measure_forms.py            # writes claims.json beside this file, prints what differs
    python measure_forms.py --only X   # forms whose name holds X, to the terminal

README.md says what a claim means. Needs numpy, flatbuffers, circle-schema, ai-edge-litert, onert.
"""

import argparse
import importlib.metadata
import json
import pathlib
import sys
import tempfile

import numpy as np

_HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parent))
import file_forms  # noqa: E402 pylint: disable=wrong-import-position
from measured_operators import runner  # noqa: E402 pylint: disable=wrong-import-position

_RIGHT_DB = {"uint8": 30, "float32": 90}  # of an 8-bit network; of float32 arithmetic
_MESSAGE_LENGTH = 100


def run(runtime, files, inputs):
    """Runs files (bytes). For each: a list of arrays, or (word, message) where there are none."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        names = [f"{i:04}" for i in range(len(files))]
        for name, data, arrays in zip(names, files, inputs, strict=True):
            (folder / f"{name}.circle").write_bytes(data)
            np.savez(folder / f"{name}.npz", **{f"x{i}": x for i, x in enumerate(arrays)})
        deaths = runner.run_all(runtime, folder, names)
        return [_outcome(folder / name, runtime, deaths.get(name)) for name in names]


def _outcome(stem, runtime, death):
    if death is not None:
        return "crashed", death
    error = pathlib.Path(f"{stem}.{runtime}.error")
    if error.exists():
        log = pathlib.Path(f"{stem}.{runtime}.log").read_text(errors="replace")
        said = log if runtime == "onert" and log.strip() else error.read_text()
        return "refused", _message(said)
    with np.load(f"{stem}.{runtime}.npz") as content:
        return [content[f"y{i}"] for i in range(len(content.files))]


def _message(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith(("INFO:", "NNFW_STATUS"))]
    return (lines[0] if lines else "")[:_MESSAGE_LENGTH].strip()


def judge(outputs, expected, form):
    """The verdict on what a runtime gave: real numbers expected, with the form's tolerance."""
    if isinstance(outputs, tuple):
        return ": ".join(outputs)
    if len(outputs) != len(expected):
        return f"wrong: {len(outputs)} outputs for {len(expected)}"
    for got, wanted in zip(real(form, outputs), expected, strict=True):
        if got.size != wanted.size:
            return f"wrong: shape {list(got.shape[1:])} for {list(wanted.shape[1:])}"
        snr = _snr(got.reshape(wanted.shape), wanted)
        if not snr >= _RIGHT_DB.get(form.model, _RIGHT_DB["float32"]):
            return f"wrong: {snr:.0f} dB" if snr >= 0.5 else "wrong: unrelated"
    return "right"


def real(form, outputs):
    """What outputs stand for. Of those that numpy does not have, as they are."""
    return form.real(outputs) if form.expected is not None else list(outputs)


def _snr(got, wanted):
    got, wanted = np.asarray(got, np.float64), np.asarray(wanted, np.float64)
    error = ((got - wanted)**2).sum()
    return np.inf if error == 0 else 10 * np.log10(max((wanted**2).sum(), 1e-30) / error)


def measure(every):
    """The claims of the forms, in their order."""
    inputs = [form.inputs for form in every]
    litert = run("litert", [form.litert for form in every], inputs)
    onert = run("onert", [form.onert for form in every], inputs)
    return [_claim(*each) for each in zip(every, litert, onert, strict=True)]


def _claim(form, litert, onert):
    claim = {"model": form.model, "form": form.form}
    if form.expected is not None:
        return {**claim, "litert": judge(litert, form.expected, form),
                "onert": judge(onert, form.expected, form)}
    if isinstance(litert, tuple):
        return {**claim, "litert": judge(litert, [], form), "onert": judge(onert, [], form)}
    return {**claim, "litert": "reference", "onert": judge(onert, litert, form)}


def versions():
    """What the measurement depends on."""
    packages = ("ai-edge-litert", "circle-schema", "numpy", "onert")
    return {p: importlib.metadata.version(p) for p in packages}


def text_of(claims):
    """The JSON text: a claim a line."""
    lines = ",\n".join(json.dumps(c, ensure_ascii=False) for c in claims)
    return f'{{"versions": {json.dumps(versions())},\n"claims": [\n{lines}\n]}}\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="TEXT", help="forms whose model or name holds it")
    args = parser.parse_args()
    every = [f for f in file_forms.all_forms() if not args.only or args.only in " ".join(f.key)]
    claims = measure(every)
    if args.only:
        print(text_of(claims))
    else:
        (_HERE / "claims.json").write_text(text_of(claims))
    for claim in claims:
        if claim["litert"] in ("right", "reference") and claim["onert"] != "right":
            print(f"{claim['model']}: {claim['form']}: onert {claim['onert']}")


if __name__ == "__main__":
    main()
