# SPDX-License-Identifier: Apache-2.0
"""The command that q-extract prints works on the float32 model, whoever wrote the quantized one.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/extract_other_writers_test.py

The models are those of other_writers.py, in circle and in TFLite files. Where nothing is unclear,
q-extract then finds the same parameters in what the command made.
"""

import re
import shlex
import subprocess

import pytest

import circle_builder
import commands
import other_writers

SUFFIXES = {circle_builder.CIRCLE: ".circle", circle_builder.TFLITE: ".tflite"}


def run(command, *args):
    """(exit status, standard output, standard error)"""
    done = subprocess.run([commands.find(command), *args], capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("identifier", SUFFIXES)
@pytest.mark.parametrize("name", other_writers.PAIRS)
def test_the_printed_command_works(name, identifier, tmp_path):
    paths = [tmp_path / f"{n}{SUFFIXES[identifier]}" for n in ("quantized", "float32", "again")]
    for path, data in zip(paths, other_writers.both(other_writers.PAIRS[name], identifier)):
        path.write_bytes(data)
    quantized, float32, again = paths
    status, out, err = run("q-extract", "--input", quantized, "--output_dir", tmp_path / "params")
    assert status == 0, err
    words = shlex.split(re.search(r"^  q-implant (.*)$", out, re.MULTILINE)[1])
    places = {"FLOAT32_MODEL": float32, "QUANTIZED_MODEL": again}
    status, _, err = run("q-implant", *(places.get(word, word) for word in words))
    assert status == 0, err
    if name not in other_writers.UNCLEAR:
        assert "no tensor of" not in err
        assert run("q-extract", "--input", quantized, "--diff", again)[:2] == (
            0, "the same quantization parameters and integers\n")
