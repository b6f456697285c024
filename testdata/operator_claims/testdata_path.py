# SPDX-License-Identifier: Apache-2.0
"""The modules of the folder above: `from testdata_path import circle_builder, run_model`."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import circle_builder  # noqa: E402 pylint: disable=wrong-import-position
import run_model  # noqa: E402 pylint: disable=wrong-import-position

__all__ = ["circle_builder", "run_model"]
