# SPDX-License-Identifier: Apache-2.0
"""Alters the product one place at a time and tells which alterations no test notices.

    python mutate.py [--count N] [--seed S] [--cpp] [--python FILE...] [--again]
                     [--tree FOLDER] [--root FOLDER]

Works in FOLDER, on a copy of the repository. What it finds goes to FOLDER/mutants.json at once, so
that a run that was stopped goes on where it was. Prints the survivors as diffs, and figures.

A mutant is one site of mutant_sites.py in ir, import, pass or export. The sample is drawn by the
seed, each site with the same chance, but one in a header with a third of it: dozens of sources are
compiled for it. It does not depend on what is changed elsewhere.

A mutant is killed when a test program or a Python test fails, crashes or computes for several times
its time. C++ tests come first, those of the mutant's folder before others, then Python's, those
that killed most for their time first. Mutants that do not compile, or compile to the same object
code, do not count, and others are drawn for them. Nothing in a mutant is run that would not run in
a test: no file outside the tests' own temporary folders is written.
"""

import argparse
import collections
import concurrent.futures
import difflib
import hashlib
import json
import math
import os
import pathlib
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

import mutant_sites
from product import FOLDERS, is_product

HEADER_WEIGHT = 1 / 3
MOST_BYTES = 8 << 30  # of memory, and of a file, that a test program may take
COUNTED = ("killed", "survived")


class Mutant:
    def __init__(self, path, text, site, repeat):
        self.path, self.text, self.site = path, text, site
        self.line = text.count("\n", 0, site.start) + 1
        lines = text.splitlines()
        # The same wherever the line stands and whatever is changed around it.
        self.id = "|".join((str(path), lines[self.line - 1].strip(), site.kind,
                            text[site.start:site.end].split("\n")[0],
                            site.new.split("\n")[0].strip(), str(repeat)))

    def mutated(self):
        return mutant_sites.apply(self.text, self.site)

    def diff(self):
        name = str(self.path)
        return "".join(difflib.unified_diff(self.text.splitlines(True),
                                            self.mutated().splitlines(True), name, name, n=2))

    def rank(self, seed):
        """The lower, the earlier it is drawn: a weighted sample without replacement."""
        digest = hashlib.sha256(f"{seed}|{self.id}".encode()).digest()
        chance = (int.from_bytes(digest[:8], "big") + 1) / 2**64
        return -math.log(chance) / (HEADER_WEIGHT if self.path.suffix == ".h" else 1)


def mutants_of(path, text):
    repeats = collections.Counter()
    for site in mutant_sites.find_sites(text):
        line = text.count("\n", 0, site.start)
        key = (text.splitlines()[line].strip(), site.kind, text[site.start:site.end], site.new)
        yield Mutant(path, text, site, repeats[key])
        repeats[key] += 1


