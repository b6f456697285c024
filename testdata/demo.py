# SPDX-License-Identifier: Apache-2.0
"""Implants the digits parameter sets and runs float32 and quantized models on two runtimes.

    ./dev demo

Prints the q-implant commands it runs and one table over the 450 held-out digits. The quantized
models go to build/demo/. Exit status 1 if a runtime that must run a model does not, if its accuracy
is further than MAX_ACCURACY_DIFFERENCE from that of PyTorch's quantized network, or if fewer
predictions than MIN_AGREEMENT are the same.
"""

import argparse
import contextlib
import dataclasses
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

import numpy as np

import commands
import run_model

DIGITS = pathlib.Path(__file__).resolve().parent / "digits"
RUNTIMES = {"onert": run_model.run_onert_many, "LiteRT": run_model.run_litert_many}
MAX_ACCURACY_DIFFERENCE = 0.005
MIN_AGREEMENT = 0.99


@dataclasses.dataclass(frozen=True)
class DigitsSet:
    """A committed parameter set, a target or none, and the runtimes that must run the result."""

    parameters: str
    runtimes: tuple
    options: tuple = ()  # further options of q-implant
    target: str | None = None

    @property
    def name(self):
        return f"{self.parameters} for {self.target}" if self.target else self.parameters

    @property
    def folder(self):
        return DIGITS / self.parameters


_INT8_NAMES = ("--name_map", DIGITS / "int8/name_map.json")
SETS = (DigitsSet("uint8", ("onert", "LiteRT")),
        DigitsSet("int8", ("LiteRT",), _INT8_NAMES),
        DigitsSet("int8", ("onert",), _INT8_NAMES, target="onert"))


def implant_command(digits_set, output, *options):
    """The command line that quantizes the digits model with this set."""
    target = ["--target", digits_set.target] if digits_set.target else []
    return [commands.find("q-implant"), "--input", DIGITS / "model.circle", "--param",
            digits_set.folder / "param.json", *digits_set.options, *target, "--output", output,
            *options]


def logits(runtime, path):
    """What a runtime makes of the held-out digits: float32 [450, 10]. RuntimeError if it can't."""
    images = np.load(DIGITS / "inputs.npy")[:, None]
    outputs = run_model.run_float_many(RUNTIMES[runtime], path, [images])
    return outputs[0].reshape(len(images), -1)


def accuracy(logits_):
    """The fraction of held-out digits that these logits tell rightly."""
    return float(np.mean(logits_.argmax(1) == np.load(DIGITS / "labels.npy")))


def agreement(logits_, others):
    """The fraction of digits for which both sides predict the same."""
    return float(np.mean(logits_.argmax(1) == others.argmax(1)))


@dataclasses.dataclass
class Row:
    """One line of the table, and what is wrong with it."""

    name: str
    path: pathlib.Path
    runtimes: tuple  # that must run the model
    pytorch: np.ndarray  # PyTorch's logits
    milliseconds: float | None = None  # of the implant
    accuracies: dict = dataclasses.field(default_factory=dict)  # runtime to fraction
    agreements: dict = dataclasses.field(default_factory=dict)
    refusals: dict = dataclasses.field(default_factory=dict)  # runtime to the reason

    def run(self):
        for runtime in RUNTIMES:
            try:
                with stderr_kept_back():
                    result = logits(runtime, self.path)
            except RuntimeError as error:
                self.refusals[runtime] = reason(error)
                continue
            self.accuracies[runtime] = accuracy(result)
            self.agreements[runtime] = agreement(result, self.pytorch)

    def problems(self):
        """Texts about each bar that this row misses."""
        expected = accuracy(self.pytorch)
        for runtime in self.runtimes:
            if runtime in self.refusals:
                yield f"{self.name}: {runtime} refused it: {self.refusals[runtime]}"
                continue
            if abs(self.accuracies[runtime] - expected) > MAX_ACCURACY_DIFFERENCE:
                yield (f"{self.name}: accuracy on {runtime} is "
                       f"{percent(self.accuracies[runtime])}, in PyTorch {percent(expected)}; at "
                       f"most {100 * MAX_ACCURACY_DIFFERENCE} points apart are allowed")
            if self.agreements[runtime] < MIN_AGREEMENT:
                yield (f"{self.name}: {percent(self.agreements[runtime])} of the predictions on "
                       f"{runtime} are PyTorch's; at least {percent(MIN_AGREEMENT)} must be")


