# SPDX-License-Identifier: Apache-2.0
"""Whether two builds write the same files in all that the tests do with the commands.

    python scripts/same_outputs.py record build/bin before.txt [pytest argument]...
    python scripts/same_outputs.py record build/bin after.txt [pytest argument]...
    python scripts/same_outputs.py compare before.txt after.txt

`record` runs the Python tests with a script in the place of each command. The script runs the
command and writes a line: command, exit code, and a digest of every model, param file and array that
its arguments (or its cfg file) name. Messages and reports do not count, for wording may change; nor
do paths, for tests work in folders of their own; nor does the order, for tests run at once. `compare` shows the lines that only one record
has. A change that is to change no output is right where nothing is shown.

Without other arguments it runs the tests that run models. Tests of commands that look for programs of
their own name behind them in PATH would find these scripts.
"""

import argparse
import collections
import os
import pathlib
import stat
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTS = ("testdata", "driver/q_implant_test.py", "driver/q_extract_test.py", "driver/same_bytes_test.py",
         "--numprocesses=2", "--dist=loadfile")
COMMANDS = ("q-implant", "q-extract", "one/circle2circle", "one/one-quantize", "one/onecc")

# A run costs some milliseconds more, so the script is the shell's and no Python.
WRAPPER = r"""#!/bin/bash
"{program}" "$@"
status=$?
files=()
for word in "$@"; do
  word=${{word#*=}}
  [[ -f $word && $word == *.cfg ]] && files+=($(sed -n 's/^ *[a-z_]*path *= *//p' "$word"))
  [[ -d $word ]] && files+=("$word"/*.json "$word"/*.npy)
  files+=("$word")
done
digests=
for file in "${{files[@]}}"; do
  case $file in
    *.circle | *.tflite | *.npy | */param.json)
      [[ -f $file ]] && digests+=" $(md5sum < "$file" | cut -c1-16)" ;;
  esac
done
echo "{name} $status$digests" >> "{record}"
exit $status
"""


def wrap(bin_dir, folder, record):
    """A folder like `bin_dir`, with scripts in the place of the commands."""
    for path in bin_dir.rglob("*"):
        if path.is_dir():
            continue
        name = str(path.relative_to(bin_dir))
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if name in COMMANDS:
            place.write_text(WRAPPER.format(program=path, name=name, record=record))
            place.chmod(place.stat().st_mode | stat.S_IXUSR)
        else:
            place.symlink_to(path)


def record(bin_dir, output, arguments):
    output.write_text("")
    with tempfile.TemporaryDirectory() as folder:
        wrap(bin_dir.resolve(), pathlib.Path(folder), output.resolve())
        env = {**os.environ, "Q_IMPLANT_BIN_DIR": folder}
        done = subprocess.run([sys.executable, "-m", "pytest", "-q", *(arguments or TESTS)], cwd=ROOT, env=env)
    lines = sorted(output.read_text().splitlines())
    output.write_text("".join(f"{line}\n" for line in lines))
    print(f"{len(lines)} runs of commands")
    return done.returncode


def compare(before, after):
    counts = [collections.Counter(path.read_text().splitlines()) for path in (before, after)]
    differences = [(name, line) for name, a, b in ((before, *counts), (after, *reversed(counts)))
                   for line in (a - b).elements()]
    for name, line in differences:
        print(f"only in {name}: {line}")
    print(f"{sum(counts[0].values())} and {sum(counts[1].values())} runs, "
          f"{len(differences)} differences")
    return bool(differences)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    modes = parser.add_subparsers(dest="mode", required=True)
    mode = modes.add_parser("record")
    mode.add_argument("bin_dir", type=pathlib.Path)
    mode.add_argument("output", type=pathlib.Path)
    mode = modes.add_parser("compare")
    mode.add_argument("before", type=pathlib.Path)
    mode.add_argument("after", type=pathlib.Path)
    arguments, rest = parser.parse_known_args()
    if arguments.mode == "compare":
        return compare(arguments.before, arguments.after)
    return record(arguments.bin_dir, arguments.output, rest)


if __name__ == "__main__":
    sys.exit(main())