def run(command, seconds, **options):
    """(whether it ended with 0, its output). None of its processes may compute longer than that:
    what runs beside it does not count. What waits is stopped after ten times as many, with all that
    it started."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds)))
        for what in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE):
            resource.setrlimit(what, (MOST_BYTES, MOST_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=limit,
                               text=True, errors="replace", **options)
    try:
        output, _ = process.communicate(timeout=10 * seconds)
        if process.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            output = "timeout"
        return process.returncode == 0, output
    except subprocess.TimeoutExpired:
        return False, "timeout"
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def must_run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          **options)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stdout}")
    return done.stdout


def computed():
    """Seconds that what this process started has computed so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Tree:
    """A copy of the repository, its build, and what its tests are without a mutant.

    CMake builds it as it builds a release. The sources of the product are compiled once more: with
    fewer optimisations, for speed, and with the checks of the standard library, so that a read past
    an end is found as in the sanitizers' run of the tests. Programs are linked with these objects,
    one of them a mutant's.
    """

    def __init__(self, root, folder, jobs, patience, python_tests):
        self.root, self.folder, self.jobs, self.patience = root, folder, jobs, patience
        self.python_tests = python_tests  # none: all
        self.source = folder / "source"
        self.build = self.source / "build"
        self.kills = collections.Counter()  # by Python test file

    # --- the build without a mutant

    def copy_sources(self):
        """Only what is different, so that the build goes on where it was."""
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=self.root,
            check=True, capture_output=True, text=True).stdout.splitlines()
        wanted = {name for name in listed if (self.root / name).is_file()}
        there = {str(f.relative_to(self.source)) for f in self.source.rglob("*") if f.is_file()}
        for name in there - wanted:
            if not name.startswith("build/"):
                (self.source / name).unlink()
        for name in sorted(wanted):
            old, new = self.source / name, self.root / name
            if not old.exists() or old.read_bytes() != new.read_bytes():
                old.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(new, old)
                shutil.copymode(new, old)

    def make(self):
        self.copy_sources()
        if not (self.build / "build.ninja").exists():
            linker = next((f"-fuse-ld={name}" for name in ("lld", "gold")
                           if shutil.which(f"ld.{name}")), "")
            must_run(["cmake", "-S", self.source, "-B", self.build, "-G", "Ninja",
                      "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON",
                      f"-DCMAKE_EXE_LINKER_FLAGS={linker}"])
        must_run(["ninja", "-C", self.build, f"-j{self.jobs}"])
        self.read_commands()
        self.precompile()
        self.compile_product()
        self.archives = {folder: self.archive(folder, {}) for folder in FOLDERS if any(
            s.startswith(folder + "/") for s in self.objects)}
        self.programs = sorted((self.build / "bin").glob("q_implant_*_test"))
        for output in self.links:
            if not self.link(output, {}):
                sys.exit(f"{output} cannot be linked")
        self.program_digests = {p: digest(p) for p in self.programs}

    def read_commands(self):
        """How each source is compiled, where its object belongs, and how each program is linked."""
        self.commands, self.places = {}, {}
        for entry in json.loads((self.build / "compile_commands.json").read_text()):
            words = shlex.split(entry["command"])
            words = words[words[0].endswith("ccache"):]
            at = words.index("-o")
            name = os.path.relpath(entry["file"], self.source)
            self.places[name] = words[at + 1]
            self.commands[name] = [w for w in words[:at] if not w.startswith("-O")] + [
                "-O1", "-D_GLIBCXX_ASSERTIONS"]
        listed = must_run(["ninja", "-C", self.build, "-t", "commands"])
        self.links = {match.group(1): line for line in listed.splitlines()
                      if (match := re.search(r"^: && .* -o (bin/\S+) ", line))}

    def precompile(self):
        """What many sources include and no mutant is in."""
        uses = collections.Counter()
        for path in product_sources(self.root):
            uses.update(re.findall(r"^#include ([<\"].*)$", (self.source / path).read_text(), re.M))
        lines = [f"#include {name}\n" for name, count in sorted(uses.items())
                 if count >= 10 and not (self.source / name[1:-1]).exists()]
        self.header = self.folder / "objects" / "precompiled.h"
        self.header.parent.mkdir(exist_ok=True)
        if lines and not (self.header.exists() and self.header.read_text() == "".join(lines)):
            self.header.write_text("".join(lines))
            any_command = next(self.commands[n] for n in sorted(self.commands)
                               if is_product(pathlib.Path(n)))
            must_run([*any_command, "-x", "c++-header", self.header, "-o",
                      f"{self.header}.gch"], cwd=self.build)

    def compile(self, name, source, made):
        """Whether the source, which stands for `name`, compiles."""
        header = ["-include", self.header] if self.header.exists() and (
            is_product(pathlib.Path(name))) else []
        return run([*self.commands[name], "-w", *header, "-c", source, "-o", made], 600,
                   cwd=self.build)[0]

    def compile_all(self, sources):
        """{name: source, object} -> the names of those that do not compile."""
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            done = pool.map(lambda item: (item[0], self.compile(item[0], *item[1])),
                            sources.items())
            return [name for name, compiled in done if not compiled]

    def compile_product(self):
        headers = "".join(digest(self.source / p) for p in product_sources(self.root)
                          if p.suffix == ".h")
        self.objects, stale = {}, {}
        for name, place in self.places.items():
            if not is_product(pathlib.Path(name)):
                continue
            made = self.folder / "objects" / f"{name}.o"
            made.parent.mkdir(parents=True, exist_ok=True)
            self.objects[name] = made
            key = hashlib.sha256((headers + digest(self.source / name)).encode()).hexdigest()
            note = made.with_suffix(".key")
            if not (note.exists() and made.exists() and note.read_text() == key):
                note.unlink(missing_ok=True)
                stale[name] = (self.source / name, made), note, key
        broken = self.compile_all({name: files for name, (files, _, _) in stale.items()})
        if broken:
            sys.exit(f"{broken[0]} does not compile")
        for _, note, key in stale.values():
            note.write_text(key)

    def archive(self, folder, replaced):
        """The library of a folder, with other objects for some of its sources."""
        kind = "mutant" if replaced else "objects"
        library = self.folder / kind / f"libq_implant_{folder}.a"
        library.parent.mkdir(exist_ok=True)
        library.unlink(missing_ok=True)
        prefix = f"{folder}/CMakeFiles/q_implant_{folder}.dir/"
        must_run(["ar", "crsT", library, *(replaced.get(n, self.objects[n]) for n in self.objects
                                           if self.places[n].startswith(prefix))])
        return library

    def link(self, output, replaced):
        """Links a program with the libraries, and other objects for some sources (by name)."""
        command = self.links[output]
        for folder, library in self.archives.items():
            if any(n.startswith(folder + "/") and n in self.objects for n in replaced):
                library = self.folder / "mutant" / library.name
            command = command.replace(f"{folder}/libq_implant_{folder}.a", str(library))
        for name, made in {**self.objects, **replaced}.items():
            command = command.replace(f" {self.places[name]} ", f" {made} ")
        return run(["sh", "-c", command], 600, cwd=self.build)[0]

    # --- tests

    def run_program(self, program, seconds, suites="*"):
        return run([program, "--gtest_fail_fast", "--gtest_brief=1", f"--gtest_filter={suites}"],
                   seconds, cwd=self.build)

    def run_python(self, files, seconds, *options):
        environment = {**os.environ, "Q_IMPLANT_BIN_DIR": str(self.build / "bin"),
                       "Q_IMPLANT_PYTHON": sys.executable, "PYTHONDONTWRITEBYTECODE": "1"}
        workers = str(self.jobs if self.jobs > 1 else 0)
        return run([sys.executable, "-m", "pytest", "-q", "--tb=line", "-n", workers, "--dist",
                    "loadfile", "--no-loadscope-reorder", *options, *files], seconds,
                   cwd=self.source, env=environment)

    def measure(self, with_python):
        """How long the tests take without a mutant, where all must pass."""
        self.seconds = {}
        for program in self.programs:
            start = computed()
            passed, output = self.run_program(program, 3600)
            if not passed:
                sys.exit(f"{program.name} fails without a mutant:\n{output}")
            self.seconds[program] = computed() - start
        self.python = {}
        self.tests = "C++ tests"
        if with_python:
            self.python = self.measure_python()
            self.tests = ", ".join(["C++ tests", *sorted(self.python_tests)]) if (
                self.python_tests) else "all tests"

    def measure_python(self):
        """{file: seconds}; kept for as long as no source changes."""
        kept = self.folder / "python_tests.json"
        sources = hashlib.sha256("".join(
            digest(f) for f in sorted(self.source.rglob("*"))
            if f.is_file() and self.build not in f.parents).encode()).hexdigest()
        sources += " ".join(self.python_tests)
        if kept.exists() and json.loads(kept.read_text())["sources"] == sources:
            return json.loads(kept.read_text())["seconds"]
        junit = self.folder / "pytest.xml"
        passed, output = self.run_python(self.python_tests, 3 * 3600, f"--junitxml={junit}")
        if not passed:
            sys.exit(f"Python tests fail without a mutant:\n{output[-3000:]}")
        seconds = collections.Counter()
        for case in ElementTree.parse(junit).iter("testcase"):
            seconds[case.get("classname").replace(".", "/") + ".py"] += float(case.get("time"))
        kept.write_text(json.dumps({"sources": sources, "seconds": seconds}, indent=1))
        return dict(seconds)

    def python_order(self):
        return sorted(self.python, key=lambda f: -(self.kills[f] + 0.5) / (self.python[f] + 1))

    # --- mutants

    def compile_mutant(self, mutant):
        """(outcome or '', {name of a source: its object})"""
        name = str(mutant.path)
        folder = self.folder / "mutant"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        if mutant.path.suffix == ".cc":
            source, made = folder / mutant.path.name, folder / f"{mutant.path.name}.o"
            source.write_text(mutant.mutated())
            if name not in self.objects:
                return "same", {}
            replaced = {name: made}
            broken = self.compile_all({name: (source, made)})
        else:
            header = self.source / mutant.path
            users = self.users(name)
            replaced = {user: folder / f"{user.replace('/', '-')}.o" for user in users}
            header.write_text(mutant.mutated())
            try:
                broken = self.compile_all({u: (self.source / u, replaced[u]) for u in users})
            finally:
                header.write_text(mutant.text)
        if broken:
            return "broken", {}
        same = all(name in self.objects and digest(self.objects[name]) == digest(made)
                   for name, made in replaced.items())
        if same:
            return "same", {}
        for part in {n.split("/")[0] for n in replaced if n in self.objects}:
            self.archive(part, replaced)
        return "", replaced

    def users(self, header):
        """The sources that a header is compiled into."""
        listed = must_run(["ninja", "-C", self.build, "-t", "deps"])
        users = {block.split(":")[0] for block in listed.split("\n\n")
                 if re.search(rf"[ /]{re.escape(header)}$", block, re.M)}
        return sorted(name for name, place in self.places.items() if place in users)

    def try_mutant(self, mutant):
        """(outcome, by what)"""
        failure, replaced = self.compile_mutant(mutant)
        if failure:
            return failure, ""
        own = f"q_implant_{mutant.path.parts[0]}_test"
        for program in sorted(self.programs, key=lambda p: p.name != own):
            if not self.link(f"bin/{program.name}", replaced):
                return "broken", ""
            if digest(program) == self.program_digests[program]:
                continue  # the mutant is not in it
            first = own_suites(self.source / mutant.path) if program.name == own else []
            for suites in (*first, "*"):
                passed, output = self.run_program(
                    program, self.patience + 5 * self.seconds[program], suites)
                if not passed:
                    return "killed", f"{program.name} {first_failure(output)}"
        if not self.python:
            return "survived", self.tests
        if not all(self.link(output, replaced) for output in self.links):
            return "broken", ""
        passed, output = self.run_python(self.python_order(), 60 + sum(self.python.values()), "-x")
        if passed:
            return "survived", self.tests
        by = first_failure(output)
        self.kills[by.split("::")[0]] += 1
        return "killed", by


