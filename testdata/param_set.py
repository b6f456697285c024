# SPDX-License-Identifier: Apache-2.0
"""Writes q-implant's parameter format: param.json and its npy files. A module; needs numpy only."""

import dataclasses
import json
import pathlib

import numpy as np


@dataclasses.dataclass
class Entry:
    """One tensor's parameters: scale float32 [n], zerop int64 [n]; value None for an activation."""

    name: str
    dtype: str
    scale: np.ndarray
    zerop: np.ndarray
    axis: int = 0
    value: np.ndarray | None = None


def write(folder, entries, names=None):
    """Writes folder/param.json and its npy files; names maps entry names to the keys to use."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    document = {}
    for entry in entries:
        fields = {"dtype": entry.dtype}
        arrays = {"scale": entry.scale, "zerop": entry.zerop, "value": entry.value}
        for field, array in arrays.items():
            if array is not None:
                fields[field] = f"{entry.name}.{field}.npy"
                path = folder / fields[field]
                path.parent.mkdir(parents=True, exist_ok=True)  # a name may hold slashes
                np.save(path, np.asarray(array, order="C"))
        fields["quantized_dimension"] = entry.axis
        document[names[entry.name] if names else entry.name] = fields
    (folder / "param.json").write_text(json.dumps(document, indent=2) + "\n")
