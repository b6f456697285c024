# SPDX-License-Identifier: Apache-2.0
"""Models that are cut off while a command reads them (docs/reliability.md).

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest driver/cut_off_test.py
"""

import errno
import os
import subprocess
import time

import pytest

import commands
from file_jobs import dense_job, run

CUT_OFF = ("error: an input file was cut off or changed while it was read; nothing was written: let "
           "nothing write to it, then run the command again\n")


def open_once_it_is_read(pipe, process):
    """A descriptor to write to a named pipe, once the program waits for what comes from there."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            assert error.errno == errno.ENXIO and process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.mark.parametrize("command, arguments", [
    ("q-implant", ["m.circle", "pipe", "o/new"]),
    ("circle2circle", ["--import_qparam", "pipe", "m.circle", "o/new"]),
    ("one-quantize", ["--import_qparam", "pipe", "-i", "m.circle", "-o", "o/new"]),
    ("onecc quantize", ["--import_qparam", "pipe", "-i", "m.circle", "-o", "o/new"]),
    ("q-extract", ["--input", "q.circle", "--diff", "pipe"]),
])
def test_a_model_that_is_cut_off_while_it_is_read(tmp_path, command, arguments):
    """The model is mapped by the time that the second file, a pipe, is waited for."""
    dense_job(tmp_path, rows=1024)
    assert run("q-implant", "m.circle", "p.json", "q.circle", "--hybrid", cwd=tmp_path)[0] == 0
    second = (tmp_path / "q.circle").read_bytes() if "--diff" in arguments else b"{}"
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "new").write_bytes(b"old")
    os.mkfifo(tmp_path / "pipe")
    name, *first = command.split()
    with subprocess.Popen([commands.find(name), *first, *arguments], cwd=tmp_path, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        pipe = open_once_it_is_read(tmp_path / "pipe", process)
        for model in ("m.circle", "q.circle"):
            os.truncate(tmp_path / model, 4096)
        os.set_blocking(pipe, True)
        with open(pipe, "wb") as file:
            file.write(second)
        out, err = process.communicate()
    # 1 of --diff would say that the models differ.
    assert (process.returncode, out, err) == (2 if "--diff" in arguments else 1, "", CUT_OFF)
    assert os.listdir(tmp_path / "o") == ["new"]
    assert (tmp_path / "o" / "new").read_bytes() == b"old"


def test_a_model_that_is_cut_off_while_its_parameters_are_written(tmp_path):
    """The kernel reads the model then, not the program."""
    dense_job(tmp_path, rows=1024)
    assert run("q-implant", "m.circle", "p.json", "q.circle", "--hybrid", cwd=tmp_path)[0] == 0
    folder = tmp_path / "o"
    folder.mkdir()
    (folder / "param.json").write_text("old")
    (folder / "w.value.npy").write_text("old")
    os.mkfifo(folder / "w.scale.npy")
    with subprocess.Popen([commands.find("q-extract"), "--input", "q.circle", "--output_dir", "o"],
                          cwd=tmp_path, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        with open(folder / "w.scale.npy", "rb") as pipe:  # waits for the program to write
            os.truncate(tmp_path / "q.circle", 4096)
            pipe.read()
        out, err = process.communicate()
    assert (process.returncode, out) == (1, "")
    assert err == ("error: o/w.value.npy: cannot be written: an input file became shorter while it "
                   "was read; leave the input files alone until the output is there\n")
    assert sorted(os.listdir(folder)) == ["param.json", "w.scale.npy", "w.value.npy",
                                          "w.zerop.npy"]
    assert (folder / "param.json").read_text() == (folder / "w.value.npy").read_text() == "old"
