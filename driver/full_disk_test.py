# SPDX-License-Identifier: Apache-2.0
"""Commands whose outputs the disk has no room for, or a limit of file sizes (docs/reliability.md).

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest driver/full_disk_test.py
"""

import json
import resource
import shutil
import subprocess

import pytest

import commands
from file_jobs import dense_job, run

ONE_IMPORT = ["--import_qparam", "p.json", "-i", "m.circle", "-o", "disk/new", "--report",
              "disk/report"]
WRITING = {
    "q-implant": ["m.circle", "p.json", "disk/new", "--report", "disk/report"],
    "circle2circle": ["--import_qparam", "p.json", "m.circle", "disk/new"],
    "one-quantize": ONE_IMPORT,
    "onecc quantize": ONE_IMPORT,
    "q-extract": ["--input", "q.circle", "--output_dir", "disk"],
}
PAGE = 4096  # what a tmpfs counts in

ON_A_SMALL_DISK = """
mount -t tmpfs -o "$0" tmpfs disk && cp -Rp before/. disk/ || exit 99
"$@"
code=$?
cp -Rp disk/. after/
exit $code
"""


def writing_job(folder, command):
    """What the command writes into disk/, by name; before/ has old files of these names."""
    dense_job(folder, rows=128)
    assert run("q-implant", "m.circle", "p.json", "q.circle", "--hybrid", cwd=folder)[0] == 0
    for name in ("disk", "before", "after"):
        (folder / name).mkdir()
    assert run(command, *WRITING[command], cwd=folder)[0] == 0
    new = {path.name: path.read_bytes() for path in (folder / "disk").iterdir()}
    for name in new:
        (folder / "disk" / name).unlink()
        (folder / "before" / name).write_bytes(b"old")
    return new


def names_in(folder):
    return {path.name for path in folder.iterdir()}


def check_short_of_room(before, after, new, status, err, reason):
    """What a run may leave that had not the room for all it writes."""
    assert names_in(before) <= names_in(after) <= set(new)
    for name, content in new.items():
        now = (after / name).read_bytes() if (after / name).exists() else b"old"
        if name == "report" and now != b"old":
            json.loads(now)  # is whole, and may say that the model is not there
        elif not name.endswith(".log"):  # which is written where it stands
            assert now in (b"old", content), name
        assert status == 1 or now == content, name
    errors = [line for line in err.splitlines() if line.startswith("error: ")]
    assert bool(errors) == (status == 1) and all("disk/" in e and reason in e for e in errors), err
    assert status in (0, 1), err


def run_on_a_small_disk(folder, options, command):
    shutil.rmtree(folder / "after")
    (folder / "after").mkdir()
    name, *first = command.split()
    done = subprocess.run(["unshare", "-r", "-m", "sh", "-c", ON_A_SMALL_DISK, options,
                           commands.find(name), *first, *WRITING[command]], cwd=folder,
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def check_full_disk(folder, command, new):
    old = len(names_in(folder / "before"))
    # Room for some bytes, then room for bytes but not for that many files beside the folder itself.
    limits = [[f"size={(old + pages) * PAGE}" for pages in range(1, 12)],
              [f"nr_inodes={1 + old + files}" for files in range(len(new) + 2)]]
    for of_a_kind in limits:
        seen = []
        for options in of_a_kind:
            status, err = run_on_a_small_disk(folder, options, command)
            check_short_of_room(folder / "before", folder / "after", new, status, err,
                                "No space left on device")
            seen.append(status)
        assert seen[0] == 1 and seen[-1] == 0


def may_mount():
    return subprocess.run(["unshare", "-r", "-m", "sh", "-c", "mount -t tmpfs tmpfs /tmp"],
                          capture_output=True, check=False).returncode == 0


# A disk to fill is mounted in a namespace of the run's own, which containers may forbid.
if may_mount():
    @pytest.mark.parametrize("command", WRITING)
    def test_a_full_disk_leaves_old_files_or_new_ones(tmp_path, command):
        new = writing_job(tmp_path, command)
        check_full_disk(tmp_path, command, new)
        for name in new:
            (tmp_path / "before" / name).unlink()
        check_full_disk(tmp_path, command, new)


@pytest.mark.parametrize("command", WRITING)
def test_a_limit_of_file_sizes_leaves_old_files_or_new_ones(tmp_path, command):
    new = writing_job(tmp_path, command)
    seen = set()
    for limit in (0, 1, 100, 200, 1000, PAGE, 10_000, 1 << 20):
        for name in new:
            (tmp_path / "disk" / name).write_bytes(b"old")
        done = run(command, *WRITING[command], cwd=tmp_path,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        check_short_of_room(tmp_path / "before", tmp_path / "disk", new, done[0], done[2],
                            "File too large")
        seen.add(done[0])
    assert seen == {0, 1}
