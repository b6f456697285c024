# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of docs/targets.md from claims.json and limits.json; the prose around them is
the page's own. The limits of scales are those of the program, which Q_IMPLANT_BIN_DIR has.

    python testdata/operator_claims/targets_page.py           # rewrites docs/targets.md
    python testdata/operator_claims/targets_page.py --check   # says whether that would change it

A table stands between `<!-- table NAME RUNTIME -->` and `<!-- end -->`; TABLES has the names. A
module, too: updated(page) is the page's text with its tables as claims.json has them now.
"""

import argparse
import collections
import itertools
import json
import math
import pathlib
import re
import sys

import claims
import limits
import recurrent

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "targets.md"
_FORMS = pathlib.Path(__file__).with_name("forms.json")
_NAMES = {"litert": "LiteRT", "onert": "onert"}
_PACKAGES = {"litert": "ai-edge-litert", "onert": "onert"}
_WORDS = {"right": "yes", "wrong": "**wrong**", "crashed": "**crash**", "refused": "-", None: ""}


def rows_of(header, rows):
    """The lines of a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _cell(sides, by_scale):
    """What a kernel does with one type, in the words of the page's legend."""
    where = claims.column(sides)
    if where is None:
        return "-"
    if where == "wrong":
        return "**wrong**"
    used = sides.get("fixed") or sides["different" if where == "any" else "equal"]
    word = "fixed" if "fixed" in sides else where
    notes = [mark for mark, holds in (("!", claims.is_misread(sides)), ("~", "inexact" in used),
                                      (" (scale)", by_scale)) if holds]
    return word + "".join(notes)


def operators(runtime):
    """Operator by type, of those that are not refused in every type; then the others' names."""
    table, scales = {}, claims.scales()
    for (operator, kind, of), sides in claims.verdicts().items():
        if of == runtime:
            words = {word[runtime] for word in scales.get((operator, kind), {}).values()}
            table.setdefault(operator, {})[kind] = _cell(sides, bool(words - {"right", "refused"}))
    some = {name: cells for name, cells in table.items() if set(cells.values()) != {"-"}}
    rows = [[name, *[cells.get(kind, "-") for kind in claims.TYPES]]
            for name, cells in sorted(some.items())]
    none = ", ".join(sorted(set(table) - set(some)))
    return (rows_of(["operator", *claims.TYPES], rows) +
            f"\n\nRefused in every type: {none}.")


def weights(runtime):
    """Operator, types of data and weights by sharing, of those that are not refused in both."""
    found = claims.layers()
    rows = []
    for operator, data, kind in sorted({key[:3] for key in found}, key=_layer_order):
        words = [found[operator, data, kind, sharing][runtime] for sharing in claims.SHARINGS]
        if set(words) != {"refused"}:
            rows.append([operator, data, kind, *[_WORDS[word] for word in words]])
    return rows_of(["operator", "data", "weights", "one scale", "a scale per channel"], rows)


def _layer_order(key):
    operator, data, kind = key
    return operator, claims.TYPES.index(data), (*claims.TYPES, "int4", "uint4").index(kind)


def conversions(runtime):
    """From by to; of constants with a scale per channel, a row each."""
    found = claims.conversions()
    ends = ("float32", *claims.TYPES)
    rows = []
    for source in (*ends, "int4", "uint4", "float16", "int32", "int64"):
        for sharing in claims.SHARINGS:
            words = [_one(found.get((source, target, sharing), {}).get(runtime)) for target in ends]
            if any(words):
                constant = source not in ends or sharing == "per_channel"
                notes = ["constant"] * constant + ["scale per channel"] * (sharing == "per_channel")
                rows.append([", ".join([source, *notes]), *[_WORDS[word] for word in words]])
    return rows_of(["from", *[f"to {end}" for end in ends]], rows)


def _one(words):
    if not words:
        return None
    (word,) = words
    return word


def hybrid(runtime):
    """Operator and weights type by sharing, of those that are not refused in both."""
    found = claims.hybrid()
    rows = []
    for operator, kind, bias in sorted({(key[0], key[1], key[3]) for key in found},
                                       key=lambda k: (k[0], k[2] is False, k[1])):
        words = [found[operator, kind, sharing, bias][runtime] for sharing in claims.SHARINGS]
        if set(words) - {"refused"}:
            note = {True: "yes", False: "no", None: ""}[bias]
            rows.append([operator, kind, note, *[_WORDS[word] for word in words]])
    return rows_of(["operator", "weights", "bias", "one scale", "a scale per channel"], rows)


def floats(runtime):
    """The operators that fail in float32 as well, and what some others fail at."""
    words = {**_WORDS, "refused": "refused"}
    names = sorted(claims.lacks_float(runtime))
    found = claims.floats()
    rows = [[name, "", words[next(iter(found[name].values()))[runtime]]] for name in names]
    rows += [[name, variant, words[verdicts[runtime]]]
             for name in sorted(set(found) - set(names))
             for variant, verdicts in sorted(found[name].items()) if verdicts[runtime] != "right"]
    return rows_of(["operator", "with", "it is"], rows)


