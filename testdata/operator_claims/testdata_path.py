# SPDX-License-Identifier: Apache-2.0
"""Modules of other folders: `from testdata_path import circle_builder, run_model`."""

import pathlib
import sys

_TESTDATA = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(_TESTDATA))
sys.path.append(str(_TESTDATA / "quantizer_reproduction"))
import circle_builder  # noqa: E402 pylint: disable=wrong-import-position
import quantizer_params  # noqa: E402 pylint: disable=wrong-import-position
import run_model  # noqa: E402 pylint: disable=wrong-import-position

__all__ = ["circle_builder", "quantizer_params", "run_model"]
