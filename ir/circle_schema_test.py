# SPDX-License-Identifier: Apache-2.0
"""Holds circle.fbs against the format's published bindings, PyPI circle-schema.

Both sides are read whole and compared for equality, so nothing is missing from
circle.fbs and nothing is extra. Ours is what flatc made of the file, printed by
schema_facts (see schema_facts.cc for its form); theirs is the source of the
bindings, which flatc generated too.

What the bindings do not hold, this test cannot see: which enum a field has (only
its width, though each enum must be used), alignments, and the type of deprecated
slots.
"""

import ast
import importlib
import json
import os
import pathlib
import pkgutil
import re
import subprocess

import pytest

BINDINGS = importlib.import_module("circle_schema.v0_10.circle")

# --- theirs: one module of the bindings is one table, enum or union


class Module:
    """The source of one module of the bindings."""

    def __init__(self, package, name):
        self.name = name
        source = (pathlib.Path(package.__path__[0]) / f"{name}.py").read_text()
        body = ast.parse(source).body
        self.functions = {f.name: f for f in body if isinstance(f, ast.FunctionDef)}
        self.classes = {c.name: c for c in body if isinstance(c, ast.ClassDef)}

    def is_table(self):
        return f"{self.name}Start" in self.functions

    def is_union(self):
        return f"{self.name}Creator" in self.functions

    def methods(self, name):
        return {f.name: f for f in self.classes[name].body if isinstance(f, ast.FunctionDef)}


def offsets(accessor):
    """The vtable offsets that an accessor reads: 4 + 2 * slot."""
    return {int(o) for o in re.findall(r"_tab\.Offset\((\d+)\)", ast.unparse(accessor))}


def accessor_type(module, accessor):
    """The type of an accessor's field, named as schema_facts does."""
    text = ast.unparse(accessor)
    number = re.search(r"_tab\.Get\(flatbuffers\.number_types\.(\w+)Flags", text)
    table = re.search(r"from circle_schema\S* import (\w+)", text)
    if number:
        element = number[1].lower()
    elif table:
        element = table[1]
    elif "_tab.Union(" in text:
        unpack = ast.unparse(module.methods(f"{module.name}T")["_UnPack"])
        of_this = rf"(\w+)Creator\(self\.\w+, \w+\.{accessor.name}\(\)\)"
        element = re.search(of_this, unpack)[1]
    else:
        assert "_tab.String(" in text, f"{module.name}.{accessor.name}: unknown kind of accessor"
        element = "string"
    is_vector = [a.arg for a in accessor.args.args] == ["self", "j"]
    return f"[{element}]" if is_vector else element


def field(module, name, add):
    """(slot, name, type, default) of the field that the function `add` writes."""
    [call] = [s.value for s in add.body]
    slot = ast.literal_eval(call.args[0])
    written = re.fullmatch(r"Prepend(\w+)Slot", call.func.attr)[1].lower()
    default = ast.literal_eval(call.args[2])

    accessor = module.methods(module.name)[name]
    assert offsets(accessor) == {4 + 2 * slot}, f"{module.name}.{name} reads and writes two slots"
    read = accessor_type(module, accessor)
    if written == "uoffsettrelative":
        return slot, name, read, None
    assert read == written, f"{module.name}.{name} reads {read}, writes {written}"
    unset = ast.literal_eval(accessor.body[-1].value)
    assert unset == default, f"{module.name}.{name} defaults to {unset} and {default}"
    return slot, name, read, default


def table_fields(module):
    """A table's slots in order, None for a deprecated one."""
    name = module.name
    start = ast.unparse(module.functions[f"{name}Start"])
    fields = [None] * int(re.search(r"StartObject\((\d+)\)", start)[1])
    for function_name, function in module.functions.items():
        if not function_name.startswith(f"{name}Add"):
            continue
        entry = field(module, function_name.removeprefix(f"{name}Add"), function)
        assert fields[entry[0]] is None, f"{name}: two fields in slot {entry[0]}"
        fields[entry[0]] = entry

    read = {o for method in module.methods(name).values() for o in offsets(method)}
    assert read == {4 + 2 * f[0] for f in fields if f}, f"{name}: read but never written"
    return fields


def enum_values(module):
    return {
        s.targets[0].id: ast.literal_eval(s.value)
        for s in module.classes[module.name].body
        if isinstance(s, ast.Assign)
    }


