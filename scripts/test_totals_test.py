# SPDX-License-Identifier: Apache-2.0
"""What test_totals.py counts, on result folders as ctest, googletest and pytest leave them."""

import json
import pathlib
import subprocess
import sys

TOTALS = pathlib.Path(__file__).with_name("test_totals.py")


def write_googletest(folder, program, **results):
    cases = [{"name": name, "status": "NOTRUN" if result == "SUPPRESSED" else "RUN",
              "result": "COMPLETED" if result == "FAILED" else result,
              **({"failures": [{}]} if result == "FAILED" else {})}
             for name, result in results.items()]
    (folder / f"{program}.json").write_text(
        json.dumps({"testsuites": [{"name": "Suite", "testsuite": cases}]}))


def write_junit(folder, file, passed=(), failed=(), skipped=()):
    def case(name, inside=""):
        return f'<testcase classname="{name}" name="{name}">{inside}</testcase>'

    cases = [*map(case, passed), *(case(n, "<failure/>") for n in failed),
             *(case(n, "<skipped/>") for n in skipped)]
    (folder / file).write_text(f"<testsuite>{''.join(cases)}</testsuite>")


def run(folder):
    """(lines, exit status)"""
    done = subprocess.run([sys.executable, TOTALS, folder], capture_output=True, text=True)
    return done.stdout.splitlines(), done.returncode


def test_counts_cases_and_whole_tests(tmp_path):
    write_googletest(tmp_path, "q_implant_ir_test", A="COMPLETED", B="COMPLETED", Off="SUPPRESSED")
    write_junit(tmp_path, "ctest.xml", passed=["ir", "package"])
    write_junit(tmp_path, "pytest.xml", passed=["x", "y", "z"])
    assert run(tmp_path) == (["6 passed, 0 failed"], 0)


def test_failed_case_is_counted_once(tmp_path):
    write_googletest(tmp_path, "q_implant_ir_test", A="COMPLETED", B="FAILED")
    write_junit(tmp_path, "ctest.xml", failed=["ir"])
    write_junit(tmp_path, "pytest.xml", passed=["x"])
    assert run(tmp_path) == (["FAILED Suite.B", "2 passed, 1 failed"], 1)


def test_crashed_program_counts_as_failed(tmp_path):
    write_junit(tmp_path, "ctest.xml", failed=["ir"])
    write_junit(tmp_path, "pytest.xml", passed=["x"])
    assert run(tmp_path) == (["FAILED ir (the whole program)", "1 passed, 1 failed"], 1)


def test_crash_after_the_last_case_counts_as_failed(tmp_path):
    write_googletest(tmp_path, "q_implant_ir_test", A="COMPLETED")
    write_junit(tmp_path, "ctest.xml", failed=["ir"])
    write_junit(tmp_path, "pytest.xml")
    assert run(tmp_path) == (["FAILED ir (the whole program)", "1 passed, 1 failed"], 1)


def test_skipped_case_counts_as_failed(tmp_path):
    write_googletest(tmp_path, "q_implant_ir_test", A="SKIPPED")
    write_junit(tmp_path, "ctest.xml", passed=["ir"])
    write_junit(tmp_path, "pytest.xml", skipped=["x"])
    assert run(tmp_path) == (["FAILED Suite.A", "FAILED x", "0 passed, 2 failed"], 1)


def test_nothing_run_is_a_failure(tmp_path):
    write_junit(tmp_path, "ctest.xml")
    write_junit(tmp_path, "pytest.xml")
    assert run(tmp_path) == (["0 passed, 0 failed"], 1)


def test_missing_results_are_a_failure(tmp_path):
    write_junit(tmp_path, "ctest.xml", passed=["ir"])
    lines, status = run(tmp_path)
    assert lines[0].startswith("FAILED pytest.xml (not there")
    assert (lines[1:], status) == (["1 passed, 1 failed"], 1)
