# SPDX-License-Identifier: Apache-2.0
"""What limits.json says: how far apart scales may be before a kernel is wrong.

A module; of the program it needs operator_facts, for limits_of() alone. Ratios have the names that ir/operators/scale_limits.cc gives them.
"""

import dataclasses
import functools
import json
import math
import pathlib
import subprocess

import testdata_path  # noqa: F401 pylint: disable=unused-import
import commands

_DOCUMENT = json.loads(pathlib.Path(__file__).with_name("limits.json").read_text())
LINES = _DOCUMENT["lines"]
VERSIONS = _DOCUMENT["versions"]
COLUMNS = {"litert": ("litert", "litert_without_xnnpack"), "onert": ("onert",)}

_REACH = {"uint8": 255, "int8": 255, "int16": 32768}
_WEIGHTS_REACH = {"uint8": 255, "int8": 127, "int16": 127}


@dataclasses.dataclass(frozen=True)
class Point:
    """The scales of one node: input 0, ..., weights, output by name."""

    operator: str
    type: str  # of the data
    clamped: bool
    scales: dict
    terms: int
    weights: tuple = ()  # the least and the greatest of the weights' scales

    def ratios(self, name):
        """A ratio's least and greatest value; none where the node has none."""
        found = [self._ratio(name, w) for w in self.weights or (None,)]
        return [value for value in found if value is not None]

    def _ratio(self, name, weights):
        inputs = [s for end, s in self.scales.items() if end.startswith("input")]
        output = self.scales.get("output")
        if not inputs:
            return None
        greatest = max(inputs)
        product = inputs[0] * weights if weights else math.prod(inputs) if len(inputs) == 2 else None
        reach = self.terms * _REACH[self.type]
        if weights:
            reach *= _WEIGHTS_REACH[self.type]
        elif len(inputs) == 2:
            reach *= _REACH[self.type]
        values = {
            "input scale": greatest,
            "least input scale / greatest input scale": min(inputs) / greatest,
        }
        if output:
            values |= {
                "input scale / output scale": greatest / output,
                "input scale squared / output scale": greatest**2 / output,
                "1 / (square root of the input scale x output scale)":
                    1 / (math.sqrt(greatest) * output),
                "output scale": output,
            }
            if product:
                values |= {"product of the two input scales / output scale": product / output,
                           "greatest sum / output scale": product * reach / output}
            elif len(inputs) == 1:
                values["greatest sum / output scale"] = greatest * reach / output
        return values.get(name)


@functools.cache
def _facts():
    program = commands.find("operator_facts")
    return json.loads(subprocess.run([program], check=True, capture_output=True).stdout)


def limits_of(runtime):
    """The limits that the program has for a runtime."""
    return [limit for limit in _facts()["scale_limits"] if limit["runtime"] == runtime]


def point(line, k):
    """The Point of a line at this octave."""
    scales = {end: base * 2.0**(k * by)
              for (end, base), by in zip(line["scales"].items(), line["by"])}
    weights = ()
    if "weights" in scales:
        moved, first = scales["weights"], line["scales"]["weights"]
        others = (first if line["direction"].endswith("one channel") else moved)
        weights = (min(moved, others), max(moved, others * line.get("spread", 1)))
    return Point(line["operator"], line["type"].split(" to ")[0],
                 line.get("variant") == "fused RELU6", scales, line.get("terms", 1), weights)


def results(line, runtime):
    """What was found for a runtime: of LiteRT with XNNPACK and without it."""
    return [line[column] for column in COLUMNS[runtime] if column in line]


def broken(limit, at):
    """Whether a Point is beyond a limit, as operator_facts prints it."""
    if (limit["operator"], limit["clamped"] and not at.clamped) != (at.operator, False):
        return False
    values = at.ratios(limit["ratio"]) if at.type in limit["types"] else []
    return any(value < limit["least"] or 0 < limit["greatest"] <= value for value in values)
