# SPDX-License-Identifier: Apache-2.0
"""Runs the commands on models of all the test data, with random parameters and options.

    Q_IMPLANT_BIN_DIR=build/bin python testdata/random_runs.py --seeds 0..25000 --keep DIR

The models stand as they are: nothing is wrong with them, so nothing may come out of a run but a
model, a reason why there is none, or what is wrong with the command line. A seed is one model with
random parameters for random tensors, q-implant on it, and further commands on what comes out or on
the model. Prints a line for each problem, and how the runs ended; keeps the files of seeds with
problems. examine() says what has to hold.
"""

import argparse
import collections
import concurrent.futures
import functools
import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), *(str(HERE / folder) for folder in ("operator_claims", "upstream_ops"))]
import case_outcomes  # noqa: E402
import circle_builder  # noqa: E402
import commands  # noqa: E402
import composite_test  # noqa: E402
import extreme_graphs  # noqa: E402
import forms as operator_forms  # noqa: E402
import model_checker  # noqa: E402
import other_writers  # noqa: E402
import param_set  # noqa: E402
import random_graphs  # noqa: E402
import recurrent  # noqa: E402
import upstream_cases  # noqa: E402

SECONDS_PER_COMMAND = 60
_RANGES = {"int4": (-8, 7), "uint4": (0, 15), "int8": (-128, 127), "uint8": (0, 255),
           "int16": (-2**15, 2**15 - 1), "int32": (-2**31, 2**31 - 1),
           "int64": (-2**63, 2**63 - 1)}
_BIASES = {"CONV_2D": 2, "DEPTHWISE_CONV_2D": 2, "FULLY_CONNECTED": 2, "TRANSPOSE_CONV": 3}
_WEIGHTS = {"CONV_2D": (1, 0), "DEPTHWISE_CONV_2D": (1, 3), "FULLY_CONNECTED": (1, 0),
            "TRANSPOSE_CONV": (1, 0), "BATCH_MATMUL": (1, 0), "GATHER": (0, 0)}  # slot, axis

_PARTICULAR = re.compile(r"'[^']*'|u?(int|float)|[-+.e]*\d[-+.\de]*")
# Weights beside data that no kernel takes, or beside float32: written as annotated, with a warning.
_AS_TOLD = re.compile("data,  weights|data, weights with parameters")


# --- the models


