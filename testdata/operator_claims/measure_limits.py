# SPDX-License-Identifier: Apache-2.0
"""Measures how far apart the scales of a node may be before a runtime's arithmetic ends.

    python measure_limits.py                      # writes limits.json beside this file
    python measure_limits.py --only ADD MUL -o -  # some operators, to the terminal

README.md says what a line means. Needs numpy, flatbuffers, circle-schema, ai-edge-litert, onert.
"""

import argparse
import concurrent.futures
import json
import pathlib
import tempfile

import limit_lines
import measure
import numpy as np
import runner

_HERE = pathlib.Path(__file__).resolve().parent
# Octaves: outwards until it is not right any more, then bisection.
_WALK = (0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 27, 30, 35, 40, 50, 60, 80, 100, 120)
_PRECISION = 1 / 16


class _Search:
    """One line on one runtime: `next()` is the octave to try, None where the search is over."""

    def __init__(self, line):
        self.line, self.right, self.fails, self.verdict = line, None, None, None
        self.walk = [k for k in _WALK if line.reaches(k)]

    def next(self):
        if self.fails is None:
            left = [k for k in self.walk if self.right is None or k > self.right]
            return left[0] if left else None
        if self.right is None or self.fails - self.right <= _PRECISION:
            return None
        return (self.right + self.fails) / 2

    def take(self, k, verdict):
        word = verdict.split(":")[0]
        if word in ("right", "inexact"):
            self.right = k
        else:
            self.fails, self.verdict = k, verdict

    def result(self):
        found = {"right": self.right, "fails": self.fails, "verdict": self.verdict}
        return {key: value for key, value in found.items() if value is not None}


def _run_round(runtime, searches, folder):
    """Tries the next octave of every search that has one. Returns how many there were."""
    tried = [(search, search.next()) for search in searches if search.next() is not None]
    if not tried:
        return 0
    names = []
    made = []
    for i, (search, k) in enumerate(tried):
        case = search.line.case(k)
        name = f"{i:04}"
        for old in folder.glob(f"{name}.*"):
            old.unlink()
        (folder / f"{name}.circle").write_bytes(case.model)
        np.savez(folder / f"{name}.npz", **{f"x{j}": x for j, x in enumerate(case.inputs)})
        names.append(name)
        made.append(case)
    deaths = runner.run_all(runtime, folder, names)
    for name, case, (search, k) in zip(names, made, tried):
        search.take(k, measure.verdict_of(case, folder / name, runtime, deaths.get(name)))
    return len(tried)


def chosen_lines(only):
    """The lines of the operators `only`; None: all."""
    return [line for line in limit_lines.all_lines() if not only or line.operator in only]


def _measure_on(runtime, only):
    """{line key: result} of the lines on a runtime."""
    column = runtime.removesuffix("_without_xnnpack")
    searches = [_Search(line) for line in chosen_lines(only) if column in line.runtimes]
    with tempfile.TemporaryDirectory() as folder, np.errstate(all="ignore"):
        while _run_round(runtime, searches, pathlib.Path(folder)):
            pass
    return {search.line.key: search.result() for search in searches}


def measure_lines(only=None):
    """The records of the lines, in their order."""
    with concurrent.futures.ProcessPoolExecutor(2) as pool:  # numpy.load fails in threads at times
        runs = {r: pool.submit(_measure_on, r, only) for r in runner.RUNTIMES}
        found = {runtime: run.result() for runtime, run in runs.items()}
    return [_record(line, {r: f[line.key] for r, f in found.items() if line.key in f})
            for line in chosen_lines(only)]


def _record(line, found):
    if found.get("litert_without_xnnpack") == found.get("litert"):
        found.pop("litert_without_xnnpack", None)
    record = {"operator": line.operator, "type": line.type, "variant": line.variant,
              "direction": ("-" if line.sign < 0 else "+") + line.direction,
              "scales": {end: float(f"{scale:.8g}") for end, scale in zip(line.ends, line.base)},
              "by": [line.sign * d for d in line.by], "terms": line.terms,
              "spread": round(line.spread, 4), **found}
    return {key: value for key, value in record.items() if value not in ("", 1)}


def text_of(records):
    """The JSON text: a line a line."""
    lines = ",\n".join(json.dumps(r, ensure_ascii=False) for r in records)
    return f'{{"versions": {json.dumps(measure.versions())},\n"lines": [\n{lines}\n]}}\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", default=str(_HERE / "limits.json"), help="or -")
    parser.add_argument("--only", nargs="+", metavar="OPERATOR", help="these operators only")
    args = parser.parse_args()
    text = text_of(measure_lines(args.only))
    if args.output == "-":
        print(text)
    else:
        pathlib.Path(args.output).write_text(text)


if __name__ == "__main__":
    main()
