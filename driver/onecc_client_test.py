# SPDX-License-Identifier: Apache-2.0
"""ONE's Python client, the package onecc, drives our onecc: it starts `onecc quantize` from PATH.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest driver/onecc_client_test.py
"""

import os
import subprocess

import numpy as np
import onecc
import pytest
from onecc._fs.workspace_registry import ScopedWorkspaceContext
from onecc.errors import CommandError, CommandNotFoundError
from onecc.models.circle import CircleModel

import commands

REQUEST = commands.REPOSITORY / "testdata" / "conv2d_request"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Our folder is in front of PATH, and the client keeps its files in the test's folder."""
    folder = commands.find("onecc").parent
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(REQUEST)
    with ScopedWorkspaceContext(tmp_path / "work"):
        yield


def of_q_implant(folder, *options):
    subprocess.run([commands.find("q-implant"), REQUEST / "model.circle", REQUEST / "param.json",
                    folder / "q.circle", *options], check=True, capture_output=True)
    return (folder / "q.circle").read_bytes()


def test_quantize(tmp_path):
    quantized = onecc.quantize(CircleModel(path="model.circle"), import_qparam="param.json",
                               input_type="float32")
    quantized.save(tmp_path / "saved.circle")
    assert (tmp_path / "saved.circle").read_bytes() == of_q_implant(tmp_path, "--input_type",
                                                                    "float32")


def test_flags_are_empty_lists(tmp_path):
    """The client takes True for the flags alone that its own release of ONE has."""
    quantized = onecc.quantize(CircleModel(path="model.circle"), import_qparam="param.json",
                               keep_bias=[], save_intermediate=True, eight_bit="int8")
    quantized.save(tmp_path / "saved.circle")
    assert (tmp_path / "saved.circle").read_bytes() == of_q_implant(tmp_path, "--keep_bias",
                                                                    "--eight_bit", "int8")


def test_wrong_data_is_told(tmp_path):
    (tmp_path / "param.json").write_text('{"no_such_tensor": {"dtype": "float32"}}')
    with pytest.raises(CommandError) as raised:
        onecc.quantize(CircleModel(path="model.circle"),
                       import_qparam=str(tmp_path / "param.json"))
    text = str(raised.value)
    assert "[EXIT CODE]\n1\n" in text
    assert "tensor 'no_such_tensor': " in text
    assert "1 error; nothing was written\n" in text


@pytest.mark.parametrize("option, value", [
    ("quantized_dtype", "int16"), ("input_data", [[np.zeros((1, 3, 3, 2), np.float32)]])])
def test_contradiction_is_told(option, value):
    with pytest.raises(CommandError) as raised:
        onecc.quantize(CircleModel(path="model.circle"), import_qparam="param.json",
                       **{option: value})
    assert "[EXIT CODE]\n2\n" in str(raised.value)
    assert f"error: --{option} contradicts --import_qparam: " in str(raised.value)


def test_no_onecc_in_path(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandNotFoundError):
        onecc.quantize(CircleModel(path="model.circle"), import_qparam="param.json")
