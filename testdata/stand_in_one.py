# SPDX-License-Identifier: Apache-2.0
"""A stand-in installation of ONE: scripts of ONE's names that record how they were called.

Laid out as ONE's Debian package: all tools in share/one/bin, and bin, the folder for PATH, links to
`onecc` alone. A module; needs nothing beyond Python.
"""

import dataclasses
import os


# What a tool does: its calls are numbered files of NUL-separated fields.
SCRIPT = """\
#!/bin/sh
name="${{0##*/}}"
[ -t 0 ] || input=$(cat)
printf '%s\\0' "$name" "$PWD" "$SETTING" "$input" "$@" > "{calls}/$(ls "{calls}" | wc -l)"
echo "$name says"
echo "$name complains" >&2
{then}
"""
TOOLS = ("circle-eval-diff", "circle-quantizer", "circle2circle", "one-import-tflite",
         "one-optimize", "one-pack", "one-codegen", "one-profile", "one-infer", "one-quantize",
         "onecc")


@dataclasses.dataclass
class Call:
    """One run of a tool: the environment variable SETTING is recorded for all."""
    tool: str
    folder: str
    setting: str
    input: str
    args: list


class StandInOne:
    """`path` is the folder for PATH, `tools` the one with the tools, `calls()` what happened."""

    def __init__(self, folder, tools=TOOLS):
        self.path = folder / "bin"
        self.tools = folder / "share" / "one" / "bin"
        self._calls = folder / "calls"
        for made in (self.path, self.tools, self._calls):
            made.mkdir(parents=True)
        for tool in tools:
            self.add(tool)
        if "onecc" in tools:
            (self.path / "onecc").symlink_to(self.tools / "onecc")

    def add(self, tool, then="exit 0"):
        """A tool that does this, a shell script, when its call is recorded."""
        script = self.tools / tool
        script.write_text(SCRIPT.format(calls=self._calls, then=then))
        script.chmod(0o755)

    def calls(self):
        count = len(list(self._calls.iterdir()))
        found = []
        for number in range(count):
            fields = (self._calls / str(number)).read_text().split("\0")[:-1]
            found.append(Call(*fields[:4], args=fields[4:]))
        return found


def environment(*folders, **more):
    """The environment with these folders in front of PATH."""
    path = os.pathsep.join(str(folder) for folder in [*folders, "/usr/bin", "/bin"])
    return {**os.environ, "PATH": path, **{name: str(value) for name, value in more.items()}}
