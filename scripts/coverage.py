# SPDX-License-Identifier: Apache-2.0
"""Tells which lines of the product no test has run.

    python coverage.py BUILD_FOLDER [--gaps FILE] [--least PERCENT]

BUILD_FOLDER is a build by `g++ --coverage` whose programs have run. Prints the lines of ir, import,
pass and export that did not run, and a table by folder. Tests and what belongs to them do not
count, nor do lines of closing brackets alone: g++ counts there what runs where an exception passes.
Exit status 1 if a folder has less than PERCENT of its lines run, or the list of gaps holds a line
that runs or that is not there any more.

FILE lists lines that need not run, in paragraphs: a reason on lines that begin with `#`, then lines
`FILE: TEXT`, TEXT being the line of the source without the space around it. They count as if they
were not there.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys

from product import FOLDERS, is_product

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILES_AT_ONCE = 20


def gcov(notes):
    """What gcov says of object files, one JSON object of each."""
    done = subprocess.run(["gcov", "--json-format", "--stdout", *notes], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return [json.loads(line) for line in done.stdout.splitlines() if line]


def run_counts(build):
    """{source: {line: how often it ran}}, paths relative to the repository."""
    notes = sorted(build.rglob("*.gcno"))
    counts = collections.defaultdict(collections.Counter)
    for start in range(0, len(notes), FILES_AT_ONCE):
        for unit in gcov(notes[start:start + FILES_AT_ONCE]):
            for file in unit["files"]:
                path = pathlib.Path(unit["current_working_directory"], file["file"]).resolve()
                if not path.is_relative_to(ROOT) or path.is_relative_to(build):
                    continue
                path = path.relative_to(ROOT)
                if is_product(path):
                    for line in file["lines"]:
                        counts[path][line["line_number"]] += line["count"]
    return counts


def read_gaps(file):
    """{(source, text of the line)}"""
    lines = file.read_text().splitlines() if file else []
    return {tuple(line.split(": ", 1)) for line in lines if line and not line.startswith("#")}


def ranges(numbers):
    """[(first, last)] of ascending numbers."""
    found = []
    for n in numbers:
        if found and found[-1][1] == n - 1:
            found[-1] = (found[-1][0], n)
        else:
            found.append((n, n))
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--gaps", type=pathlib.Path)
    parser.add_argument("--least", type=float, default=0)
    arguments = parser.parse_args()

    listed = read_gaps(arguments.gaps)
    used = set()
    totals = {folder: [0, 0] for folder in FOLDERS}  # lines, those that ran
    for path, lines in sorted(run_counts(arguments.build.resolve()).items()):
        text = (ROOT / path).read_text().splitlines()
        missed = []
        for number, count in sorted(lines.items()):
            if re.fullmatch(r"[\s})\];,]*", text[number - 1]):
                continue
            gap = (str(path), text[number - 1].strip())
            if count == 0 and gap in listed:
                used.add(gap)
                continue
            totals[path.parts[0]][0] += 1
            totals[path.parts[0]][1] += count > 0
            if count == 0:
                missed.append(number)
        for first, last in ranges(missed):
            for number in range(first, last + 1):
                print(f"{path}:{number}: {text[number - 1]}")

    failed = False
    for path, text in sorted(listed - used):
        print(f"{arguments.gaps}: no such line is left out any more: {path}: {text}")
        failed = True
    print(f"{'folder':<8}{'lines':>8}{'run':>8}{'not run':>9}{'percent':>9}")
    for folder, (lines, ran) in totals.items():
        percent = 100 * ran / lines if lines else 0
        print(f"{folder:<8}{lines:>8}{ran:>8}{lines - ran:>9}{percent:>9.2f}")
        failed |= percent < arguments.least
    if failed:
        print(f"of each folder {arguments.least:g} % of the lines must run", file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main())
