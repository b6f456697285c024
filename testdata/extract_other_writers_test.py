# SPDX-License-Identifier: Apache-2.0
"""The command that q-extract prints works on the float32 model, whoever wrote the quantized one.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/extract_other_writers_test.py

The models are those of other_writers.py, in circle and in TFLite files, and a sample of the measured
operators (operator_claims). Where nothing is unclear, q-extract then finds the same parameters in
what the command made.
"""

import pathlib
import re
import shlex
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "operator_claims")]
import case_outcomes  # noqa: E402
import circle_builder  # noqa: E402
import commands  # noqa: E402
import imported_cases  # noqa: E402
import other_writers  # noqa: E402

SUFFIXES = {circle_builder.CIRCLE: ".circle", circle_builder.TFLITE: ".tflite"}


def run(command, *args):
    """(exit status, standard output, standard error)"""
    done = subprocess.run([commands.find(command), *args], capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout, done.stderr


CLAIMS_STEP = 48  # every 48th of the measured cases: all take minutes


def there_and_back(quantized, float32, folder):
    """(exit status, what was told) of the printed command, run on the float32 model; exit status
    None where q-extract takes nothing out. It writes folder/again.circle."""
    status, out, err = run("q-extract", "--input", quantized, "--output_dir", folder / "params")
    if status != 0:
        return None, err
    words = shlex.split(re.search(r"^  q-implant (.*)$", out, re.MULTILINE)[1])
    places = {"FLOAT32_MODEL": float32, "QUANTIZED_MODEL": folder / "again.circle"}
    status, _, err = run("q-implant", *(places.get(word, word) for word in words))
    return status, err


def differences(quantized, folder):
    return run("q-extract", "--input", quantized, "--diff", folder / "again.circle")[1]


SAME = "the same quantization parameters and integers\n"


@pytest.mark.parametrize("identifier", SUFFIXES)
@pytest.mark.parametrize("name", other_writers.PAIRS)
def test_the_printed_command_works(name, identifier, tmp_path):
    paths = [tmp_path / f"{n}{SUFFIXES[identifier]}" for n in ("quantized", "float32")]
    for path, data in zip(paths, other_writers.both(other_writers.PAIRS[name], identifier)):
        path.write_bytes(data)
    status, told = there_and_back(*paths, tmp_path)
    assert status == 0, told
    if name not in other_writers.UNCLEAR:
        assert "no tensor of" not in told
        assert differences(paths[0], tmp_path) == SAME


def test_measured_operators(tmp_path):
    """In types that were measured, whether a runtime has them or not: what comes out may differ."""
    cases = [case for case in case_outcomes.measured_cases() if case.operator not in
             ("QUANTIZE", "DEQUANTIZE")][5::CLAIMS_STEP]
    failed = {}
    for i, case in enumerate(cases):
        folder = tmp_path / f"{i:04}"
        folder.mkdir()
        (folder / "quantized.circle").write_bytes(case.model)
        model, _ = imported_cases.take_apart(circle_builder.unpack(case.model))
        (folder / "float32.circle").write_bytes(circle_builder.pack(model))
        status, told = there_and_back(folder / "quantized.circle", folder / "float32.circle", folder)
        if status != 0:
            failed[case.key] = told
    assert len(cases) > 25
    assert failed == {}
