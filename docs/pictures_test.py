# SPDX-License-Identifier: Apache-2.0
"""That the pictures of the documents show what the program makes (./dev picture draws them)."""

import pathlib
import re
import subprocess
import xml.etree.ElementTree

import commands

PICTURES = pathlib.Path(__file__).resolve().parent / "pictures"
JOB = commands.REPOSITORY / "testdata" / "conv2d_request"


def test_the_graph_before_and_after_is_what_the_program_makes(tmp_path):
    dot = tmp_path / "a.dot"
    subprocess.run([commands.find("q-implant"), JOB / "model.circle", JOB / "param.json",
                    tmp_path / "q.circle", "--input_type", "float32", "--output_type", "float32",
                    "--dot", dot], check=True)  # yapf: disable
    assert dot.read_text() == (PICTURES / "before_after.dot").read_text()


def test_the_svg_is_drawn_from_it():
    labels = re.findall(r'label="([^"]*)"', (PICTURES / "before_after.dot").read_text())
    assert len(labels) > 15
    shown = " ".join(xml.etree.ElementTree.parse(PICTURES / "before_after.svg").getroot().itertext())
    assert [line for label in labels for line in label.split("\\n") if line not in shown] == []
