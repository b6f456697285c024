# SPDX-License-Identifier: Apache-2.0
"""Random parameters and options on unmutated models: see random_runs.py.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/random_runs_test.py
"""

import collections
import functools

import pytest
import random_runs

SEEDS = range(600)


@pytest.fixture(scope="module", name="outcomes")
def _outcomes():
    return list(random_runs.examine_all(SEEDS, quick=True))


def test_no_run_has_a_problem(outcomes):
    problems = [f"seed {seed} ({source}): {problem}" for seed, source, found, _ in outcomes
                for problem in found]
    assert not problems, "\n".join(problems)


def test_the_runs_reach_what_they_should(outcomes):
    """Most write a model, some are refused, and every source and command has its turn."""
    assert len(outcomes) == len(SEEDS)
    ends = functools.reduce(lambda a, b: a + b, (end for *_, end in outcomes))
    sources = collections.Counter(source.split()[0] for _, source, _, _ in outcomes)
    assert ends["q-implant 0"] > len(SEEDS) / 2 and ends["q-implant 1"] > len(SEEDS) / 20, ends
    assert ends["circle2circle 0"] > len(SEEDS) / 2 and ends["q-extract 0"] > 50, ends
    assert set(sources) == set(random_runs.corpus(quick=True))