def _file_forms():
    """The module of that name in file_forms: another one here has the name as well."""
    sys.path.append(str(HERE / "file_forms"))
    spec = importlib.util.spec_from_file_location("file_forms", HERE / "file_forms" / "forms.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return [data for form in module.all_forms() for data in (form.litert, form.onert)]


def _files():
    return sorted(path for kind in ("circle", "tflite") for path in HERE.rglob(f"*.{kind}"))


@functools.cache
def corpus(quick):
    """[(name, what gives the bytes of its models)] by source; quick: without what takes seconds."""
    def models(items, data=lambda case: case.model):
        items = list(items)
        return len(items), lambda i: data(items[i])

    found = {
        "file": models(_files(), pathlib.Path.read_bytes),
        "upstream": models((*upstream_cases.CASES, *upstream_cases.TWINS),
                           upstream_cases.float_model),
        "operator": models(case_outcomes.measured_cases()),
        "recurrent": models(recurrent.recurrent_cases()),
        "other_writer": models([m for function in other_writers.PAIRS.values()
                                for m in other_writers.both(function)], bytes),
        "composite": models((1, 2, 3), composite_test.float_model),
        "random_graph": (1 << 20, lambda seed: random_graphs.random_graph(seed).model),
        "extreme_graph": (1 << 20, lambda seed: extreme_graphs.extreme_graph(
            seed, ("litert", "onert")[seed % 2]).model),
    }
    if not quick:
        found["operator_form"] = models(operator_forms.all_cases())
        found["file_form"] = models(_file_forms(), bytes)
    return found


# How often each source is drawn from.
_SHARES = {"file": 10, "upstream": 2, "operator": 4, "recurrent": 4, "other_writer": 4,
           "composite": 1, "random_graph": 6, "extreme_graph": 4, "operator_form": 5,
           "file_form": 2}


def random_model(rng, quick):
    """(where it is from, its bytes)."""
    sources = corpus(quick)
    shares = np.array([_SHARES[name] for name in sources], float)
    name = str(rng.choice(list(sources), p=shares / shares.sum()))
    count, data = sources[name]
    index = int(rng.integers(count))
    return f"{name} {index}", data(index)


# --- parameters


class Parameters:
    """Random entries of a model's tensors; `wild` ones may be anything."""

    def __init__(self, rng, model):
        self.rng, self.model = rng, model
        self.wild = rng.random() < 0.2
        self.share = rng.choice([0, 0.1, 0.4, 0.8, 1.0])
        self.kind = str(rng.choice(["uint8", "int8", "int16"]))
        self.decades = rng.choice([0, 0, 1, 8])
        self.per_channel = rng.random() < 0.5
        try:
            self.entries = [e for g, graph in enumerate(model.subgraphs)
                            for e in self.of_graph(g, graph)]
        except (IndexError, TypeError):  # a form of file that leaves out graphs or operator codes
            self.entries = []

    def of_graph(self, g, graph):
        biases, weights = self.slots(graph)
        for t, tensor in enumerate(graph.tensors or []):
            if self.rng.random() >= self.share:
                continue
            has_scale = tensor.quantization is not None and tensor.quantization.scale is not None
            is_float = circle_builder.type_name(tensor.type) == "float32"
            name = f"#{g}/{t}"
            if has_scale and self.rng.random() < 0.3:
                yield self.same(name, tensor)
            elif (is_float and not tensor.isVariable) or (self.wild and self.rng.random() < 0.1):
                yield self.entry(name, tensor, t in biases, weights.get(t))

    def slots(self, graph):
        """The biases, and the channel axis of each tensor of weights."""
        biases, weights = set(), {}
        for node in graph.operators or []:
            op, inputs = circle_builder.operator_name(self.model, node), node.inputs
            if op in _BIASES and len(inputs) > _BIASES[op]:
                biases.add(int(inputs[_BIASES[op]]))
            if op in _WEIGHTS and len(inputs) > _WEIGHTS[op][0]:
                weights[int(inputs[_WEIGHTS[op][0]])] = _WEIGHTS[op][1]
        return biases, weights

    def same(self, name, tensor):
        """What a quantized tensor has already."""
        q = tensor.quantization
        scale = np.asarray(q.scale, np.float32)
        zerop = np.zeros(len(scale), np.int64) if q.zeroPoint is None else q.zeroPoint
        return param_set.Entry(name, circle_builder.type_name(tensor.type), scale,
                               np.asarray(zerop, np.int64), int(q.quantizedDimension))

    def entry(self, name, tensor, is_bias, weights_axis):
        rng = self.rng
        if rng.random() < 0.03:
            return param_set.Entry(name, "float32", None, None, None)
        values = self.constant(tensor)
        shape = [] if tensor.shape is None else [int(d) for d in tensor.shape]
        kind = self.dtype(is_bias, weights_axis is not None and values is not None)
        axis, count = 0, 1
        of_channels = values is not None and (is_bias or weights_axis is not None or self.wild)
        if of_channels and self.per_channel and shape and kind != "int64":
            axis = min(weights_axis or 0, len(shape) - 1)
            if self.wild:
                axis = int(rng.integers(len(shape)))
            count = max(1, shape[axis])
        reach = 4.0
        if values is not None and np.size(values) and np.issubdtype(values.dtype, np.floating):
            reach = float(np.nanmax(np.abs(np.nan_to_num(values)))) or 1.0
        scale = reach / _RANGES[kind][1] * 10.0**rng.uniform(-self.decades, self.decades, count)
        scale = np.clip(scale * rng.uniform(0.5, 2, count), 1e-38, 3e38).astype(np.float32)
        value = self.value(kind, shape) if values is not None and rng.random() < 0.3 else None
        return param_set.Entry(name, kind, scale, self.zero_points(kind, count, is_bias), axis,
                               value)

    def constant(self, tensor):
        """None for activations, and where the file's form is one that the builder doesn't read."""
        try:
            return circle_builder.constant(self.model, tensor)
        except (KeyError, TypeError, ValueError):
            return None

    def dtype(self, is_bias, is_weights):
        rng = self.rng
        if rng.random() < (0.5 if self.wild else 0.03):
            return str(rng.choice(list(_RANGES)))
        if is_bias:
            return "int64" if self.kind == "int16" else "int32"
        if is_weights:
            return {"int16": "int8"}.get(self.kind, self.kind) if rng.random() < 0.9 else (
                str(rng.choice(["int4", "uint4", "int8", "int16"])))
        return self.kind

    def zero_points(self, kind, count, is_bias):
        rng = self.rng
        low, high = _RANGES[kind]
        if is_bias or kind in ("int16", "int32", "int64") and rng.random() < 0.9:
            return np.zeros(count, np.int64)
        if self.per_channel and count > 1 and rng.random() < 0.8 or rng.random() < 0.3:
            return np.full(count, 0 if low else 1 << (7 if high == 255 else 3), np.int64)
        if rng.random() < 0.1:
            return np.full(count, rng.choice([low, high]), np.int64)
        return rng.integers(low, high, count, endpoint=True)

    def value(self, kind, shape):
        low, high = _RANGES[kind]
        stored = {"int4": "int8", "uint4": "uint8"}.get(kind, kind)
        reach = min(high, 10**6)
        return self.rng.integers(max(low, -reach), reach, shape, stored, endpoint=True)

    def write(self, folder):
        folder = pathlib.Path(folder)
        numbered = [e for e in self.entries if e.scale is not None]
        keys = {e.name: e.name for e in numbered}
        for e in numbered:  # file names
            keys[e.name.replace("#", "_").replace("/", "_")] = keys.pop(e.name)
            e.name = e.name.replace("#", "_").replace("/", "_")
        param_set.write(folder, numbered, keys)
        path = folder / "param.json"
        document = json.loads(path.read_text())
        document |= {e.name: {"dtype": "float32"} for e in self.entries if e.scale is None}
        if self.rng.random() < 0.02:
            document["no such tensor"] = {"dtype": "float32"}
        path.write_text(json.dumps(document, indent=1))


# --- command lines


def _types(rng, count):
    kinds = ["float32", "uint8", "int8", "int16"]
    if rng.random() < 0.5 or count == 0:
        return str(rng.choice(kinds))
    return ",".join(str(k) for k in rng.choice(kinds, count))


def implant_options(rng, inputs, outputs):
    """Of q-implant, for a model with so many inputs and outputs; most runs have few."""
    options = []
    share = rng.choice([0.03, 0.15, 0.4])
    if rng.random() < 0.6:
        options += ["--target", str(rng.choice(["litert", "onert"]))]
    for words in (["--hybrid"], ["--keep_bias"], ["--weights_range", "narrow|full"],
                  ["--input_type", inputs], ["--output_type", outputs],
                  ["--eight_bit", "int8|uint8"], ["--check", "luci"], ["--require_all"],
                  ["--ignore_unknown"], ["--check_values", "off|warn|error"], ["--weight_only"],
                  ["--verbose"], ["--print_before"], ["--print_after"], ["--dry_run"]):
        often = 0.1 if words[0] in ("--require_all", "--dry_run", "--print_before") else 1
        if words[0] == "--eight_bit" and options[:1] == ["--target"]:
            often = 0.1  # they exclude each other
        if rng.random() >= share * often:
            continue
        if len(words) == 2:
            words[1] = (str(rng.choice(words[1].split("|"))) if isinstance(words[1], str)
                        else _types(rng, words[1]))
        options += words
    return options


_PASSES = (["--target", "litert"], ["--target", "onert"], ["--eight_bit", "uint8"],
           ["--eight_bit", "int8"], ["--remove_needless_quantize"], ["--remove_unused_buffers"],
           ["--remove_unused_operator_codes"], ["--remove_unused_tensors"], ["--check", "luci"])


def passes(rng):
    """Of circle2circle."""
    chosen = rng.choice(len(_PASSES), int(rng.integers(1, 4)), replace=False)
    return [word for i in chosen for word in _PASSES[i]] + (
        ["--verify_each"] if rng.random() < 0.3 else [])


# --- one seed


class Examination:
    """What is wrong with the commands of one seed."""

    def __init__(self, seed, folder, quick):
        self.folder = folder
        self.problems, self.ends = [], collections.Counter()
        rng = np.random.default_rng([seed, 11])
        self.source, data = random_model(rng, quick)
        (folder / "model.circle").write_bytes(data)
        try:
            model = circle_builder.unpack(data)
        except TypeError:  # a form of file that leaves out buffers
            model = circle_builder.table("Model", subgraphs=[])
        self.faults = self.kinds_of_faults("model.circle")
        Parameters(rng, model).write(folder)
        ends = [len(v) if v is not None else 0 for graph in (model.subgraphs or [])[:1]
                for v in (graph.inputs, graph.outputs)]
        self.options = implant_options(rng, *(ends or (0, 0)))
        self.passes = [passes(rng), passes(rng)]
        self.also_adapts, self.extracts = rng.random() < 0.5, rng.random() < 0.3
        self.again = rng.choice([None, "litert", "onert"], p=[0.6, 0.2, 0.2])

    def kinds_of_faults(self, name):
        """What the checker finds, without names, places, types and numbers; None where the file's form is
        one that it doesn't read."""
        try:
            found = model_checker.check(self.folder / name)
        except (AttributeError, IndexError, TypeError):
            return None
        kinds = (_PARTICULAR.sub("", text.split(": ", 1)[-1]) for text in found)
        return collections.Counter(kind for kind in kinds if not _AS_TOLD.search(kind))

    def run(self):
        report = self.folder / "report.json"
        ended = self.command("q-implant", "model.circle", "param.json", "out.circle",
                             "--report", "report.json", *self.options)
        if ended in (0, 1) and report.exists():
            try:  # names stand there as they are, in whatever encoding
                json.loads(report.read_text(errors="replace"))
            except ValueError as error:
                self.problems.append(f"report.json: {error}")
        if (self.folder / "out.circle").exists():
            # Written as told, with a warning.
            as_told = {"--keep_bias", "--eight_bit", "--hybrid"} & set(self.options)
            self.check_output("out.circle", checks=not as_told)
            if self.also_adapts:
                self.adapt("out.circle", self.passes[0])
            if self.again is not None:
                (self.folder / "none.json").write_text("{}")
                self.command("q-implant", "out.circle", "none.json", "more.circle", "--target",
                             self.again)
            if self.extracts:
                self.command("q-extract", "--input", "out.circle", "--output_dir", "params")
        if not self.also_adapts:
            self.adapt("model.circle", self.passes[1])

    def adapt(self, source, words):
        target = "adapted_" + source
        self.command("circle2circle", *words, source, target)
        if (self.folder / target).exists():
            self.check_output(target, checks=False)

    def command(self, name, *words):
        """Its exit status; None for none."""
        line = " ".join((name, *words))
        try:
            done = subprocess.run([commands.find(name), *words], cwd=self.folder, check=False,
                                  capture_output=True, timeout=SECONDS_PER_COMMAND)
        except subprocess.TimeoutExpired:
            self.problems.append(f"{line}: takes more than {SECONDS_PER_COMMAND} seconds")
            return None
        text = (done.stdout + done.stderr).decode(errors="replace")
        usage = 255 if name == "circle2circle" else 2
        self.ends[f"{name} {done.returncode}"] += 1
        if done.returncode not in (0, 1, usage):
            self.problems.append(f"{line}: ended with {done.returncode}: {text[-300:]}")
        if re.search("report this as a bug|internal error|INTERNAL", text):
            at = text.find("report this as a bug")
            self.problems.append(f"{line}: {text[max(at - 60, 0):at + 400] if at >= 0 else text}")
        if done.returncode not in (0,) and "error" not in text and "nothing was" not in text:
            self.problems.append(f"{line}: gives no reason for {done.returncode}: {text[:300]}")
        return done.returncode

    def check_output(self, name, checks):
        if self.command("roundtrip_tool", name, "again.circle") != 0:
            self.problems.append(f"{name} is not taken again")
        elif checks and self.faults is not None:
            new = self.kinds_of_faults(name) - self.faults
            self.problems += [f"checker: {text} ({' '.join(self.options)})" for text in new]


def examine(seed, keep=None, quick=False):
    """(where the model is from, problems, how the commands ended)."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        examination = Examination(seed, folder, quick)
        examination.run()
        if keep and examination.problems:
            (folder / "options").write_text(" ".join(examination.options) + "\n")
            (folder / "problems").write_text("\n".join(examination.problems) + "\n")
            shutil.copytree(folder, pathlib.Path(keep, str(seed)), dirs_exist_ok=True)
    return examination.source, examination.problems, examination.ends


def _examine(arguments):
    try:
        return arguments[0], *examine(*arguments)
    except Exception:  # pylint: disable=broad-exception-caught
        return arguments[0], "?", [traceback.format_exc()], collections.Counter()


def examine_all(seeds, keep=None, quick=False, jobs=None):
    """Yields (seed, *examine(seed)); forks, so no runtime may be loaded."""
    corpus(quick)  # once, before the processes part
    with concurrent.futures.ProcessPoolExecutor(jobs or os.cpu_count()) as pool:
        yield from pool.map(_examine, [(seed, keep, quick) for seed in seeds], chunksize=20)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0..1000", help="FIRST..LAST, without the last")
    parser.add_argument("--keep", help="where to put the files of seeds with problems")
    parser.add_argument("--quick", action="store_true", help="fewer models: those of the test")
    parser.add_argument("--jobs", type=int)
    args = parser.parse_args()
    ends, bad, count = collections.Counter(), 0, 0
    seeds = range(*map(int, args.seeds.split("..")))
    for seed, source, problems, ended in examine_all(seeds, args.keep, args.quick, args.jobs):
        count += 1
        ends += ended
        for problem in problems:
            print(f"{seed} ({source}): {problem}", flush=True)
        bad += bool(problems)
    print(f"{count} seeds, {bad} with problems, {ends.total()} commands: "
          f"{', '.join(f'{n} x {e}' for e, n in sorted(ends.items()))}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
