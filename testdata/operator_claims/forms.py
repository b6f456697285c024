# SPDX-License-Identifier: Apache-2.0
"""Measures which forms of a node a runtime does not compute: ranks, axes, shapes, options.

    python forms.py                    # a few minutes; writes forms.json beside this file
    python forms.py --only MEAN -o -   # some operators, to the terminal

Each form is measured in float32 and once in every integer type that a runtime has kernels for (by
claims.json), with other parameters on each side where a kernel converts between them. As a module:
all_cases().
"""

import argparse
import collections
import dataclasses
import pathlib

import claims
import form_layers
import form_others
import form_specs
import measure
import operators
from cases import build
from layers import hybrid_case, integer_case

PATH = pathlib.Path(__file__).resolve().with_name("forms.json")
_FIXED = {spec.op: spec.fixed for spec in operators.SPECS if spec.fixed}
_WEIGHTS = {"uint8": ("uint8", False, "int32"), "int8": ("int8", True, "int32"),
            "int16": ("int8", True, "int64")}


_VERDICTS = claims.verdicts()


def _sides_of(op):
    """{type: sides to measure it with} of the types that a runtime computes rightly."""
    found = {}
    for (operator, kind, _), sides in _VERDICTS.items():
        column = claims.column(sides) if operator == op else None
        if column == "any" and "fixed" not in sides:
            found[kind] = "different"
        elif column == "any":
            found[kind] = "fixed"
        elif column == "equal":
            found.setdefault(kind, "equal")
    return found


def _cases_of(form, spec):
    yield build(spec, "float32", "", form)
    for kind, sides in _sides_of(spec.op).items():
        params = _FIXED[spec.op][kind] if sides == "fixed" else None
        yield build(spec, kind, sides, form, out_params=params)


def _cases_of_layer(layer):
    float_case = hybrid_case(layer, weights="float32", bias=True)
    yield dataclasses.replace(float_case, variant=layer.name)
    for kind in _sides_of(layer.op):
        weights, per_channel, bias = _WEIGHTS[kind]
        case = integer_case(layer, kind, weights=weights, per_channel=per_channel, bias=bias)
        yield dataclasses.replace(case, variant=layer.name)


def all_cases():
    """Every case, sorted, no two with the same key."""
    cases = [case for form, spec in form_specs.specs() for case in _cases_of(form, spec)]
    cases += [case for layer in form_layers.layers() for case in _cases_of_layer(layer)]
    cases += form_others.cases()
    cases.sort(key=lambda c: c.key)
    doubled = [k for k, n in collections.Counter(c.key for c in cases).items() if n > 1]
    if doubled:
        raise ValueError(f"more than one case of {sorted(doubled)}")
    return cases


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", default=str(PATH), help="or -")
    parser.add_argument("--only", nargs="+", metavar="OPERATOR", help="these operators only")
    args = parser.parse_args()
    cases = [c for c in all_cases() if not args.only or c.operator in args.only]
    found = measure.measure(cases)
    text = measure.text_of(found)
    if args.output == "-":
        print(text)
    else:
        pathlib.Path(args.output).write_text(text)
    for runtime in claims.RUNTIMES:
        counts = collections.Counter(claims.verdict(claim, runtime) for claim in found)
        print(runtime, dict(counts))


if __name__ == "__main__":
    main()
