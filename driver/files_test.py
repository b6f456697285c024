# SPDX-License-Identifier: Apache-2.0
"""What the commands do to files around them: none that was read is written, none is half there, and
what ends a run says so. docs/reliability.md promises it.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest driver/files_test.py
"""

import concurrent.futures
import hashlib
import json
import os
import resource
import shutil
import subprocess

import numpy as np
import pytest

import commands
from file_jobs import dense_job, run

DIGITS = commands.REPOSITORY / "testdata" / "digits"
REQUEST = commands.REPOSITORY / "testdata" / "conv2d_request"
LOST = "would be overwritten"
NPY = "1.npy"  # the param file names it


def contents(folder):
    return {path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def job(tmp_path):
    """A folder with the request's example, a name map and a cfg file."""
    folder = tmp_path / "job"
    shutil.copytree(REQUEST, folder)
    (folder / "sub").mkdir()
    (folder / "name_map.json").write_text("{}")
    (folder / "q.cfg").write_text("[onecc]\none-quantize=True\n[one-quantize]\n"
                                  "import_qparam=param.json\ninput_path=model.circle\n"
                                  "output_path=new.circle\n")
    return folder


def spellings(folder, name):
    """Other paths of the file, and of one that isn't there yet."""
    links = {"dot": f"./{name}", "up": f"sub/../{name}", "absolute": str(folder / name)}
    (folder / "symlink").symlink_to(name)
    links["symlink"] = "symlink"
    (folder / "symlink2").symlink_to("symlink")
    links["link to a link"] = "symlink2"
    (folder / "sub" / "back").symlink_to("..")
    links["folder link"] = f"sub/back/{name}"
    if (folder / name).exists():
        os.link(folder / name, folder / "hard")
        links["hard link"] = "hard"
    return links


def implant(output, *more):
    return ["model.circle", "param.json", output, *more]


# For each command, an option and the file that it must not write.
def commands_writing():
    one = ["--import_qparam", "param.json", "-i", "model.circle", "-o"]
    for lost in ("param.json", NPY, "name_map.json"):
        yield "q-implant", lost, lambda p: implant(p, "--name_map", "name_map.json")
        yield "q-implant", lost, lambda p: implant("new", "--report", p, "--name_map",
                                                   "name_map.json")
        yield "circle2circle", lost, lambda p: ["--import_qparam", "param.json", "--name_map",
                                                "name_map.json", "model.circle", p]
        for command in ("one-quantize", "onecc quantize"):
            yield command, lost, lambda p: [*one, p, "--name_map", "name_map.json"]
            yield command, lost, lambda p: [*one, "new", "--report", p, "--name_map",
                                            "name_map.json"]
    yield "q-implant", "model.circle", lambda p: implant("new", "--report", p)
    yield "one-quantize", "model.circle", lambda p: [*one, "new", "--report", p]
    yield "one-quantize", "q.cfg", lambda p: ["-C", "q.cfg", "-o", p]
    yield "one-quantize", "q.cfg", lambda p: ["-C", "q.cfg", "--report", p]
    # The output that isn't there yet.
    yield "q-implant", "new", lambda p: implant("new", "--report", p)
    yield "q-implant", "new", lambda p: implant(p, "--report", "new")
    yield "one-quantize", "new", lambda p: [*one, "new", "--report", p]
    yield "one-quantize", "new.log", lambda p: [*one, "new", "--report", p]


@pytest.mark.parametrize("command, lost, arguments", list(commands_writing()))
def test_no_file_that_was_read_is_written(job, command, lost, arguments):
    for how, path in spellings(job, lost).items():
        before = contents(job)
        status, out, err = run(command, *arguments(path), cwd=job)
        assert (status, out) == (255 if command == "circle2circle" else 2, ""), (how, err)
        assert LOST in err.splitlines()[-1], how
        assert contents(job) == before, how


def test_the_param_file_of_a_cfg_is_not_written_by_onecc(job):
    (job / "q.cfg").write_text((job / "q.cfg").read_text().replace("new.circle", f"./{NPY}"))
    before = contents(job)
    status, _, err = run("onecc", "-C", "q.cfg", cwd=job)
    assert (status, LOST in err) == (2, True)
    assert contents(job) == before


def test_the_cfg_of_onecc_is_not_written(job):
    (job / "q.cfg").write_text((job / "q.cfg").read_text().replace("new.circle", "sub/../q.cfg"))
    before = contents(job)
    status, _, err = run("onecc", "-C", "q.cfg", cwd=job)
    assert (status, LOST in err) == (2, True)
    assert contents(job) == before


def test_a_log_does_not_replace_an_npy(job):
    document = json.loads((job / "param.json").read_text())
    document["ker"]["scale"] = "new.log"
    (job / "param.json").write_text(json.dumps(document))
    np.save(job / "s.npy", np.float32([0.5]))
    (job / "s.npy").rename(job / "new.log")
    before = contents(job)
    status, _, err = run("one-quantize", "--import_qparam", "param.json", "-i", "model.circle", "-o",
                         "new", cwd=job)
    assert (status, LOST in err) == (2, True)
    assert contents(job) == before


def test_an_npy_that_an_entry_with_a_fault_names_is_not_written(job):
    document = json.loads((job / "param.json").read_text())
    for entry in document.values():
        entry["dtype"] = "int99"
    (job / "param.json").write_text(json.dumps(document))
    before = contents(job)
    status, _, err = run("q-implant", *implant("new", "--report", NPY), cwd=job)
    assert (status, LOST in err) == (2, True)
    assert contents(job) == before


def test_the_model_may_be_replaced(job):
    expected = job / "expected.circle"
    assert run("q-implant", *implant(expected), cwd=job)[0] == 0
    (job / "link").symlink_to("model.circle")
    assert run("q-implant", *implant("link"), cwd=job)[0] == 0
    assert (job / "model.circle").read_bytes() == expected.read_bytes()
    assert (job / "link").is_symlink()


def test_plugins_are_not_written(job):
    plugin = commands.find("q-implant").parent / "test_plugins" / "libnamed_plugin.so"
    shutil.copy(plugin, job / "plugin.so")
    before = contents(job)
    status, _, err = run("circle2circle", "--load_pass_plugin", "./plugin.so",
                         "--remove_unused_tensors", "model.circle", "sub/../plugin.so", cwd=job)
    assert (status, LOST in err) == (255, True), err
    assert contents(job) == before


@pytest.mark.parametrize("how", ["name", "symlink", "hard link", "two npys"])
def test_extract_does_not_write_its_model(job, how):
    assert run("q-implant", *implant("q.circle"), cwd=job)[0] == 0
    folder = job / "out"
    folder.mkdir()
    model = "q.circle"
    if how == "name":
        model = shutil.move(job / model, folder / "param.json")
    elif how == "symlink":
        (folder / "ker.value.npy").symlink_to(job / model)
    elif how == "hard link":
        os.link(job / model, folder / "ker.scale.npy")
    else:
        (folder / "ker.scale.npy").symlink_to("ker.zerop.npy")
    before = contents(job)
    status, out, err = run("q-extract", "--input", model, "--output_dir", "sub/../out", cwd=job)
    assert (status, out, LOST in err) == (2, "", True)
    assert contents(job) == before


# --- streams


WRITERS = {
    "q-implant": implant("new"),
    "q-implant --print_before": implant("new"),
    "q-implant --help": [],
    "q-extract --help": [],
    "circle2circle --help": [],
    "circle2circle --print_after_all --remove_unused_tensors": ["model.circle", "new"],
    "onecc --help": [],
    "one-quantize --version": [],
}


@pytest.mark.parametrize("stdout", ["/dev/full", "closed"])
@pytest.mark.parametrize("command", WRITERS)
def test_a_lost_standard_output_is_an_error(job, command, stdout):
    name, *first = command.split()
    redirection = ">&-" if stdout == "closed" else ">/dev/full"
    done = subprocess.run(["sh", "-c", f'exec "$@" {redirection}', "sh", commands.find(name), *first,
                           *WRITERS[command]], cwd=job, stderr=subprocess.PIPE, text=True,
                          check=False)
    assert done.returncode == 1
    assert "error: standard output cannot be written: " in done.stderr
    if (job / "new").exists():  # no text went into it
        assert (job / "new").read_bytes()[4:8] == b"CIR0"


def test_a_lost_difference_is_trouble(job):
    done = subprocess.run(["sh", "-c", 'exec "$@" >/dev/full', "sh", commands.find("q-extract"),
                           "--input", job / "model.circle", "--diff", job / "model.circle"],
                          stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2, "1 would say that the models differ"


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_npys_are_files(job, kind):
    (job / NPY).unlink()
    if kind == "pipe":
        os.mkfifo(job / NPY)  # nobody writes to it
    elif kind == "folder":
        (job / NPY).mkdir()
    else:
        (job / NPY).symlink_to("/dev/zero")
    status, _, err = run("q-implant", *implant("new", "--allow_outside"), cwd=job)
    assert status == 1
    assert ("is a folder" if kind == "folder" else "is a pipe or a device") in err
    assert not (job / "new").exists()


def test_a_model_comes_from_a_pipe(job):
    script = 'cat model.circle | "$0" /dev/stdin param.json new && ' \
             '"$0" <(cat model.circle) param.json new2 && cmp new new2'
    done = subprocess.run(["bash", "-c", script, commands.find("q-implant")], cwd=job, check=False,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_file_size_limit_has_a_message(job):
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
    status, out, err = run("q-implant", *implant("new"), cwd=job, preexec_fn=limit)
    assert (status, out) == (1, "")
    assert err == ("error: new: cannot be written: File too large; raise the limit of file sizes "
                   "(ulimit -f)\n")
    assert not (job / "new").exists()


# --- memory


def sanitized():
    return b"__asan_init" in commands.find("q-implant").read_bytes()


def check_out_of_memory(tmp_path, command):
    """A model whose int8 weights take more memory than there is."""
    dense_job(tmp_path, rows=1 << 12)
    files = ["--import_qparam", "p.json", "m.circle", "o/q"]
    arguments = {"q-implant": ["m.circle", "p.json", "o/q", "--hybrid"], "circle2circle": files,
                 "q-extract": ["--input", "q.circle", "--output_dir", "o"]}.get(
                     command, ["--import_qparam", "p.json", "-i", "m.circle", "-o", "o/q"])
    assert run("q-implant", "m.circle", "p.json", "q.circle", "--hybrid", cwd=tmp_path)[0] == 0
    (tmp_path / "o").mkdir()
    seen = set()
    for megabytes in range(8, 160, 8):
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
        status, _, err = run(command, *arguments, cwd=tmp_path, preexec_fn=limit)
        assert not any(name.endswith(".tmp") for name in os.listdir(tmp_path / "o"))
        if status == 127:  # the program could not be loaded
            continue
        assert status in (0, 1), (megabytes, err)
        assert status == 0 or "memory" in err, err
        seen.add(status)
    assert seen == {0, 1}


# AddressSanitizer takes terabytes of address space: a limit that a sanitized program starts under
# does not exist.
if not sanitized():
    @pytest.mark.parametrize("command", ["q-implant", "circle2circle", "one-quantize",
                                         "onecc quantize", "q-extract"])
    def test_out_of_memory_is_an_error(tmp_path, command):
        check_out_of_memory(tmp_path, command)


# --- many runs on one folder


@pytest.mark.parametrize("namespaces", [False, True], ids=["plain", "own pid namespaces"])
def test_runs_on_one_folder_keep_apart(tmp_path, namespaces):
    """In a pid namespace of its own every run is process 1."""
    wrapper = ["unshare", "-r", "-p", "-f"] if namespaces else []
    if namespaces and subprocess.run([*wrapper, "true"], capture_output=True,
                                     check=False).returncode != 0:
        pytest.skip("this machine lets nobody make pid namespaces")
    jobs = {"request": [REQUEST / "model.circle", REQUEST / "param.json"],
            "digits": [DIGITS / "model.circle", DIGITS / "uint8" / "param.json"]}
    expected = {}
    for name, words in jobs.items():
        assert run("q-implant", *words, tmp_path / name)[0] == 0
        expected[name] = (tmp_path / name).read_bytes()
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / ".q-implant-1-0.tmp").write_bytes(b"of a run that was killed")

    def start(i):
        name = list(jobs)[i % 2]
        output = shared / f"{i}.circle"
        done = subprocess.run([*wrapper, commands.find("q-implant"), *jobs[name], output],
                              capture_output=True, check=False)
        return done.returncode, output.read_bytes() == expected[name]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert set(pool.map(start, range(40))) == {(0, True)}
    assert sorted(os.listdir(shared)) == sorted(f"{i}.circle" for i in range(40))


def test_what_kill_left_goes_with_the_next_run(tmp_path):
    leftover = tmp_path / ".q-implant-00112233445566ff.tmp"
    leftover.write_bytes(b"half a model")
    words = [REQUEST / "model.circle", REQUEST / "param.json", tmp_path / "new.circle"]
    assert run("q-implant", *words)[0] == 0
    assert os.listdir(tmp_path) == ["new.circle"]