def own_suites(source):
    """The filter of the test suites beside a source, if there are any: they come first."""
    test = source.with_name(source.stem + "_test.cc")
    suites = set(re.findall(r"^TEST(?:_[FP])?\((\w+),", test.read_text(), re.M)) if (
        test.exists()) else set()
    return [":".join(f"*{name}.*" for name in sorted(suites))] if suites else []


def first_failure(output):
    for line in output.splitlines():
        for word in ("[  FAILED  ] ", "FAILED ", "ERROR "):
            if line.startswith(word):
                return line[len(word):].split(" ")[0].rstrip(",")
    return "timeout" if output == "timeout" else "(it crashed)"


def product_sources(root):
    listed = must_run(["git", "ls-files", *FOLDERS], cwd=root).splitlines()
    return sorted(filter(is_product, map(pathlib.Path, listed)))


def draw(root, seed):
    """All mutants of the product, in the order in which they are drawn."""
    mutants = []
    for path in product_sources(root):
        mutants += mutants_of(path, (root / path).read_text())
    return sorted(mutants, key=lambda m: m.rank(seed))


def report(mutants, results):
    outcomes = {m.id: results[m.id]["outcome"] for m in mutants if m.id in results}
    for mutant in mutants:
        if outcomes.get(mutant.id) == "survived":
            print(f"\nsurvived: {mutant.path}:{mutant.line} ({mutant.site.kind})\n{mutant.diff()}")
    for title, key in (("folder", lambda m: m.path.parts[0]), ("kind", lambda m: m.site.kind),
                       ("all", lambda m: "")):
        print(f"\n{title:<12}{'killed':>8}{'survived':>10}{'percent':>9}")
        rows = collections.defaultdict(collections.Counter)
        for mutant in mutants:
            rows[key(mutant)][outcomes.get(mutant.id)] += 1
        for name, row in sorted(rows.items()):
            counted = row["killed"] + row["survived"]
            if counted:
                print(f"{name:<12}{row['killed']:>8}{row['survived']:>10}"
                      f"{100 * row['killed'] / counted:>9.1f}")
    left_out = collections.Counter(outcomes.values())
    print(f"\nnot counted: {left_out['broken']} that do not compile, "
          f"{left_out['same']} that compile to the same")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--tree", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=60, help="how many that count")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cpp", action="store_true", help="C++ tests only")
    parser.add_argument("--python", nargs="+", default=[], metavar="FILE",
                        help="of the Python tests these alone")
    parser.add_argument("--again", action="store_true", help="survivors of earlier runs once more")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--patience", type=float, default=20,
                        help="seconds that a test program may compute beyond five times its own")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    folder = (arguments.tree or root / "build/mutants").resolve()
    folder.mkdir(parents=True, exist_ok=True)

    tree = Tree(root, folder, arguments.jobs, arguments.patience, arguments.python)
    tree.make()
    tree.measure(not arguments.cpp)
    file = folder / "mutants.json"
    results = json.loads(file.read_text()) if file.exists() else {}
    # Who survived fewer tests may yet be killed.
    results = {k: v for k, v in results.items() if v["outcome"] != "survived" or not (
        arguments.again or (tree.python and v["by"] != tree.tests))}
    for record in results.values():
        if "::" in record["by"]:
            tree.kills[record["by"].split("::")[0]] += 1

    drawn = draw(root, arguments.seed)
    chosen = []
    counted = 0
    while drawn and counted < arguments.count:
        batch, drawn = drawn[:arguments.count - counted], drawn[arguments.count - counted:]
        chosen += batch
        for mutant in sorted(batch, key=lambda m: (m.path.suffix, m.path, m.line)):
            if mutant.id not in results:
                start = time.monotonic()
                outcome, by = tree.try_mutant(mutant)
                results[mutant.id] = {"file": str(mutant.path), "line": mutant.line,
                                      "kind": mutant.site.kind, "diff": mutant.diff(),
                                      "outcome": outcome, "by": by,
                                      "seconds": round(time.monotonic() - start, 1)}
                file.write_text(json.dumps(results, indent=1, sort_keys=True))
                print(f"{outcome}: {mutant.path}:{mutant.line} ({mutant.site.kind}) {by}",
                      flush=True)
            counted += results[mutant.id]["outcome"] in COUNTED
    report(sorted(chosen, key=lambda m: (m.path, m.line)), results)


if __name__ == "__main__":
    main()
