# SPDX-License-Identifier: Apache-2.0
"""What holds of q-implant's results whatever the graph and whatever is annotated.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/random_graphs_test.py
    Q_IMPLANT_BIN_DIR=build/bin python testdata/random_graphs_test.py --seeds 1000..3000 --keep DIR

Each seed is a random graph with random parameters (random_graphs.py), examined in a process of its
own, which may crash: `examine()` says what breaks which property. The command hunts through many
seeds, prints a line for each problem and why outputs were not compared, and keeps the files of
seeds with problems. What runtimes can do is read from operator_claims/claims.json, not from
q-implant.
"""

import argparse
import collections
import dataclasses
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

import numpy as np
import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import circle_builder  # noqa: E402
import commands  # noqa: E402
import fake_quant  # noqa: E402
import model_checker  # noqa: E402
import param_set  # noqa: E402
import random_graphs  # noqa: E402
import run_model  # noqa: E402

# The last ones show what was wrong once, or in a mutant: the axis of a single scale beyond the rank
# (336, 700), a part of a Split in another part's range (511), a clamp that goes though it cuts off
# (918), a constant that is cut off (1495).
SEEDS = (*range(110), 336, 511, 700, 918, 1495)
MIN_SNR_DB = 30
# Where a step of noise on the annotated tensors already moves an output this far, rounding
# differently, as integer kernels may, explains everything.
MIN_CONDITION_DB = 36
OTHER_STEPS = (1.017, 0.973)
MAX_EXCLUDED = 0.25  # of all float32 outputs, for whatever reason
SECONDS_PER_SEED = 120  # of a busy machine, or under a sanitizer

PROPERTIES = ("sound", "kernels", "follows", "exact", "empty", "complete", "deterministic",
              "report")
