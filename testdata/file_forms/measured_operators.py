# SPDX-License-Identifier: Apache-2.0
"""Modules of operator_claims: `from measured_operators import operators, runner`."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "operator_claims"))
import operators  # noqa: E402 pylint: disable=wrong-import-position
import runner  # noqa: E402 pylint: disable=wrong-import-position

__all__ = ["operators", "runner"]
