# SPDX-License-Identifier: Apache-2.0
"""Measures what each runtime does with each operator in each integer type.

    python measure.py                      # writes claims.json beside this file, prints a summary
    python measure.py --only ADD MUL -o -  # some operators, to the terminal
    python measure.py --missing            # the cases that claims.json lacks, into it

README.md says what a claim means. Needs numpy, flatbuffers, circle-schema, ai-edge-litert, onert.
"""

import argparse
import concurrent.futures
import importlib.metadata
import json
import pathlib
import platform
import re
import tempfile

import numpy as np
import operators
import runner

_HERE = pathlib.Path(__file__).resolve().parent
_SNR_OF_HYBRID_DB = 30  # LiteRT quantizes the activations of a hybrid node to 8 bits
_STEPS_OF_LOOP = 3  # a state carries roundings on; what is wrong is 4 off and more, mostly 15
_SNR_OF_INEXACT_DB = 50  # more than the best 8-bit tensor has
_FLOAT_TOLERANCE = 1e-5  # of the greatest output
_MESSAGE_LENGTH = 120
_LETTERS = {"right": "+", "inexact": "~", "wrong": "W", "refused": "-", "crashed": "X"}
_LEGEND = ", ".join(f"{letter} {word}" for word, letter in _LETTERS.items())


def judge(case, outputs):
    """The verdict on outputs: "right", or "inexact" or "wrong" and by how much."""
    if len(outputs) != len(case.expected):
        return f"wrong: {len(outputs)} outputs for {len(case.expected)}"
    # A scalar may come as [1].
    for got, expected, how, ignore in zip(outputs, case.expected, case.judges, case.ignore):
        if got.shape != expected.shape and not (expected.ndim == 1 and got.size == len(got)):
            return f"wrong: shape {list(got.shape[1:])} for {list(expected.shape[1:])}"
        verdict = _judge_one(got.reshape(expected.shape), expected, how, ignore)
        if verdict != "right":
            return verdict
    return "right"


def _judge_one(got, expected, how, ignore):
    if how == "equal":
        differ = got.astype(np.int64) != expected.astype(np.int64)
        if ignore is not None:
            differ &= ~ignore
        share = differ.mean()
        return f"wrong: {_percent(share)} of the elements" if share else "right"
    if not np.isfinite(got).all():
        return "wrong: unrelated"
    error = got.astype(np.float64) - expected.astype(np.float64)
    if how == "steps" and np.abs(error).max() <= 1:
        return "right"
    if how == "float" and np.abs(error).max() <= _FLOAT_TOLERANCE * np.abs(expected).max():
        return "right"
    if how == "loop":
        steps = int(np.abs(error).max())
        return "right" if steps <= _STEPS_OF_LOOP else f"wrong: {_about(steps)} steps"
    signal = expected.astype(np.float64) - (expected.mean() if how == "steps" else 0.0)
    snr = 10 * np.log10((signal**2).sum() / (error**2).sum())
    if how == "steps":
        word = "inexact" if snr >= _SNR_OF_INEXACT_DB else "wrong"
        share = (np.abs(error) > 1).mean()
        where = "" if share > 0.1 else f" in {_percent(share)}"
        return f"{word}: {_about(int(np.abs(error).max()))} steps{where}"
    if how == "hybrid" and snr >= _SNR_OF_HYBRID_DB:
        return "right"
    # Below 0 dB a kernel read memory that was never written: the number is another each time.
    return f"wrong: {snr:.0f} dB" if snr >= 0.5 else "wrong: unrelated"


def _about(number):
    """Two digits, so that the last bits of a wrong answer don't change the file."""
    digits = max(len(str(number)) - 2, 0)
    return round(number, -digits)


def _percent(share):
    return f"{max(round(100 * share), 1)} %"  # 1 stands for less, too