CLAMPS = {"RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1"}
COMPARISONS = {"LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "EQUAL", "NOT_EQUAL"}
LAYERS = {"CONV_2D": (0, 1, 2), "DEPTHWISE_CONV_2D": (0, 1, 2), "FULLY_CONNECTED": (0, 1, 2),
          "TRANSPOSE_CONV": (2, 1, 3)}  # places of data, weights and bias
ACTIVATION_TYPES = ("uint8", "int8", "int16")
RIGHT = ("right", "inexact")
# PyTorch's X86Inductor recipe: q-implant writes it as it was told, and warns.
RECIPE = "uint8 data, int8 weights"
RECIPE_WARNING = re.compile("int8.* beside uint8 data")


# --- what was measured


class Claims:
    """claims.json, by operator, type, sides and variant."""

    def __init__(self):
        content = json.loads((HERE / "operator_claims" / "claims.json").read_text())
        self._claims = {(c["operator"], c["type"], c.get("sides", ""), c.get("variant", "")): c
                        for c in content["claims"]}

    def is_fixed(self, op, kind):
        return (op, kind, "fixed", "") in self._claims

    def verdict(self, runtime, op, kind, sides, variant):
        """right, inexact, wrong, refused, crashed; unmeasured where the variant has no claim.

        runtime: litert, litert_without_xnnpack (told where it is another word) or onert.
        """
        claim = self._claims.get((op, kind, sides, variant))
        if claim is None:
            return "unmeasured"
        return re.match(r"\w+", claim.get(runtime) or claim["litert"])[0]

    def is_right(self, runtime, node):
        return self.verdict(runtime, *node) in RIGHT

    def can_be_integer(self, op, kind, variant=""):
        """True where some runtime is right in this type, with the right parameters."""
        return any(self.is_right(runtime, (op, kind, sides, variant))
                   for runtime in ("litert", "onert") for sides in ("equal", "different", "fixed")
                   if not (sides == "different" and self.is_fixed(op, kind)))


CLAIMS = Claims()


class File:
    """A circle file's first graph."""

    def __init__(self, data):
        self.model = circle_builder.unpack(data)
        self.graph = self.model.subgraphs[0]
        self.tensors = self.graph.tensors
        self.names = [circle_builder.tensor_name(t) for t in self.tensors]

    def op(self, node):
        return circle_builder.operator_name(self.model, node)

    def inputs(self, node):
        return [int(i) for i in node.inputs]

    def outputs(self, node):
        return [int(i) for i in node.outputs]

    def type(self, index):
        return circle_builder.type_name(self.tensors[index].type)

    def is_constant(self, index):
        return circle_builder.constant(self.model, self.tensors[index]) is not None

    def params(self, index):
        """(type, scales, zero points, channel axis), None where the tensor has none."""
        quantization = self.tensors[index].quantization
        if quantization is None or quantization.scale is None or not len(quantization.scale):
            return None
        return (self.type(index), tuple(float(s) for s in quantization.scale),
                tuple(int(z) for z in quantization.zeroPoint),
                int(quantization.quantizedDimension))

    def real(self, indices):
        """Those that stand for real numbers."""
        return [i for i in indices
                if i >= 0 and (self.type(i) == "float32" or self.params(i) is not None)]

    def is_per_channel(self, index):
        """True for a tensor with several scales, and for what a Dequantize makes of one."""
        sources = [self.inputs(n)[0] for n in self.graph.operators
                   if self.op(n) == "DEQUANTIZE" and index in self.outputs(n)]
        return any(len(params[1]) > 1 for params in map(self.params, [index, *sources]) if params)

    def mode(self, node):
        """integer, float32 or other, by the tensors that the node touches."""
        real = self.real(self.inputs(node) + self.outputs(node))
        if any(self.type(i) == "float32" for i in real):
            return "float32"
        return "integer" if real else "other"

    def quantized_as(self, before):
        """{name of a float32 tensor of the file `before`: params in which it is computed here}."""
        names = {name for i, name in enumerate(before.names) if before.type(i) == "float32"}
        found = {name: self.params(i) for i, name in enumerate(self.names)
                 if name in names and self.params(i) is not None}
        copies = {self.inputs(n)[0]: self.outputs(n)[0] for n in self.graph.operators
                  if self.op(n) in ("QUANTIZE", "DEQUANTIZE")}
        for node in self.graph.operators:
            if self.op(node) in ("QUANTIZE", "DEQUANTIZE"):
                continue
            for index in self.outputs(node):
                made = self.params(index)
                while made is not None and self.names[index] not in names and index in copies:
                    index = copies[index]
                if made is not None and self.names[index] in names:
                    found[self.names[index]] = made
        return found

    # --- how claims.json calls a node

    def claim(self, node):
        """(operator, type, sides, variant) of a node that touches integers, else None."""
        op = self.op(node)
        if op in ("QUANTIZE", "DEQUANTIZE"):
            return self.conversion(op, self.inputs(node)[0], self.outputs(node)[0])
        if self.mode(node) != "integer":
            return None
        if op in LAYERS:
            return (op, self.type(self.slot(node, 0)), "different", self.layer_variant(node))
        inputs = self.real(self.inputs(node))
        run_time = [i for i in inputs if not self.is_constant(i)]
        kind = self.type((run_time or inputs)[0])
        sides = {self.params(i)[:3] for i in inputs + self.real(self.outputs(node))}
        name = "equal" if len(sides) == 1 else "different"
        if CLAIMS.is_fixed(op, kind):
            name = "fixed"
        variant = ""
        if len(inputs) > 1 and self.is_constant(inputs[-1]):
            several = len(self.params(inputs[-1])[1]) > 1
            variant = f"{'per_channel ' if several else ''}constant last input"
            if not several and CLAIMS.verdict("litert", op, kind, name, variant) == "unmeasured":
                variant = ""  # always so (slopes, fills)
        return (op, kind, name, variant)

    def conversion(self, op, source, target):
        name = f"{self.type(source)} to {self.type(target)}"
        if op == "QUANTIZE":
            return (op, name, "" if self.type(source) == "float32" else "different", "")
        if not self.is_constant(source):
            return (op, name, "", "")
        per_channel = self.params(source) is not None and len(self.params(source)[1]) > 1
        axis = ", per_channel, axis 1" if per_channel else ""
        return (op, name, "", f"constant of a float32 ADD{axis}")

    def slot(self, node, place):
        """Data, weights or bias of a layer; -1 for an absent one."""
        inputs, at = self.inputs(node), LAYERS[self.op(node)][place]
        return inputs[at] if at < len(inputs) else -1

    def layer_variant(self, node):
        weights, bias = self.slot(node, 1), self.slot(node, 2)
        kinds = self.type(weights), len(self.params(weights)[1]) > 1
        op, data = self.op(node), self.type(self.slot(node, 0))
        absent = ", input -1" if len(node.inputs) > LAYERS[op][2] else ""
        variants = [layer_variant(*kinds, self.type(bias) if bias >= 0 else None)]
        if bias < 0:
            variants.insert(0, variants[0] + absent)
        for variant in variants:
            if CLAIMS.verdict("litert", op, data, "different", variant) != "unmeasured":
                return variant
        return layer_variant(*kinds, "int64" if data == "int16" else "int32")


def layer_variant(weights, per_channel, bias):
    return (f"{weights} {'per_channel' if per_channel else 'per_tensor'} weights, "
            f"{f'{bias} bias' if bias else 'no bias'}")


# --- one seed


def snr_db(expected, found):
    noise = np.sum((found.astype(np.float64) - expected)**2)
    return 10 * np.log10(np.sum(expected.astype(np.float64)**2) / noise) if noise else np.inf


class Examination:
    """A seed's graph, what q-implant makes of it, and what is wrong with that."""

    def __init__(self, seed, folder):
        self.seed, self.folder = seed, folder
        self.problems = {name: [] for name in PROPERTIES}
        self.kinds = set()  # operators that compute in integers and were run
        self.excluded = []  # why an output was not compared
        self.compared = []  # the SNR of each output that was
        self.graph = random_graphs.random_graph(seed)
        self.parameters = random_graphs.random_parameters(self.graph, seed)
        self.float_ends = seed % 3 == 0
        self.runtime = "litert_without_xnnpack" if seed % 4 == 0 else "litert"
        self.target = {3: "litert", 4: "onert"}.get(seed % 5)
        self.model = folder / "model.circle"
        self.model.write_bytes(self.graph.model)

    def problem(self, name, text):
        self.problems[name].append(text)

    def run(self):
        self.parameters.write(self.folder / "params")
        result = self.implant("params", "result.circle", *self.for_target(), "--report",
                              self.folder / "report.json")
        if result is not None:
            result = File(result)
            self.check_kernels(result)
            self.check_follows(result)
            if self.target is None:
                self.check_exact(result)
            self.check_ends(result)
            self.check_report(result)
            self.check_deterministic()
        self.check_empty()
        self.check_complete()

    def for_target(self):
        return ["--target", self.target] if self.target else []

    def command(self, params, output, *options):
        ends = ["--input_type", "float32", "--output_type", "float32"] if self.float_ends else []
        return [commands.find("q-implant"), "--input", self.model, "--param",
                self.folder / params / "param.json", "--output", self.folder / output, *ends,
                *options]

    def implant(self, params, output, *options):
        """The file's bytes; None where q-implant failed."""
        run = subprocess.run(self.command(params, output, *options), capture_output=True,
                             text=True, check=False)
        if run.returncode != 0:
            self.problem("sound", f"{params}: exit code {run.returncode}: {run.stderr}")
            return None
        for text in model_checker.check(self.folder / output):
            if not (text.endswith(RECIPE) and RECIPE_WARNING.search(run.stderr)):
                self.problem("sound", f"{params}: {text}")
        return (self.folder / output).read_bytes()

    # --- what the runtimes make of it

    def check_kernels(self, result):
        """Each node is right on the target; without one, on some runtime."""
        runtimes = [self.target] if self.target else ["litert", "onert"]
        for node in result.graph.operators:
            claim = result.claim(node)
            if claim is None or not self.target and is_recipe(claim) \
                    or claim[1] == "float16 to float32":  # the model came with it
                continue
            if not any(CLAIMS.is_right(runtime, claim) for runtime in runtimes):
                words = [f"{CLAIMS.verdict(runtime, *claim)} on {runtime}" for runtime in runtimes]
                self.problem("kernels", f"'{result.names[result.outputs(node)[0]]}' is made by "
                             f"{' '.join(claim)}: {', '.join(words)}")

    def check_follows(self, result):
        """On LiteRT the result follows the fake-quantized model."""
        outputs = [int(i) for i in File(self.graph.model).graph.outputs]
        floats = [n for n, i in enumerate(outputs) if i in self.graph.activations]
        why = why_not_right(self.runtime, result)
        if why:
            self.excluded += [why] * len(floats)
            return
        expected, ranges = self.run_reference(self.parameters.reference)
        names = {self.graph.names[i]: r for i, r in ranges.items() if i < len(self.graph.names)}
        if any(cuts_off(e, *names[e.name]) for e in self.parameters.reference
               if e.name in self.activations):
            self.excluded += ["saturating data"] * len(floats)
            return
        jittered = [self.run_reference(self.in_other_steps(factor))[0] for factor in OTHER_STEPS]
        coarser, _ = self.run_reference(self.coarser_reference(result, names))
        try:
            found = self.run_result()
        except (ValueError, RuntimeError) as error:
            self.problem("follows", f"LiteRT refuses it: {error}")
            return
        self.kinds = {result.op(n) for n in result.graph.operators if result.mode(n) == "integer"}
        for n in floats:
            condition = min(snr_db(expected[n], other[n]) for other in jittered)
            besides = snr_db(expected[n], coarser[n])
            if outputs[n] in self.graph.jumping:
                self.excluded.append("an output behind a Floor or a comparison")
            elif np.ptp(expected[n]) < 1e-5:
                self.excluded.append("a constant output")
            elif condition < MIN_CONDITION_DB:
                self.excluded.append("an output that a step of noise moves far")
            elif besides < MIN_CONDITION_DB:
                self.excluded.append("an output that what had to be quantized besides moves far")
            else:
                self.compare(self.graph.names[outputs[n]], snr_db(expected[n], found[n]),
                             condition, besides)

    def compare(self, name, snr, condition, besides):
        self.compared.append((float(snr), float(condition), float(besides)))
        if not snr >= MIN_SNR_DB:
            self.problem("follows", f"'{name}' is {snr:.1f} dB from the fake-quantized model, "
                         f"which is {condition:.1f} dB from itself in other steps and "
                         f"{besides:.1f} dB with what had to be quantized besides")

    def in_other_steps(self, factor):
        """The reference's entries, those of activations with other scales."""
        return [dataclasses.replace(e, scale=(e.scale * np.float32(factor)).astype(np.float32))
                if e.name in self.activations else e for e in self.parameters.reference]

    @functools.cached_property
    def activations(self):
        return {self.graph.names[i] for i in self.graph.activations}

    def run_reference(self, entries):
        """Outputs and ranges of the fake-quantized model."""
        model = fake_quant.fake_quantized(self.graph.runnable, entries)
        return random_graphs.run(model, self.graph.samples)

    def coarser_reference(self, result, ranges):
        """The reference's entries with what q-implant quantized besides, where that cuts nothing
        off: propagated, derived and fixed parameters."""
        entries = {entry.name: entry for entry in self.parameters.reference}
        before = File(self.graph.model)
        movable = {before.names[layer.moved.index] for layer in self.graph.layers
                   if layer.moved is not None}
        for name, (kind, scale, zerop, axis) in result.quantized_as(before).items():
            known = entries.get(name)
            if name in movable or len(scale) > 1 or kind not in ACTIVATION_TYPES \
                    or known is not None and scale[0] <= known.scale[0]:
                continue
            entry = param_set.Entry(name, kind, np.float32(scale), np.int64(zerop), axis)
            if name in ranges and not cuts_off(entry, *ranges[name]):
                entries[name] = entry
        return list(entries.values())

    def run_result(self):
        path = self.folder / "result.circle"
        sources, targets = run_model.graph_ends(path)
        inputs = [x if x.dtype == np.int32 else run_model.quantize(x, end)
                  for x, end in zip(self.graph.samples, sources, strict=True)]
        outputs = run_model.run_litert_many(path, inputs, delegates=self.runtime == "litert")
        return [y if end.dtype == "int32" else run_model.dequantize(y, end)
                for y, end in zip(outputs, targets, strict=True)]

    # --- what it wrote

    def check_exact(self, result):
        """What was annotated holds what was imported, exactly; a constant that can't is told."""
        told = {d.get("tensor") for d in self.report["diagnostics"]}
        ends = {self.graph.names[int(i)] for i in self.ends()} if self.float_ends else {}
        arrays = {self.graph.names[i]: array for i, array in
                  (self.graph.arrays | self.graph.moved_arrays()).items()}
        for entry in self.parameters.entries:
            if entry.name not in result.names or entry.name in ends:
                continue  # what becomes of these, the report tells
            index = result.names.index(entry.name)
            params = (entry.dtype, tuple(float(s) for s in entry.scale),
                      tuple(int(z) for z in entry.zerop), entry.axis)
            if result.params(index) != params:
                if entry.name not in arrays or entry.name not in told:
                    self.problem("exact", f"'{entry.name}' has {result.params(index)}, imported "
                                 f"were {params}")
            elif entry.name in arrays:
                value = entry.value
                if value is None:
                    value = fake_quant.quantize(arrays[entry.name], entry)
                data = result.model.buffers[result.tensors[index].buffer].data
                if bytes(data) != circle_builder.encode(value, entry.dtype):
                    self.problem("exact", f"'{entry.name}' holds other integers")

    def ends(self):
        graph = File(self.graph.model).graph
        return [*graph.inputs, *graph.outputs]

    def check_ends(self, result):
        """Graph inputs and outputs keep names, order and place in signatures; their types are what
        was asked for."""
        before = File(self.graph.model)
        annotated = {entry.name: entry.dtype for entry in self.parameters.entries}
        inputs = {int(i) for i in before.graph.inputs}
        for side in ("inputs", "outputs"):
            ends = [int(i) for i in getattr(before.graph, side)]
            found = [int(i) for i in getattr(result.graph, side)]
            for i, j in zip(ends, found, strict=True):
                made_here = side == "inputs" or (i in self.graph.activations and i not in inputs)
                name = before.names[i]
                if result.names[j] != name and made_here:
                    self.problem("exact", f"{side}: '{result.names[j]}' for '{name}'")
                wanted = before.type(i) if self.float_ends else annotated.get(name, before.type(i))
                if result.type(j) != wanted and self.target is None:
                    self.problem("exact", f"{side}: '{name}' is {result.type(j)}, not {wanted}")
            for signature in result.model.signatureDefs or []:
                if [int(m.tensorIndex) for m in getattr(signature, side)] != found:
                    self.problem("exact", f"{side} of the signature have moved")

    def check_empty(self):
        """No parameters: exactly what import and export give."""
        (self.folder / "none").mkdir()
        (self.folder / "none" / "param.json").write_text("{}")
        plain = self.folder / "plain.circle"
        subprocess.run([commands.find("roundtrip_tool"), self.model, plain], check=True)
        result = self.implant("none", "none.circle")
        if result is not None and result != plain.read_bytes():
            self.problem("empty", "{} gives other bytes than import and export")

    @staticmethod
    def is_compared_wrongly(result, node):
        """Whether a side, behind its Dequantize, has a scale that LiteRT's kernels misread.

        A constant side has the scale of its own range, which is not in the file then.
        """
        sources = {result.outputs(n)[0]: result.inputs(n)[0] for n in result.graph.operators
                   if result.op(n) == "DEQUANTIZE"}
        sides = [sources.get(i) for i in result.inputs(node)]
        scales = [result.graph.tensors[i].quantization.scale[0] for i in sides if i is not None]
        return None in sides or any(not 1 / 256 <= s < 1 for s in scales)

    def check_complete(self):
        """All annotated in one type: a node stays float32 only where no runtime has a kernel."""
        kind = ("uint8", "int8")[self.seed % 2]
        random_graphs.all_parameters(self.graph, kind).write(self.folder / "all")
        data = self.implant("all", "all.circle")
        if data is None:
            return
        result = File(data)
        for node in result.graph.operators:
            op = result.op(node)
            if op in ("QUANTIZE", "DEQUANTIZE") or result.mode(node) != "float32":
                continue
            variant = ""
            if op in LAYERS:
                bias = result.slot(node, 2)
                if bias >= 0 and not result.is_constant(bias):
                    continue  # its scale is not that of the accumulator
                variant = layer_variant(kind, kind == "int8", "int32" if bias >= 0 else None)
            if op == "PADV2" and not result.is_constant(result.inputs(node)[2]):
                continue  # a fill of its own parameters, which kernels refuse
            if op not in LAYERS and any(map(result.is_per_channel, result.inputs(node))):
                continue  # another node's weights, with a scale per channel, as data
            if op in COMPARISONS and kind == "int8" and self.is_compared_wrongly(result, node):
                continue
            if CLAIMS.can_be_integer(op, kind, variant):
                self.problem("complete", f"'{result.names[result.outputs(node)[0]]}' of {op} stays "
                             f"float32 though all is {kind}")

    def check_deterministic(self):
        """The same bytes from another folder, with the keys of param.json in another order."""
        self.parameters.write(self.folder / "again", reverse=True)
        here = self.folder / "elsewhere"
        here.mkdir()
        line = [os.path.relpath(part, here) if isinstance(part, pathlib.Path) and n else part
                for n, part in enumerate(self.command("again", "again.circle",
                                                      *self.for_target()))]
        subprocess.run(line, cwd=here, capture_output=True, check=True)
        if (self.folder / "again.circle").read_bytes() != (
                self.folder / "result.circle").read_bytes():
            self.problem("deterministic", "the same input gives other bytes")

    # --- what it told

    @functools.cached_property
    def report(self):
        return json.loads((self.folder / "report.json").read_text())

    def check_report(self, result):
        report = self.report
        if report["done"] is not True:
            self.problem("report", "it says that the job is not done")
        if not report["tensors"]:
            self.problem("report", "it tells of no tensor")
            return
        self.check_reported_tensors(result, report["tensors"])
        self.check_reported_nodes(result, report["nodes"])

    def check_reported_tensors(self, result, tensors):
        told = {t["name"]: t for t in tensors}
        if len(told) != len(tensors):
            self.problem("report", "it names a tensor twice")
        for index, name in enumerate(result.names):
            tensor = told.pop(name, {"how": "absent"})
            quantization = tensor.get("quantization")
            if quantization is not None:
                quantization = (quantization["dtype"],
                                tuple(float(np.float32(s)) for s in quantization["scale"]),
                                tuple(quantization["zero_point"]),
                                quantization["quantized_dimension"])
            if tensor["how"] in ("absent", "removed"):
                self.problem("report", f"'{name}' is {tensor['how']}, it is in the file")
            elif quantization != result.params(index):
                self.problem("report", f"'{name}' has {quantization}, in the file "
                             f"{result.params(index)}")
            elif (tensor["how"] == "float32") != (
                    result.type(index) == "float32"
                    and tensor["how"] not in ("pinned", "unsupported", "inserted", "annotated")):
                self.problem("report", f"'{name}' is {tensor['how']}, in the file "
                             f"{result.type(index)}")
        for name, tensor in told.items():
            if tensor["how"] != "removed":
                self.problem("report", f"'{name}' is {tensor['how']}, the file does not have it")

    def check_reported_nodes(self, result, nodes):
        """Inserted nodes by what they make, the others in their order; clamps and folded movers
        may be removed; for a target others may stand for a node."""
        def listed(*modes):
            return [n for n in nodes if n["mode"] in modes]

        inserted = collections.Counter((n["op"], n["output"]) for n in listed("inserted"))
        told = [(n["op"], n["mode"]) for n in listed("integer", "float32", "other")]
        found = []
        moved = [layer.moved for layer in self.graph.layers if layer.moved is not None]
        folded = {self.graph.names[m.index] for m in moved}
        widened = {self.graph.names[m.index] for m in moved if m.widened}
        for node in result.graph.operators:
            op, name = result.op(node), result.names[result.outputs(node)[0]]
            is_copy = op == "RESHAPE" and inserted[op, name] > 0  # of an output, for onert
            if is_copy or op in ("QUANTIZE", "DEQUANTIZE") and name not in widened:
                inserted[op, name] -= 1
            else:
                found.append((op, result.mode(node)))
        if told != found:
            self.problem("report", f"of nodes it says {told}, in the file are {found}")
        for (op, name), count in inserted.items():
            if count:
                self.problem("report", f"{op} that makes '{name}' is {-count} times more in the "
                             "file")
        for node in listed("removed"):
            written = self.target is not None and node["output"] in result.names
            if node["op"] not in CLAMPS and node["output"] not in folded and not written:
                self.problem("report", f"{node['op']} that makes '{node['output']}' is removed")

def is_recipe(claim):
    """Other toolchains' recipes, which no known runtime takes: q-implant writes them as it was told
    and warns."""
    op, kind, _, variant = claim
    return op in LAYERS and (kind, variant.split()[0]) in (("uint8", "int8"), ("int16", "int16"))


def why_not_right(runtime, result):
    """The first node that the runtime computes wrongly or refuses, as text; empty if none."""
    for node in result.graph.operators:
        claim = result.claim(node)
        if claim is not None and not CLAIMS.is_right(runtime, claim):
            return f"{' '.join(claim)}: {CLAIMS.verdict(runtime, *claim)} on {runtime}"
        if result.op(node) in ("CONV_2D", "DEPTHWISE_CONV_2D") and result.slot(node, 2) < 0:
            return f"{result.op(node)} without bias: LiteRT does not take it"
    return ""


def cuts_off(entry, low, high):
    """True where the range goes beyond what the parameters can stand for."""
    limits = np.iinfo(entry.dtype)
    least, greatest = ((q - int(entry.zerop[0])) * float(entry.scale[0])
                       for q in (limits.min, limits.max))
    half = float(entry.scale[0]) / 2
    return low < least - half or high > greatest + half


def examine(seed, folder):
    """{problems, excluded, compared, kinds} of a seed, as JSON has it."""
    examination = Examination(seed, folder)
    examination.run()
    return {"problems": examination.problems, "excluded": examination.excluded,
            "compared": examination.compared, "kinds": sorted(examination.kinds)}


# --- many seeds


def examine_all(seeds, keep=None, jobs=None, examine_one=None):
    """Yields (seed, what examine_one (examine()) gives); a seed whose process dies has a problem
    "crashed".

    Forks a process for each, so it must not be called where a runtime was loaded.
    """
    running, waiting = {}, list(seeds)
    jobs = jobs or os.cpu_count()
    with tempfile.TemporaryDirectory() as scratch:
        while running or waiting:
            while waiting and len(running) < jobs:
                seed = waiting.pop(0)
                folder = pathlib.Path(scratch, str(seed))
                folder.mkdir()
                pid = os.fork()
                if pid == 0:
                    _child(seed, folder, examine_one or examine)
                running[pid] = (seed, folder)
            pid, status = os.wait()
            seed, folder = running.pop(pid)
            outcome = _outcome(folder, os.waitstatus_to_exitcode(status))
            if keep and any(outcome["problems"].values()):
                shutil.copytree(folder, pathlib.Path(keep, str(seed)), dirs_exist_ok=True)
            shutil.rmtree(folder)
            yield seed, outcome


def _child(seed, folder, examine_one):
    """Examines a seed in this process and ends it."""
    signal.alarm(SECONDS_PER_SEED)
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    try:
        (folder / "outcome.json").write_text(json.dumps(examine_one(seed, folder)))
    except BaseException:  # pylint: disable=broad-exception-caught
        (folder / "error").write_text(traceback.format_exc())
    os._exit(0)


def _outcome(folder, code):
    if (folder / "outcome.json").exists():
        return json.loads((folder / "outcome.json").read_text())
    error = folder / "error"
    what = error.read_text().strip() if error.exists() else f"its process ended with {code}"
    return {"problems": {"crashed": [what]}, "excluded": [], "compared": [], "kinds": []}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", help="FIRST..LAST, without the last; else the test's")
    parser.add_argument("--keep", help="where to put the files of seeds with problems")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--json", help="where to write all outcomes")
    args = parser.parse_args()
    seeds = range(*map(int, args.seeds.split(".."))) if args.seeds else SEEDS
    outcomes, bad = {}, 0
    for seed, outcome in examine_all(seeds, args.keep, args.jobs):
        outcomes[seed] = outcome
        for name, problems in outcome["problems"].items():
            for problem in problems:
                print(f"{seed}: {name}: {problem}", flush=True)
                bad += 1
    excluded = collections.Counter(why for o in outcomes.values() for why in o["excluded"])
    for why, count in excluded.most_common():
        print(f"not compared: {count} outputs: {why}")
    compared = [snr for o in outcomes.values() for snr in o["compared"]]
    print(f"{len(outcomes)} seeds, {bad} problems, {len(compared)} outputs compared, "
          f"{excluded.total()} not")
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(outcomes))
    return 1 if bad else 0


# --- the tests


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """{seed: outcome} of every seed, from a process without runtimes."""
    path = tmp_path_factory.mktemp("random_graphs") / "outcomes.json"
    subprocess.run([sys.executable, __file__, "--json", path], check=False, capture_output=True)
    return {int(seed): outcome for seed, outcome in json.loads(path.read_text()).items()}


@pytest.mark.parametrize("name", (*PROPERTIES, "crashed"))
def test_property_holds(outcomes, name):
    assert len(outcomes) == len(SEEDS)
    problems = [f"seed {seed}: {text}" for seed, outcome in sorted(outcomes.items())
                for text in outcome["problems"].get(name, [])]
    assert not problems, "\n".join(problems)


def test_most_outputs_are_compared(outcomes):
    compared = sum(len(o["compared"]) for o in outcomes.values())
    excluded = collections.Counter(why for o in outcomes.values() for why in o["excluded"])
    assert excluded.total() <= MAX_EXCLUDED * (compared + excluded.total()), excluded.most_common()
    assert compared > 5 * len(SEEDS)
    assert len({kind for o in outcomes.values() for kind in o["kinds"]}) > 60


if __name__ == "__main__":
    sys.exit(main())