@contextlib.contextmanager
def stderr_kept_back():
    """Keeps LiteRT's greetings, written by C++, out of the demo's output."""
    saved = os.dup(2)
    with tempfile.TemporaryFile() as sink:
        os.dup2(sink.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def reason(error):
    """What of a runtime's report says why: onert's error, or the node that LiteRT refused."""
    text = str(error)
    if found := re.search("^Error during .*? : (.*)", text, re.MULTILINE):
        return found[1]
    if found := re.search(r"\((\w+)\) failed to prepare", text):
        return f"{found[1]} failed to prepare"
    return text.splitlines()[0]


def shown(path):
    """A path as the demo prints it and passes it on: relative to the repository if inside."""
    path = pathlib.Path(path)
    return str(path.relative_to(commands.REPOSITORY)
               if path.is_relative_to(commands.REPOSITORY) else path)


def implant(digits_set, output):
    """Runs q-implant, telling what it says. Returns the milliseconds it took."""
    arguments = [shown(a) if isinstance(a, pathlib.Path) else a
                 for a in implant_command(digits_set, output)]
    print(f"$ {shlex.join(arguments)}", flush=True)
    start = time.perf_counter()
    status = subprocess.run(arguments, cwd=commands.REPOSITORY, check=False).returncode
    if status != 0:
        sys.exit(f"demo: q-implant ended with status {status}")
    print()
    return 1000 * (time.perf_counter() - start)


def percent(fraction):
    return f"{100 * fraction:.2f} %"


def table(rows):
    """The lines of the table, with a footnote for each runtime that refused a model."""
    footnotes = []
    line = "{:<14}{:>11}{:>11}{:>11}  {:>11}{:>11}  {:>10}{:>11}".format

    def cells(row, values):
        for runtime in RUNTIMES:
            if runtime in values:
                yield percent(values[runtime])
                continue
            note = f"{runtime} does not run {row.name}: {row.refusals[runtime]}"
            if note not in footnotes:
                footnotes.append(note)
            yield f"— [{footnotes.index(note) + 1}]"

    yield f"{'':<14}{'accuracy':>11}{'':22}  {'predicted as PyTorch':>22}"
    yield line("", "PyTorch", *RUNTIMES, *RUNTIMES, "size", "implant")
    for row in rows:
        yield line(row.name, percent(accuracy(row.pytorch)), *cells(row, row.accuracies),
                   *cells(row, row.agreements), f"{row.path.stat().st_size:,} B",
                   f"{row.milliseconds:.0f} ms" if row.milliseconds else "").rstrip()
    for number, note in enumerate(footnotes, 1):
        yield f"[{number}] {note}"


def main():
    argparse.ArgumentParser(description=__doc__,
                            formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    folder = commands.REPOSITORY / "build" / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [Row("float32", DIGITS / "model.circle", tuple(RUNTIMES),
                np.load(DIGITS / "logits.npy"))]
    for digits_set in SETS:
        output = folder / f"digits_{digits_set.name.replace(' ', '_')}.circle"
        milliseconds = implant(digits_set, output)
        rows.append(Row(digits_set.name, output, digits_set.runtimes,
                        np.load(digits_set.folder / "logits.npy"), milliseconds))
    for row in rows:
        row.run()
    print(f"{len(rows[0].pytorch)} digits, held out from training:\n")
    print("\n".join(table(rows)))
    problems = [problem for row in rows for problem in row.problems()]
    for problem in problems:
        print(f"demo: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