def stateful(runtime):
    """Operators that keep a state, form by form: float32, with int8 weights, in integers."""
    rows, found = [], {}
    for claim in claims.CLAIMS:
        if claim["operator"] in recurrent.OPERATORS:
            hybrid = claim.get("sides") == "hybrid"
            form, weights, more = claims.variant(claim).partition(", int8 weights")
            if hybrid and (not weights or more):
                continue
            if claim.get("sides") == "different" and claim["operator"].endswith("_VARIABLE"):
                form = "written with other parameters than read"
            kind = "weights" if hybrid else claim["type"]
            found.setdefault((claim["operator"], form), {})[kind] = claims.verdict(claim, runtime)
    for (operator, form), words in sorted(found.items()):
        rows.append([operator, form, *[_WORDS[words.get(kind)]
                                       for kind in ("float32", "weights", *claims.TYPES)]])
    if runtime == "onert":  # next to nothing runs
        rows = [row for row in rows if set(row[2:]) - {"-", ""}]
    return rows_of(["operator", "form", "float32", "float32, int8 weights", *claims.TYPES], rows)


def layers(runtime):
    """What operators with weights of one scale make of the bias, and of a fused clamp."""
    rows = []
    for operator in sorted(claims.without_bias()):
        for kind in claims.TYPES:
            case = claims.LAYER_CASE[kind].replace("per_channel", "per_tensor")
            cells = [_word(operator, kind, f"{case}{more}", runtime) for more in (
                "", ", bias scale 5 times that of the accumulator", ", bias zero point not 0",
                ", fused RELU", ", fused RELU6")]
            if cells[0] != "right":
                continue
            bare = case.rpartition(",")[0]
            none = [_word(operator, kind, f"{bare}, no bias{more}", runtime)
                    for more in ("", ", input -1")]
            fused = cells[3] if cells[3] == cells[4] else None
            rows.append([operator, kind, *[_WORDS[word] for word in (*none, *cells[1:3], fused)]])
    return rows_of(["operator", "data", "no bias", "bias -1", "bias of another scale",
                    "bias with a zero point", "fused clamp"], rows)


def _word(operator, kind, variant, runtime):
    (found,) = [claims.verdict(claim, runtime) for claim in claims.CLAIMS
                if (claim["operator"], claim["type"], claim.get("variant")) ==
                (operator, kind, variant) and claim["sides"] == "different"]
    return found


def scales(runtime):
    """Limits of the program, each with what was measured last to be right and first not to be."""
    rows = []
    for limit in limits.limits_of(runtime):
        ends = [f"{sign} {_power(limit[end])}" for end, sign in (("least", "at least"),
                                                               ("greatest", "below")) if limit[end]]
        name = limit["operator"] + (", fused RELU6" if limit["clamped"] else "")
        rows.append([name, ", ".join(limit["types"]), limit["ratio"], ", ".join(ends),
                     {"wrong": "**wrong**", "crashed": "**crash**", "refused": "refused"}[
                         limit["beyond"]], _measured(limit)])
    return rows_of(["operator", "data", "what", "right where it is", "beyond", "measured"],
                   sorted(rows))


def _power(value):
    exponent = math.log2(value)
    return f"2^{round(exponent)}" if exponent == round(exponent) else f"{value:.3g}"


def _measured(limit):
    """The ratios, as powers of two, at which lines that the limit explains fail."""
    found = []
    for line in limits.LINES:
        for result in limits.results(line, limit["runtime"]):
            if result.get("fails") and not line["type"].startswith("float32"):
                at = limits.point(line, result["fails"])
                if limits.broken(limit, at):
                    found += at.ratios(limit["ratio"])
    beyond = [math.log2(r) for r in found if r < limit["least"] or 0 < limit["greatest"] <= r]
    ends = sorted({f"{exponent:.1f}" for exponent in (min(beyond), max(beyond))}, key=float)
    return "fails at " + " to ".join(f"2^{end}" for end in ends)


def version(runtime):
    """The heading of a runtime's part."""
    number = claims.VERSIONS[_PACKAGES[runtime]]
    return f"## {_NAMES[runtime]} {number}"


def forms(runtime):
    """How many float32 forms of an operator are right, of those that are in some form, not in all."""
    counts = collections.defaultdict(collections.Counter)
    for claim in json.loads(_FORMS.read_text())["claims"]:
        if claim["type"] == "float32":
            counts[claim["operator"]][claims.verdict(claim, runtime)] += 1
    rows = []
    for name, found in sorted(counts.items()):
        if 0 < found["right"] < sum(found.values()):
            rows.append([name, *[str(number) for number in (
                sum(found.values()), found["right"], found["refused"],
                found["wrong"] + found["crashed"])]])
    return rows_of(["operator", "forms", "right", "refused", "wrong"], rows)


TABLES = {table.__name__: table for table in (version, operators, weights, layers, conversions,
                                              hybrid, stateful, floats, forms, scales)}
_MARKED = re.compile(r"(<!-- table (\w+) (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def updated(page):
    """The page with every table written anew."""

    def written(match):
        return f"{match[1]}\n{TABLES[match[2]](match[3])}\n\n{match[4]}"

    return _MARKED.sub(written, page)


def missing(page):
    """The (table, runtime) pairs that the page does not have."""
    found = {match.groups()[1:3] for match in _MARKED.finditer(page)}
    return sorted(set(itertools.product(TABLES, claims.RUNTIMES)) - found)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it would change")
    args = parser.parse_args()
    old = PAGE.read_text()
    new = updated(old)
    if args.check:
        sys.exit(new != old)
    PAGE.write_text(new)


if __name__ == "__main__":
    main()
