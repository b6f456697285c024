# SPDX-License-Identifier: Apache-2.0
"""Makes the seeds of the fuzzers out of the test data: make_corpora.py FOLDER"""

import hashlib
import pathlib
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
MOST = 20_000  # larger seeds slow a fuzzer down
ENDINGS = {"circle": (".circle", ".tflite"), "run": (".circle", ".tflite"), "npy": (".npy",),
           "json": (".json",), "cfg": (".cfg",)}
CFG = (b"[onecc]\none-quantize=True\n[one-quantize]\ninput_path=%(base)s.circle\n; comment\n"
       b"[DEFAULT]\nbase: m\n")


def seeds(endings):
    for path in sorted((REPOSITORY / "testdata").rglob("*")):
        if path.suffix in endings and path.is_file() and path.stat().st_size <= MOST:
            yield path.read_bytes()
    if ".circle" in endings:
        sys.path.insert(0, str(REPOSITORY / "testdata"))
        import roundtrip_models  # pylint: disable=import-outside-toplevel
        for make in roundtrip_models.MODELS.values():
            data = make()
            if len(data) <= MOST:
                yield data
    if ".cfg" in endings:
        yield CFG


def main(folder):
    for target, endings in ENDINGS.items():
        to = pathlib.Path(folder) / target
        to.mkdir(parents=True, exist_ok=True)
        for data in seeds(endings):
            (to / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
        print(f"{target}: {len(list(to.iterdir()))} seeds")


if __name__ == "__main__":
    main(sys.argv[1])
