# SPDX-License-Identifier: Apache-2.0
"""Nodes that nobody measured keep what they take and give; the operators beside them are adapted."""

import collections
import concurrent.futures
import subprocess

import claims
import commands
import model_checker
import operators
import pytest
from cases import Data, build
from testdata_path import circle_builder


def between_unknown_nodes(spec, kind):
    """The operator's model, with a custom node before its first input and one behind its output."""
    model = circle_builder.unpack(build(spec, kind, "different").model)
    graph = model.subgraphs[0]
    code = len(model.operatorCodes)
    model.operatorCodes.append(circle_builder.table(
        "OperatorCode", builtinCode=32, deprecatedBuiltinCode=32, customCode="mine", version=1))

    def twin(index, name):
        old = graph.tensors[index]
        graph.tensors.append(circle_builder.table(
            "Tensor", name=name, shape=old.shape, type=old.type, quantization=old.quantization))
        return len(graph.tensors) - 1

    def custom(source, target):
        return circle_builder.table("Operator", opcodeIndex=code, inputs=[source], outputs=[target])

    first, last = int(graph.inputs[0]), int(graph.outputs[0])
    start, end = twin(first, "start"), twin(last, "end")
    graph.inputs = [start, *map(int, graph.inputs[1:])]
    graph.outputs = [end, *map(int, graph.outputs[1:])]
    graph.operators = [custom(start, first), *graph.operators, custom(last, end)]
    return circle_builder.pack(model)


def forms(data):
    """What the custom nodes take and give, in order."""
    model = circle_builder.unpack(data)
    graph, found = model.subgraphs[0], []
    for node in graph.operators:
        if circle_builder.operator_name(model, node) == "CUSTOM":
            for index in [*node.inputs, *node.outputs]:
                tensor = graph.tensors[index]
                scale = tensor.quantization and tensor.quantization.scale
                found.append((tensor.type, None if scale is None else tuple(scale),
                              None if scale is None else tuple(tensor.quantization.zeroPoint)))
    return found


def nodes(path):
    model = circle_builder.unpack(path.read_bytes())
    return [circle_builder.operator_name(model, node) for node in model.subgraphs[0].operators]


def specs():
    """Of those whose first input is data of run time, one of each operator."""
    found = {}
    for spec in operators.SPECS:
        if isinstance(spec.inputs[0], Data) and not spec.inputs[0].constant:
            found.setdefault(spec.op, spec)
    return found.values()


@pytest.mark.parametrize("runtime", claims.RUNTIMES)
def test_neighbours_are_adapted_and_unknown_nodes_are_not(runtime, tmp_path):
    jobs = [(spec, kind) for spec in specs() for kind in claims.TYPES]

    def adapt(job):
        spec, kind = job
        path = tmp_path / f"{spec.op}.{kind}.circle"
        path.write_bytes(between_unknown_nodes(spec, kind))
        out, again = path.with_suffix(".out"), path.with_suffix(".again")
        for source, target in ((path, out), (out, again)):
            done = subprocess.run([commands.find("circle2circle"), "--target", runtime, source,
                                   target], check=False, capture_output=True, text=True)
            if done.returncode != 0:
                return f"refused: {done.stderr}"
            if "has not measured mine" not in done.stderr:
                return f"not told: {done.stderr}"
        if forms(out.read_bytes()) != forms(path.read_bytes()):
            return "changed"
        if again.read_bytes() != out.read_bytes():
            return "not the same again"
        new = set(model_checker.check(out)) - set(model_checker.check(path))
        if new:
            return f"faulty: {new}"
        return "adapted" if nodes(out) != nodes(path) else "as it came"

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        ends = dict(zip([(spec.op, kind) for spec, kind in jobs], pool.map(adapt, jobs)))
    assert {job: end for job, end in ends.items() if end not in ("adapted", "as it came")} == {}
    assert min(collections.Counter(ends.values())[end] for end in ("adapted", "as it came")) > 5
