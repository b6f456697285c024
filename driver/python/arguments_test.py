# SPDX-License-Identifier: Apache-2.0
"""Command lines are read exactly as Python's argparse reads them, with which ONE's commands are written.

arguments_dump prints what driver/python/arguments.cc makes of many command lines of one-quantize; argparse
reads the same ones here, and every value and every message must be the same.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest driver/python/arguments_test.py
"""

import argparse
import json
import random
import subprocess

import commands

LINES = 4000


class Wrong(Exception):
    """What argparse says of a wrong command line."""


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Wrong(message)


def parser(options):
    made = Parser(prog="one-quantize", add_help=False)
    for name, letter, value in options:
        names = [f"-{letter}"] if letter else []
        made.add_argument(*names, f"--{name}", dest=name, default=argparse.SUPPRESS,
                          **({} if value else {"action": "store_const", "const": ""}))
    return made


def expected(made, words):
    try:
        return {"given": {name: value for name, value in vars(made.parse_args(words)).items()
                          if name != "help"}}
    except Wrong as wrong:
        return {"problem": str(wrong)}


def random_words(rng, options):
    """A command line: options whole, cut short, joined to values, unknown; values of all kinds."""
    words = []
    for _ in range(rng.randint(0, 5)):
        name, letter, value = rng.choice(options)
        kind = rng.randrange(8)
        if kind == 0 and letter:
            words.append(f"-{letter}" + rng.choice(["", "a", "V", "=a", "iV", "Vp", "Vpia", "-"]))
        elif kind < 5:
            cut = name if rng.random() < 0.6 else name[:rng.randint(1, len(name))]
            words.append(f"--{cut}" + rng.choice(["", "", "", "=a", "=", "=a=b", "=-V"]))
        elif kind == 5:
            words.append(rng.choice(["-x", "--unknown", "-V", "-1", "--x=y", "--", "-", "-ia b"]))
        if value or rng.random() < 0.2:
            words.append(rng.choice(["a", "-1", "-1.5", "-.5", "-1.", "-a b", "", "-", "a b", "-V",
                                     "--mode", "-x y=z", "--m=a b"]))
    return words


def dump(lines):
    """The options, and what was made of each line."""
    done = subprocess.run([commands.find("arguments_dump")], capture_output=True, text=True,
                          check=True, input="".join(json.dumps(line) + "\n" for line in lines))
    options, *results = [json.loads(line) for line in done.stdout.splitlines()]
    return options, results


def test_random_command_lines():
    rng, (options, _) = random.Random(1), dump([])
    made = parser(options)
    lines = [random_words(rng, options) for _ in range(LINES)]
    wanted = [expected(made, words) for words in lines]
    for words, want, got in zip(lines, wanted, dump(lines)[1], strict=True):
        assert got == want, words
    problems = sum("problem" in want for want in wanted)
    assert LINES // 5 < problems < LINES * 4 // 5, "both sides are tested"
