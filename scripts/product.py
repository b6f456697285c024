# SPDX-License-Identifier: Apache-2.0
"""Which sources are the product: what coverage.py and mutate.py look at."""

FOLDERS = ("ir", "import", "pass", "export")


def is_product(path):
    """Of a path relative to the repository: not its tests, and not programs for them."""
    return (path.parts[0] in FOLDERS and path.suffix in (".cc", ".h")
            and "testing" not in path.parts
            and not path.stem.endswith(("_test", "_facts", "_tool", "_benchmark")))
