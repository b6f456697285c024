# SPDX-License-Identifier: Apache-2.0
"""What holds with --target whatever the scales and the constants.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/extreme_graphs_test.py
    Q_IMPLANT_BIN_DIR=build/bin python testdata/extreme_graphs_test.py --target onert \\
        --seeds 1000..3000 --keep DIR

Each seed is a graph of extreme_graphs.py, written for a target and run there in a process of its
own: it loads, it does not take its process down, and each float32 output is 30 dB from the
fake-quantized model, or a warning names a tensor on the way to it. With --wide a graph is also of
operators that the runtime lacks in float32, and it may be refused where a warning says so.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import circle_builder  # noqa: E402
import extreme_graphs  # noqa: E402
import fake_quant  # noqa: E402
import param_set  # noqa: E402
import random_graphs  # noqa: E402
import random_graphs_test  # noqa: E402
import run_model  # noqa: E402
from random_graphs_test import MIN_CONDITION_DB, MIN_SNR_DB, File, snr_db  # noqa: E402

TARGETS = ("litert", "onert")
# Those from 10000 on were wrong with no word once.
SEEDS = {"litert": range(40), "onert": (*range(40), 20430, 21986, 21988)}
WIDE_SEEDS = (*range(12), 40388)
_REFUSED = re.compile("does not (run|load)|crashes on")
_CURVES = ("LOGISTIC", "TANH", "SOFTMAX", "EXP", "ELU", "GELU", "HARD_SWISH", "RSQRT", "LOG", "SQRT")
# What q-implant calls a tensor of its own.
_MADE = re.compile("(_quantized|_dequant|_float|_dup)(_[0-9]+)?$")


class Examination(random_graphs_test.Examination):
    """A seed's graph on a target."""

    def __init__(self, seed, folder, target, wide):  # pylint: disable=super-init-not-called
        self.seed, self.folder, self.target, self.wide = seed, folder, target, wide
        self.problems = collections.defaultdict(list)
        self.kinds, self.excluded, self.compared, self.told = set(), [], [], 0
        self.graph = extreme_graphs.extreme_graph(seed, target, wide)
        self.parameters = extreme_graphs.extreme_parameters(self.graph, seed)
        self.graph = extreme_graphs.with_inputs_within(self.graph, self.parameters.reference)
        self.float_ends, self.runtime = True, target
        self.model = folder / "model.circle"
        self.model.write_bytes(self.graph.model)

    def run(self):
        self.parameters.write(self.folder / "params")
        result = self.implant("params", "result.circle", "--target", self.target, "--report",
                              self.folder / "report.json")
        # Makers give operators up that the target lacks, and leave their constants behind.
        self.problems["sound"] = [text for text in self.problems["sound"]
                                  if not text.endswith("nothing uses it")]
        if result is not None:
            with np.errstate(all="ignore"):
                self.check_follows(File(result))

    def run_reference(self, entries):
        model = fake_quant.fake_quantized(self.graph.runnable, entries, cut_off=True)
        return random_graphs.run(model, self.graph.samples)

    def check_follows(self, result):
        before = File(self.graph.model)
        outputs = [int(i) for i in before.graph.outputs]
        expected, ranges = self.run_reference(self.parameters.reference)
        names = {self.graph.names[i]: r for i, r in ranges.items() if i < len(self.graph.names)}
        jittered = [self.run_reference(self.in_other_steps(factor))[0]
                    for factor in random_graphs_test.OTHER_STEPS]
        coarser, _ = self.run_reference(self.with_fixed_outputs(
            result, self.coarser_reference(result, names)))
        warned = warned_tensors(self.report["diagnostics"])
        infinite = {name for name, r in names.items() if not np.isfinite(r).all()}
        if not self.parameters.reference:
            self.excluded += ["a float32 graph, which is the runtime's own"] * len(outputs)
            return
        if self.target == "onert" and not self.wide and not self.runs_in_float32(expected):
            self.excluded += ["a graph that onert does not run in float32"] * len(outputs)
            return
        try:
            found = self.run_on_target()
        except (ValueError, RuntimeError) as error:
            if self.wide and self.is_refusal_told():
                self.excluded += ["a graph of which a warning says that it does not run"]
                return
            self.problem("loads", f"{self.target} refuses it: {str(error)[:300]}")
            return
        jumping = self.jumping(before)
        for n, index in enumerate(outputs):
            if index not in self.graph.activations:
                continue
            ways = ways_to(before, index)
            if ways & infinite or 0 < np.abs(expected[n]).max() < 1e-35:
                self.excluded.append("an output of what is not finite, or below the normal numbers")
                continue
            snr = snr_db(expected[n], found[n].reshape(expected[n].shape))
            condition = min(snr_db(expected[n], other[n]) for other in jittered)
            besides = snr_db(expected[n], coarser[n])
            if snr >= MIN_SNR_DB:
                self.compared.append(float(snr))
            elif ways & warned:
                self.told += 1
            elif index in jumping or np.ptp(expected[n]) == 0 or min(
                    condition, besides) < MIN_CONDITION_DB:
                self.excluded.append("an output that is constant, or that a step moves far")
            elif self.target == "litert" and not (
                    self.delegate_snr(n, expected) >= MIN_CONDITION_DB):
                self.excluded.append("an output that XNNPACK's float32 kernels get wrong")
            else:
                self.problem("follows", f"'{self.graph.names[index]}' is {snr:.1f} dB from the "
                             f"fake-quantized model ({condition:.0f} dB in other steps, "
                             f"{besides:.0f} dB with what had to be quantized besides), and "
                             f"nothing on the way is told of; told: {sorted(map(str, warned))}")

    def jumping(self, before):
        """Indices of what a step of a tensor moves far: one that is as large as its values, or the
        input of a curve; and of what is made of it."""
        steps = {e.name: e.scale[0] for e in self.parameters.reference if len(e.scale) == 1}
        found = set(self.graph.jumping) | {
            i for i in self.graph.activations
            if steps.get(before.names[i], 0) > max(map(abs, self.graph.ranges[i])) / 4}
        for node in before.graph.operators:
            inputs = before.inputs(node)
            curved = before.op(node) in _CURVES and steps.get(before.names[inputs[0]], 0) > 1
            if curved or found & set(inputs):
                found |= set(before.outputs(node))
        return found

    @staticmethod
    def with_fixed_outputs(result, entries):
        """The entries, those of what a kernel puts out in coarser steps than annotated with its."""
        makers = {i: result.op(node) for node in result.graph.operators
                  for i in result.outputs(node)}
        made = {}
        for i, name in enumerate(result.names):
            if makers.get(i) in ("LOGISTIC", "TANH", "SOFTMAX", "LOG_SOFTMAX", "L2_NORMALIZATION") \
                    and result.params(i) is not None:
                made[name.rpartition("_quantized")[0]] = result.params(i)

        def coarser(entry):
            kind, scale, zerop, _ = made.get(entry.name, (None, (0,), (0,), 0))
            if scale[0] <= entry.scale[0]:
                return entry
            return param_set.Entry(entry.name, kind, np.float32(scale), np.int64(zerop))

        return [coarser(entry) for entry in entries]

    def is_refusal_told(self):
        return any(d["severity"] == "warning" and _REFUSED.search(d["problem"])
                   for d in self.report["diagnostics"])

    def runs_in_float32(self, expected):
        """And gives arrays of these sizes."""
        path = self.folder / "float.circle"
        path.write_bytes(circle_builder.repack(self.graph.runnable, b"CIR0"))
        try:
            found = run_model.run_onert_many(path, self.graph.samples)
        except RuntimeError:
            return False
        return [y.size for y in found] == [y.size for y in expected]

    def delegate_snr(self, n, expected):
        """How near the fake-quantized model itself comes to what LiteRT's own kernels make of it,
        where XNNPACK computes it. Its sigmoid of 1e34 is not a number."""
        model = fake_quant.fake_quantized(self.graph.runnable, self.parameters.reference,
                                          cut_off=True)
        path = self.folder / "reference.tflite"
        path.write_bytes(model)
        return snr_db(expected[n], run_model.run_litert_many(path, self.graph.samples)[n])

    def run_on_target(self):
        path = self.folder / "result.circle"
        run = {"litert": run_model.run_litert_many, "onert": run_model.run_onert_many}
        sources, targets = run_model.graph_ends(path)
        inputs = [x if x.dtype == np.int32 else run_model.quantize(x, end)
                  for x, end in zip(self.graph.samples, sources, strict=True)]
        outputs = run[self.target](path, inputs)
        return [y if end.dtype == "int32" else run_model.dequantize(y, end)
                for y, end in zip(outputs, targets, strict=True)]