def _message(text):
    """The line that says what is wrong, without paths, line numbers and addresses."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith(("INFO:", "NNFW_STATUS"))]
    line = lines[0] if lines else ""
    line = re.sub(r"[\w./-]*/([\w.-]+\.\w+):\d+", r"\1", line)
    line = re.sub(r"0x[0-9a-f]+", "0x", line)
    line = re.sub(r"(scale\b.*) \(-?\d+ != -?\d+\)", r"\1", line)  # floats printed as integers
    line = re.sub(r" ?Node number \d+ \((\w+)\) failed to (prepare|invoke)\.?", "", line)
    return line[:_MESSAGE_LENGTH].strip()


def verdict_of(case, stem, runtime, death):
    log = pathlib.Path(f"{stem}.{runtime}.log")
    printed = log.read_text(errors="replace") if log.exists() else ""
    if death is not None:
        return f"crashed: {death} {_message(printed)}".strip()
    error = pathlib.Path(f"{stem}.{runtime}.error")
    if error.exists():
        text = error.read_text()
        said = _message(printed) if runtime == "onert" else _message(text)
        return f"refused: {said or _message(text) or text.strip()}"
    with np.load(f"{stem}.{runtime}.npz") as content:
        return judge(case, [content[f"y{i}"] for i in range(len(content.files))])


def measure(cases):
    """The claims of the cases, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        names = [f"{i:04}" for i in range(len(cases))]
        for name, case in zip(names, cases):
            (folder / f"{name}.circle").write_bytes(case.model)
            np.savez(folder / f"{name}.npz", **{f"x{i}": x for i, x in enumerate(case.inputs)})
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = {r: pool.submit(runner.run_all, r, folder, names) for r in runner.RUNTIMES}
        claims = []
        for name, case in zip(names, cases):
            verdicts = {
                runtime: verdict_of(case, folder / name, runtime, run.result().get(name))
                for runtime, run in runs.items()
            }
            claims.append(_claim(case, verdicts))
        return claims


def _claim(case, verdicts):
    claim = {"operator": case.operator, "type": case.type, "sides": case.sides,
             "variant": case.variant, **verdicts}
    if _kind(claim["litert"]) == _kind(claim["litert_without_xnnpack"]):
        del claim["litert_without_xnnpack"]
    return {key: value for key, value in claim.items() if value}


def _kind(verdict):
    return verdict.split(":")[0]


def versions():
    """What the measurement depends on."""
    packages = ("ai-edge-litert", "circle-schema", "numpy", "onert")
    return {**{p: importlib.metadata.version(p) for p in packages}, "machine": platform.machine()}


def text_of(claims):
    """The JSON text: a claim a line."""
    lines = ",\n".join(json.dumps(c, ensure_ascii=False) for c in claims)
    return f'{{"versions": {json.dumps(versions())},\n"claims": [\n{lines}\n]}}\n'


def summary(claims):
    """A matrix a runtime: operator by type, for claims without a variant and plain layers."""
    types, sides = ("uint8", "int8", "int16"), ("equal", "different", "fixed")
    out = []
    for runtime in ("litert", "onert"):
        table = {}
        for claim in claims:
            if claim.get("variant") is None or is_plain(claim):
                row = table.setdefault(claim["operator"], {})
                row[claim["type"], claim.get("sides")] = _LETTERS[_kind(claim[runtime])]
        out.append(f"{runtime}, for each type: equal, different, fixed sides; {_LEGEND}")
        out.append(f"{'':26}{'float32':>8}" + "".join(f"{t:>8}" for t in types))
        for operator, row in sorted(table.items()):
            cells = ["".join(row.get((t, s), ".") for s in sides) for t in types]
            if set("".join(cells)) != {"."}:
                out.append(f"{operator:26}{row.get(('float32', None), '.'):>8}" +
                           "".join(f"{c:>8}" for c in cells))
        out.append("")
    return "\n".join(out)


def add_missing(cases, path):
    """Gives the file a claim for each case, in the order of the cases."""
    def key(claim):
        return tuple(claim.get(k, "") for k in ("operator", "type", "sides", "variant"))

    known = {key(claim): claim for claim in json.loads(path.read_text())["claims"]}
    known |= {key(claim): claim for claim in measure([c for c in cases if c.key not in known])}
    path.write_text(text_of([known[case.key] for case in cases]))


def is_plain(claim):
    """A layer with the weights and bias types that every recipe uses."""
    return claim.get("variant") == {
        "float32": "float32 bias",
        "uint8": "uint8 per_tensor weights, int32 bias",
        "int8": "int8 per_tensor weights, int32 bias",
        "int16": "int8 per_tensor weights, int64 bias"
    }.get(claim["type"])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", default=str(_HERE / "claims.json"), help="or -")
    parser.add_argument("--only", nargs="+", metavar="OPERATOR", help="these operators only")
    parser.add_argument("--missing", action="store_true",
                        help="keep what the output has; measure the rest")
    args = parser.parse_args()
    cases = operators.all_cases()
    if args.missing:
        add_missing(cases, pathlib.Path(args.output))
        return
    if args.only:
        cases = [c for c in cases if c.operator in args.only]
    claims = measure(cases)
    if args.output == "-":
        print(text_of(claims))
    else:
        pathlib.Path(args.output).write_text(text_of(claims))
    print(summary(claims))


if __name__ == "__main__":
    main()
