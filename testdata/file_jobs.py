# SPDX-License-Identifier: Apache-2.0
"""What tests of files, disks and memory share: runs of any command, and a job for each. A module."""

import json
import subprocess

import numpy as np

import circle_builder
import commands


def run(command, *args, **options):
    """(exit status, standard output, standard error)"""
    name, *first = command.split()
    done = subprocess.run([commands.find(name), *first, *args], capture_output=True, text=True,
                          check=False, timeout=60, **options)
    return done.returncode, done.stdout, done.stderr


def dense_job(folder, rows):
    """m.circle is y = x @ w, nearly all of it w; p.json quantizes w."""
    builder = circle_builder.CircleBuilder()
    x = builder.add_tensor("x", [1, rows])
    w = builder.add_constant("w", np.linspace(-1, 1, rows * rows, dtype=np.float32).reshape(
        rows, rows))
    y = builder.add_tensor("y", [1, rows])
    builder.add_operator("FULLY_CONNECTED", [x, w, -1], [y], "FullyConnectedOptions")
    builder.set_io([x], [y])
    (folder / "m.circle").write_bytes(builder.finish())
    np.save(folder / "s.npy", np.float32([1 / 127]))
    np.save(folder / "z.npy", np.int64([0]))
    (folder / "p.json").write_text(json.dumps(
        {"w": {"dtype": "int8", "scale": "s.npy", "zerop": "z.npy", "quantized_dimension": 0}}))
