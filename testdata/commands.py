# SPDX-License-Identifier: Apache-2.0
"""Where the built commands are. A module; needs nothing beyond Python."""

import os
import pathlib
import re
import subprocess

# One line for each node that a known runtime misreads, or whose scales are too far apart for it,
# where no --target is given.
_OF_A_RUNTIME = re.compile(
    r"^warning: .*(?:LiteRT|onert) (?:computes wrong values for .*"
    r"|(?:does not run|crashes on) .*; its kernel is right .*)\n?", re.MULTILINE)

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent


def find(name):
    """The path of a built command: in $Q_IMPLANT_BIN_DIR or build/bin, or in the folder "one" there
    of the commands that share a name with ONE's."""
    folder = pathlib.Path(os.environ.get("Q_IMPLANT_BIN_DIR", REPOSITORY / "build" / "bin"))
    command = folder.resolve() / name
    shared = folder.resolve() / "one" / name
    if shared.exists():
        return shared
    if not command.exists():
        raise FileNotFoundError(
            f"{command} is not there: build it, or say where it is with Q_IMPLANT_BIN_DIR")
    return command


def adapt(target, source, output):
    """Runs circle2circle --target: (exit status, whether the model changed, what was told beside
    notes)."""
    done = subprocess.run(
        [find("circle2circle"), "--verbose", "--target", target, source, output],
        capture_output=True, text=True, check=False)
    lines = done.stderr.splitlines(keepends=True)
    told = "".join(line for line in lines if not line.startswith("note: "))
    return done.returncode, "note: --target changed nothing\n" not in lines, told


def without_runtime_warnings(text):
    """What a command told, but for the warnings of what known runtimes misread."""
    return _OF_A_RUNTIME.sub("", text)
