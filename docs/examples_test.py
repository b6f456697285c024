# SPDX-License-Identifier: Apache-2.0
"""Runs the examples of README.md and docs/*.md and compares what they print.

An example is a ```console block: lines with "$ " are commands, run in the root of the repository by a shell, the lines
up to the next are all that they print. `build/bin/` stands for the folder of the programs, other `build/` paths for a
scratch folder. `python docs/examples_test.py` writes the output into the pages anew.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(os.environ.get("Q_IMPLANT_BIN_DIR", ROOT / "build/bin")).resolve()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def run(command, scratch):
    """What a command of a page prints, with the page's own paths."""
    real = command.replace("build/bin/", f"{BIN}/").replace(" build/", f" {scratch}/")
    done = subprocess.run(["bash", "-c", real], cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    return done.stdout.replace(f"{BIN}/", "build/bin/").replace(f"{scratch}/", "build/")


def render(block, scratch):
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"{line}\n{run(line[2:], scratch)}" for line in commands)


def examples():
    for page in PAGES:
        for number, block in enumerate(BLOCK.findall(page.read_text())):
            yield pytest.param(block, id=f"{page.name}-{number}")


def test_there_are_examples():
    assert len(list(examples())) >= 2


@pytest.mark.parametrize("block", list(examples()))
def test_example_prints_what_the_page_says(block, tmp_path):
    assert render(block, tmp_path) == block


def main():
    with tempfile.TemporaryDirectory() as scratch:
        for page in PAGES:
            text = page.read_text()
            page.write_text(BLOCK.sub(
                lambda match: f"```console\n{render(match.group(1), scratch)}```", text))


if __name__ == "__main__":
    sys.exit(main())
