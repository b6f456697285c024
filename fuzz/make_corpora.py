# SPDX-License-Identifier: Apache-2.0
"""Makes the seeds of the fuzzers out of the test data: make_corpora.py FOLDER

A folder for each fuzzer, and a file FUZZER.txt that names its seeds in an order that does not
change."""

import hashlib
import pathlib
import random
import shutil
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "testdata"))
import random_runs  # pylint: disable=wrong-import-position
import roundtrip_models  # pylint: disable=wrong-import-position

MOST_BYTES = {"circle": 20_000, "npy": 20_000, "json": 20_000, "cfg": 20_000,
              "run": 6_000}  # larger seeds slow a fuzzer down
# Of each source of random_runs.corpus, which has thousands.
MOST_MODELS = 40
CFG = (b"[onecc]\none-quantize=True\n[one-quantize]\ninput_path=%(base)s.circle\n; comment\n"
       b"[DEFAULT]\nbase: m\n")
CHOICES = b"\0" * 8  # of fuzz/choices.h


def files(*endings):
    for path in sorted((REPOSITORY / "testdata").rglob("*")):
        if path.suffix in endings and path.is_file():
            yield path.read_bytes()


def circle():
    for make in roundtrip_models.MODELS.values():
        yield make()


def run():
    rng = random.Random(1)
    for count, model in random_runs.corpus(quick=True).values():
        for i in sorted(rng.sample(range(min(count, 4000)), min(count, MOST_MODELS))):
            yield model(i) + CHOICES


SEEDS = {"circle": circle, "npy": lambda: files(".npy"), "json": lambda: files(".json"),
         "cfg": lambda: [CFG, *files(".cfg")], "run": run}


def main(folder):
    for fuzzer, seeds in SEEDS.items():
        to = folder / fuzzer
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir(parents=True)
        for data in seeds():
            if len(data) <= MOST_BYTES[fuzzer]:
                (to / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
        paths = sorted(str(path) for path in to.iterdir())
        (folder / f"{fuzzer}.txt").write_text(",".join(paths))
        print(f"{fuzzer}: {len(paths)} seeds")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
