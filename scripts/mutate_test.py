# SPDX-License-Identifier: Apache-2.0
"""What mutate.py makes of a product of one function, and where mutant_sites.py finds mutants."""

import json
import pathlib
import subprocess
import sys

import mutant_sites
import mutate

MUTATE = pathlib.Path(__file__).with_name("mutate.py")

PROJECT = {
    "CMakeLists.txt": """
cmake_minimum_required(VERSION 3.25)
project(tiny LANGUAGES CXX)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
add_subdirectory(ir)
""",
    "ir/CMakeLists.txt": """
include_directories(${PROJECT_SOURCE_DIR})
add_library(q_implant_ir STATIC x.cc)
add_executable(q_implant_ir_test x_test.cc)
target_link_libraries(q_implant_ir_test q_implant_ir)
add_executable(x ../tool/main.cc)
target_link_libraries(x q_implant_ir)
""",
    "ir/x.h": "int Least(int a, int b);\nint Twice(int a);\nint Sum(int a, int b);\n",
    "ir/x.cc": """// if (a < b) return b;
#include "ir/x.h"
int Least(int a, int b) {
  if (a < b) return a;
  return b;
}
int Twice(int a) { return a + a; }
int Sum(int a, int b) { return a + b; }
""",
    "ir/x_test.cc": """
#include "ir/x.h"
int main() { return Least(3, 5) == 3 && Least(5, 3) == 3 ? 0 : 1; }
""",
    "tool/main.cc": """
#include "ir/x.h"
int main() { return Sum(Twice(7), 0); }
""",
    "pytest.ini": "[pytest]\npython_files = *_test.py\n",
    "ir/x_test.py": """
import os, subprocess
def test_twice():
    assert subprocess.run([os.environ["Q_IMPLANT_BIN_DIR"] + "/x"]).returncode == 14
""",
}


def make_project(folder):
    for name, text in PROJECT.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)


def test_a_tiny_product(tmp_path):
    project, tree = tmp_path / "project", tmp_path / "tree"
    project.mkdir()
    make_project(project)
    done = subprocess.run([sys.executable, MUTATE, "--root", project, "--tree", tree,
                           "--count", "99", "--jobs", "1"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    found = {}
    for mutant in json.loads((tree / "mutants.json").read_text()).values():
        removed, added = (next(line[1:].strip() for line in mutant["diff"].splitlines()[2:]
                               if line.startswith(sign)) for sign in "-+")
        found[removed, added] = mutant["outcome"], mutant["by"]
    early = "if (a < b) return a;"
    in_cpp = "killed", "q_implant_ir_test (it crashed)"
    assert found == {
        (early, ";"): in_cpp,
        (early, "if (!(a < b)) return a;"): in_cpp,
        (early, "if (a <= b) return a;"): ("same", ""),
        ("int Twice(int a) { return a + a; }", "int Twice(int a) { return a - a; }"):
            ("killed", "ir/x_test.py::test_twice"),
        ("int Sum(int a, int b) { return a + b; }", "int Sum(int a, int b) { return a - b; }"):
            ("survived", "all tests"),
    }
    assert "-int Sum(int a, int b) { return a + b; }\n+int Sum" in done.stdout
    assert "               3         1     75.0" in done.stdout
    for folder in (project, tree / "source"):
        assert (folder / "ir/x.cc").read_text() == PROJECT["ir/x.cc"]


def test_what_does_not_end_is_stopped():
    assert mutate.run([sys.executable, "-c", "while True: pass"], 1) == (False, "timeout")


def changes(text):
    return {mutant_sites.apply(text, site).strip() for site in mutant_sites.find_sites(text)}


def test_sites_are_found_in_code_only():
    text = '// a == b\n/* 3 */ "a && b" \'4\' R"(5)"\n#if X > 6\nstatic_assert(7 < 8);\n'
    assert changes(text) == set()


def test_sites_of_each_kind():
    assert changes("  if (const A* a = f(); a < b)\n    return 1;") >= {
        "if (const A* a = f();!( a < b))\n    return 1;",
        "if (const A* a = f(); a <= b)\n    return 1;",
        "if (const A* a = f(); a < b)\n    return 2;"}
    assert changes("x = a && !b ? f(c) : d;") == {
        "x = a || !b ? f(c) : d;", "x = a && b ? f(c) : d;", "x = !(a && !b) ? f(c) : d;"}
    assert changes("x = true ? std::min(a + b, c) : d;") >= {
        "x = true ? std::max(a + b, c) : d;", "x = true ? std::min(a - b, c) : d;",
        "x = false ? std::min(a + b, c) : d;"}
    assert changes("row = {.op = kAdd, .types = {kA, kB}, .more = f(1, x)}") == {
        "row = {            .types = {kA, kB}, .more = f(1, x)}",
        "row = {.op = kAdd,                    .more = f(1, x)}",
        "row = {.op = kAdd, .types = {kA, kB},                }",
        "row = {.op = kB, .types = {kA, kB}, .more = f(1, x)}",
        "row = {.op = kAdd, .types = {kAdd, kB}, .more = f(1, x)}",
        "row = {.op = kAdd, .types = {kA, kA}, .more = f(1, x)}",
        "row = {.op = kAdd, .types = {kA, kB}, .more = f(2, x)}",
        "row = {.op = kAdd, .types = {kA, kB}, .more = f(0, x)}"}


def test_statements_that_can_be_left_out():
    text = """void F() {
  for (A& a : b) {
    if (a.skip) continue;
    a.Do(b);
  }
  Type name(b);
  if (c)
    name = d;
  return Last(e);
}"""
    found = {site.kind: text[site.start:site.end].strip() for site in mutant_sites.find_sites(text)
             if site.new.strip() == ";"}
    left_out = {text[s.start:s.end] for s in mutant_sites.find_sites(text) if s.new.strip() == ";"}
    assert left_out == {"if (a.skip) continue;", "a.Do(b);", "name = d;"}
    assert set(found) == {"return", "statement"}
