# SPDX-License-Identifier: Apache-2.0
"""Where the built commands are. A module; needs nothing beyond Python."""

import os
import pathlib

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent


def find(name):
    """The path of a built command: in $Q_IMPLANT_BIN_DIR, or in build/bin."""
    folder = pathlib.Path(os.environ.get("Q_IMPLANT_BIN_DIR", REPOSITORY / "build" / "bin"))
    command = folder.resolve() / name
    if not command.exists():
        raise FileNotFoundError(
            f"{command} is not there: build it, or say where it is with Q_IMPLANT_BIN_DIR")
    return command
