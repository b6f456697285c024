# SPDX-License-Identifier: Apache-2.0
"""Adds up what a test run left in a folder and prints `N passed, N failed`.

    python test_totals.py FOLDER

FOLDER holds ctest.xml and pytest.xml (JUnit) and a JSON file of each googletest program that ran to
its end, named after the program. A case is a googletest or pytest case, or a whole ctest test that
is no googletest program. What did not run counts as failed: a skipped case, a program that crashed,
a folder of Python tests that could not be collected. Exit status 1 if any failed or none ran.
"""

import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def googletest_cases(file):
    """(passed, names of failed) of one program."""
    passed, failed = 0, []
    for suite in json.loads(file.read_text())["testsuites"]:
        for case in suite["testsuite"]:
            if case.get("result") == "COMPLETED" and not case.get("failures"):
                passed += 1
            elif case.get("status") == "RUN" or case.get("result") == "SKIPPED":
                failed.append(f"{suite['name']}.{case['name']}")
    return passed, failed


def junit_cases(file):
    """(names of passed, names of failed) of one JUnit file; a ctest case is its own class."""
    passed, failed = [], []
    if not file.exists():
        return [], [f"{file.name} (not there: the tests were not run to their end)"]
    for case in ElementTree.parse(file).iter("testcase"):
        bad = any(case.find(tag) is not None for tag in ("failure", "error", "skipped"))
        name = case.get("name")
        if case.get("classname") not in (None, "", name):
            name = f"{case.get('classname')}::{name}"
        (failed if bad else passed).append(name)
    return passed, failed


def totals(folder):
    passed, failed = 0, []
    programs = {f.stem: googletest_cases(f) for f in folder.glob("*.json")}
    for program_passed, program_failed in programs.values():
        passed += program_passed
        failed += program_failed

    tests_passed, tests_failed = junit_cases(folder / "ctest.xml")
    for name in tests_passed:
        passed += f"q_implant_{name}_test" not in programs
    for name in tests_failed:
        # Failed cases are counted above; a program that died among them left no file.
        if not programs.get(f"q_implant_{name}_test", (0, []))[1]:
            failed.append(f"{name} (the whole program)")

    python_passed, python_failed = junit_cases(folder / "pytest.xml")
    return passed + len(python_passed), failed + python_failed


def main():
    passed, failed = totals(pathlib.Path(sys.argv[1]))
    for name in failed:
        print(f"FAILED {name}")
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