def warned_tensors(diagnostics):
    """The names of the model's tensors that a warning names, or a note that says the same of one as
    a warning of another. A name may look like one that q-implant makes."""
    named = [d["tensor"] for d in diagnostics if "tensor" in d and (
        d["severity"] == "warning" or d["severity"] == "note" and ", like '" in d["problem"])]
    return {*named, *(_MADE.sub("", name) for name in named)}


def ways_to(file, index):
    """The names of the tensor and of all that it is made from."""
    makers = {i: node for node in file.graph.operators for i in file.outputs(node)}
    found, waiting = set(), [index]
    while waiting:
        tensor = waiting.pop()
        if tensor < 0 or tensor in found:
            continue
        found.add(tensor)
        if tensor in makers:  # a warning names a node by its first output
            waiting += [*file.inputs(makers[tensor]), *file.outputs(makers[tensor])]
    return {file.names[i] for i in found}


def examine(target, wide):
    """A function for random_graphs_test.examine_all()."""

    def one(seed, folder):
        examination = Examination(seed, folder, target, wide)
        examination.run()
        return {"problems": examination.problems, "excluded": examination.excluded,
                "compared": examination.compared, "told": examination.told}

    return one


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", choices=TARGETS, required=True)
    parser.add_argument("--wide", action="store_true", help="all operators that LiteRT has")
    parser.add_argument("--seeds", help="FIRST..LAST, without the last; else the test's")
    parser.add_argument("--keep", help="where to put the files of seeds with problems")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--json", help="where to write all outcomes")
    args = parser.parse_args()
    known = WIDE_SEEDS if args.wide else SEEDS[args.target]
    seeds = range(*map(int, args.seeds.split(".."))) if args.seeds else known
    outcomes, bad = {}, 0
    for seed, outcome in random_graphs_test.examine_all(seeds, args.keep, args.jobs,
                                                        examine(args.target, args.wide)):
        outcomes[seed] = outcome
        for name, problems in outcome["problems"].items():
            for problem in problems:
                print(f"{seed}: {name}: {problem}", flush=True)
                bad += 1
    compared = sum(len(o["compared"]) for o in outcomes.values())
    told = sum(o.get("told", 0) for o in outcomes.values())
    excluded = collections.Counter(why for o in outcomes.values() for why in o["excluded"])
    print(f"{len(outcomes)} seeds, {bad} problems, {compared} outputs of {MIN_SNR_DB} dB or more, "
          f"{told} that a warning tells of; not compared: {dict(excluded)}")
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(outcomes))
    return 1 if bad else 0


@pytest.mark.parametrize("target, wide", (*((target, ()) for target in TARGETS),
                                          ("onert", ("--wide",))))
def test_runs_and_follows_or_is_told(target, wide, tmp_path):
    """From a process without runtimes."""
    path = tmp_path / "outcomes.json"
    subprocess.run([sys.executable, __file__, "--target", target, *wide, "--json", path],
                   check=False, capture_output=True)
    outcomes = json.loads(path.read_text())
    assert len(outcomes) == len(WIDE_SEEDS if wide else SEEDS[target])
    problems = [f"seed {seed}: {name}: {text}" for seed, outcome in outcomes.items()
                for name, texts in outcome["problems"].items() for text in texts]
    assert not problems, "\n".join(problems)
    compared = sum(len(o["compared"]) for o in outcomes.values())
    excluded = sum(len(o["excluded"]) for o in outcomes.values())
    assert compared > 2 * excluded, (compared, excluded)


if __name__ == "__main__":
    sys.exit(main())