def union_tables(module):
    creator = ast.unparse(module.functions[f"{module.name}Creator"])
    pairs = r"unionType == \w+\(\)\.(\w+):\s+import [\w.]+\s+return [\w.]+?\.(\w+)T\.InitFromBuf"
    return dict(re.findall(pairs, creator))


MODULES = [Module(BINDINGS, m.name) for m in pkgutil.iter_modules(BINDINGS.__path__)]
TABLES = {m.name: table_fields(m) for m in MODULES if m.is_table()}
UNIONS = {
    m.name: {"values": enum_values(m), "tables": union_tables(m)} for m in MODULES if m.is_union()
}
ENUMS = {m.name: enum_values(m) for m in MODULES if not m.is_table() and not m.is_union()}

# --- ours


def read_facts():
    repository = pathlib.Path(__file__).resolve().parent.parent
    folder = pathlib.Path(os.environ.get("Q_IMPLANT_BIN_DIR", repository / "build" / "bin"))
    tool = folder / "schema_facts"
    if not tool.is_file():
        pytest.fail(f"{tool} is not there: build it, or say where it is with Q_IMPLANT_BIN_DIR")
    return json.loads(subprocess.run([tool], check=True, stdout=subprocess.PIPE).stdout)


def accessor_name(field_name):
    """dilation_w_factor → DilationWFactor, as flatc names accessors."""
    return "".join(part[0].upper() + part[1:] for part in field_name.split("_"))


def our_fields(table):
    """As table_fields. flatc numbers slots without gaps, deprecated ones too."""
    return [
        None if f["deprecated"] else (f["slot"], accessor_name(f["name"]), f["type"], f["default"])
        for f in table
    ]


FACTS = read_facts()

# --- the comparison


def test_bindings_are_understood():
    """The comparisons below would agree about nothing, had the parser found nothing."""
    assert len(TABLES) + len(ENUMS) + len(UNIONS) == len(MODULES) > 0
    assert TABLES["OperatorCode"] == [
        (0, "DeprecatedBuiltinCode", "int8", 0),
        (1, "CustomCode", "string", None),
        (2, "Version", "int32", 1),
        (3, "BuiltinCode", "int32", 0),
    ]
    assert TABLES["DimensionMetadata"][3] == (3, "ArraySegments", "SparseIndexVector", None)
    assert TABLES["SubGraph"][0] == (0, "Tensors", "[Tensor]", None)
    assert TABLES["SubGraph"][5] is None
    assert ENUMS["Padding"] == {"SAME": 0, "VALID": 1}
    assert UNIONS["QuantizationDetails"]["tables"]["MXQuantization"] == "MXQuantization"


def test_file():
    identifier = b"\0\0\0\0" + FACTS["file_identifier"].encode()
    model = importlib.import_module(f"{BINDINGS.__name__}.Model").Model
    assert model.ModelBufferHasIdentifier(identifier, 0)
    assert FACTS["file_extension"] == "circle"
    assert FACTS["root"] == "Model"


def test_names():
    assert sorted(FACTS["tables"]) == sorted(TABLES)
    assert sorted(FACTS["enums"]) == sorted(ENUMS)
    assert sorted(FACTS["unions"]) == sorted(UNIONS)


@pytest.mark.parametrize("name", TABLES)
def test_table(name):
    assert our_fields(FACTS["tables"][name]) == TABLES[name]


@pytest.mark.parametrize("name", ENUMS)
def test_enum_values(name):
    assert FACTS["enums"][name]["values"] == ENUMS[name]


@pytest.mark.parametrize("name", ENUMS)
def test_enum_underlying_type(name):
    """Bindings show it only as the type of the fields that hold the enum."""
    ours = {
        (table, accessor_name(f["name"]))
        for table, fields in FACTS["tables"].items()
        for f in fields
        if f["enum"] == name and not f["deprecated"]
    }
    used_by = [
        f[2].strip("[]")
        for table, fields in TABLES.items()
        for f in fields
        if f and (table, f[1]) in ours
    ]
    if name == "DataFormat":  # Only its deprecated field; an older revision has it live.
        older = importlib.import_module("circle_schema.v0_6.circle")
        assert not used_by
        used_by = [table_fields(Module(older, "SubGraph"))[5][2]]
    assert set(used_by) == {FACTS["enums"][name]["underlying"]}


@pytest.mark.parametrize("name", UNIONS)
def test_union(name):
    assert FACTS["unions"][name] == UNIONS[name]
