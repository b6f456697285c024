# SPDX-License-Identifier: Apache-2.0
"""That includes between folders go the way of docs/architecture.md."""

import pathlib

import folders

PAGE = """
| folder | what | uses |
|---|---|---|
| `ir/` | the model | |
| `pass/` | passes | `ir` |
| `driver/` | commands | `ir`, `pass/**` |
"""
FILES = {
    "ir/model.h": "",
    "pass/pass.h": '#include "ir/model.h"\n',
    "driver/main.cc": '#include <string>\n\n#include "absl/strings/str_cat.h"\n#include "pass/pass.h"\n',
}


def _problems(files):
    return folders.wrong_arrows(list(map(pathlib.PurePosixPath, files)), lambda p: files[str(p)], PAGE)


def test_arrows_that_the_page_has_are_right():
    assert _problems(FILES) == []


def test_an_arrow_upward_is_wrong():
    files = {**FILES, "ir/model.h": '#include "pass/pass.h"\n'}
    assert _problems(files) == ["ir/ may not include pass/ (docs/architecture.md): ir/model.h"]


def test_two_stars_are_the_folders_below_too():
    files = {**FILES, "driver/main.cc": '#include "pass/rules/bind.h"\n'}
    assert _problems(files) == []


def test_a_folder_below_is_another_one():
    files = {**FILES, "pass/pass.h": '#include "ir/operators/target.h"\n'}
    assert _problems(files) == ["pass/ may not include ir/operators/ (docs/architecture.md): pass/pass.h"]


def test_each_folder_has_a_row():
    files = {**FILES, "pass/graph/x.h": ""}
    assert _problems(files) == ["docs/architecture.md has no row for pass/graph/"]


def test_the_project():
    sources = folders.sources()
    assert len(sources) > 200
    page = folders.PAGE.read_text()
    assert folders.wrong_arrows(sources, lambda p: (folders.ROOT / p).read_text(), page) == []


def test_every_arrow_of_the_page_is_there():
    found = folders.arrows(folders.sources(), lambda p: (folders.ROOT / p).read_text())
    unused = [(folder, use) for folder, uses in folders.allowed(folders.PAGE.read_text()).items()
              for use in uses if not any(f == folder and folders.is_allowed(f, o, {f: [use]})
                                         for f, o in found)]
    assert unused == []
