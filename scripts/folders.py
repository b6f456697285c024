# SPDX-License-Identifier: Apache-2.0
"""Which folder includes headers of which, and which may: the tables of docs/architecture.md.

    python scripts/folders.py    # every arrow between folders, with the files that make it
"""

import collections
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOP = ("ir", "import", "pass", "export", "driver")
PAGE = ROOT / "docs" / "architecture.md"
_INCLUDE = re.compile(r'^#include "([a-z0-9_/]+)/[a-z0-9_.]+"', re.MULTILINE)
_ROW = re.compile(r"^\| `([a-z0-9_/]+)/` \|.*\|([^|\n]*)\|$", re.MULTILINE)


def sources(root=ROOT):
    """What is compiled into a library or a command: no tests, no benchmarks, no generated files."""
    found = [path.relative_to(root) for top in TOP for path in sorted((root / top).rglob("*.[hc]*"))]
    return [
        path for path in map(pathlib.PurePosixPath, found)
        if path.suffix in (".h", ".cc") and "testing" not in path.parts
        and not path.stem.endswith(("_test", "_benchmark", "_tool", "_facts"))
    ]


def arrows(files, read):
    """{(from, to): files that include}, between folders. `read` gives a file's text."""
    found = collections.defaultdict(list)
    for path in files:
        folder = str(path.parent)
        for other in _INCLUDE.findall(read(path)):
            is_ours = other.split("/")[0] in TOP
            if is_ours and other != folder:
                found[folder, other].append(str(path))
    return found


def allowed(page):
    """{folder: folders that it may include}. The last column of the page's tables of folders names
    them; a name that ends with /** stands for all below it, too."""
    return {folder: re.findall(r"`([a-z0-9_/*]+)`", uses) for folder, uses in _ROW.findall(page)}


def is_allowed(folder, other, table):
    return any(
        other == use or use.endswith("/**") and f"{other}/".startswith(use.removesuffix("**"))
        for use in table.get(folder, []))


def wrong_arrows(files, read, page):
    """A sentence for each arrow that the tables do not have, and for each folder they leave out."""
    table = allowed(page)
    folders = sorted({str(path.parent) for path in files})
    problems = [f"docs/architecture.md has no row for {f}/" for f in folders if f not in table]
    for (folder, other), paths in sorted(arrows(files, read).items()):
        if folder in table and not is_allowed(folder, other, table):
            problems.append(f"{folder}/ may not include {other}/ (docs/architecture.md): {paths[0]}")
    return problems


def main():
    for (folder, other), paths in sorted(arrows(sources(), lambda p: (ROOT / p).read_text()).items()):
        print(f"{folder} -> {other}: {', '.join(sorted(set(paths)))}")


if __name__ == "__main__":
    main()
