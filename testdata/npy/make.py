# SPDX-License-Identifier: Apache-2.0
"""Makes the .npy files of this folder, as numpy itself writes them: python make.py

Most hold the 2x3 array [[-3, -2, -1], [0, 1, 100]] (unsigned: absolute).
"""

import pathlib

import ml_dtypes
import numpy as np

FOLDER = pathlib.Path(__file__).parent
ARRAY = np.array([[-3, -2, -1], [0, 1, 100]])


def main():
    for name in "int8 int16 int32 int64 float16 float32 float64".split():
        np.save(FOLDER / name, ARRAY.astype(name))
    for name in "uint8 uint16 uint32 uint64".split():
        np.save(FOLDER / name, np.abs(ARRAY).astype(name))
    np.save(FOLDER / "bool", ARRAY > 0)
    np.save(FOLDER / "big_endian", ARRAY.astype(">i4"))
    np.save(FOLDER / "fortran", np.asfortranarray(ARRAY.astype(np.int32)))
    np.save(FOLDER / "big_endian_fortran", np.asfortranarray(ARRAY.astype(">f8")))
    for major in (1, 2, 3):
        with open(FOLDER / f"version{major}.npy", "wb") as file:
            np.lib.format.write_array(file, ARRAY.astype(np.int32), version=(major, 0))
    np.save(FOLDER / "scalar", np.float32(0.5))
    np.save(FOLDER / "object", np.array([None, 1]))
    np.save(FOLDER / "bfloat16", np.ones(2, ml_dtypes.bfloat16))
    np.save(FOLDER / "structured", np.zeros(2, [("a", np.int32)]))


main()
