# SPDX-License-Identifier: Apache-2.0
"""Runs cases on a runtime in child processes: run_all() outlives crashes and hangs.

As a command (what run_all() starts): python runner.py RUNTIME FOLDER < names
For each name it runs FOLDER/name.circle on FOLDER/name.npz and writes FOLDER/name.RUNTIME.npz, or
name.RUNTIME.error; what the runtime prints meanwhile goes to name.RUNTIME.log.
"""

import functools
import os
import pathlib
import selectors
import signal
import subprocess
import sys

import numpy as np
from testdata_path import run_model

RUNTIMES = {
    "litert": run_model.run_litert_many,
    "litert_without_xnnpack":
        functools.partial(run_model.run_litert_many, delegates=False),
    "onert": run_model.run_onert_many_here,
}
_CASE_TIMEOUT_SECONDS = 120  # of a busy machine; a case takes milliseconds


def run_all(runtime, folder, names):
    """Runs the named cases. Returns the ends of those that took their process down: name → how."""
    deaths = {}
    waiting = list(names)
    while waiting:
        done, end = _run_some(runtime, folder, waiting)
        waiting = waiting[done:]
        if end is None:
            continue
        # The process died in the next case: try it alone, in case an earlier one did the harm.
        suspect = waiting.pop(0)
        _, end = _run_some(runtime, folder, [suspect])
        if end is not None:
            deaths[suspect] = end
    return deaths


def _run_some(runtime, folder, names):
    """Starts a child. Returns how many cases it finished, and how it died (None if it did not)."""
    command = [sys.executable, __file__, runtime, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as child:
        child.stdin.write("\n".join(names).encode())
        child.stdin.close()
        selector = selectors.DefaultSelector()
        selector.register(child.stdout, selectors.EVENT_READ)
        done = 0
        while True:
            if not selector.select(_CASE_TIMEOUT_SECONDS):
                child.kill()
                child.wait()
                return done, "timeout"
            ticks = os.read(child.stdout.fileno(), 4096)
            if not ticks:
                break
            done += len(ticks)
        code = child.wait()
    if code == 0 and done == len(names):
        return done, None
    return done, signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _child(runtime, folder):
    names = sys.stdin.read().split()
    ticks = os.dup(1)
    run = RUNTIMES[runtime]
    for name in names:
        stem = folder / f"{name}.{runtime}"
        log = os.open(f"{stem}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        with np.load(folder / f"{name}.npz") as content:
            inputs = [content[f"x{i}"] for i in range(len(content.files))]
        try:
            outputs = run(folder / f"{name}.circle", inputs)
            np.savez(f"{stem}.npz", **{f"y{i}": y for i, y in enumerate(outputs)})
        except Exception as error:  # pylint: disable=broad-exception-caught
            pathlib.Path(f"{stem}.error").write_text(str(error))
        os.write(ticks, b".")


if __name__ == "__main__":
    _child(sys.argv[1], pathlib.Path(sys.argv[2]))
