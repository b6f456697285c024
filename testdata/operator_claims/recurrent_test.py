# SPDX-License-Identifier: Apache-2.0
"""Holds the program's rules for operators with a state against what was measured.

What it says of each measured node, and what it makes of the float32 twins of those that are right.
"""

import concurrent.futures
import dataclasses
import functools
import subprocess

import claims
import commands
import measure
import model_checker
import numpy as np
import pytest
import recurrent
from testdata_path import circle_builder, run_model

_TOLD = {"right": None, "wrong": "computes wrong values for ", "refused": "does not run "}
_MISREAD_VARIABLE = "for other numbers than were written"
# The float32 model has a clip as well, and each rounding is of 8 bits.
_SNR_TO_FLOAT_DB = 25


@functools.cache
def cases():
    return list(recurrent.recurrent_cases())


@functools.cache
def verdicts():
    return {tuple(claim.get(key, "") for key in ("operator", "type", "sides", "variant")): claim
            for claim in claims.CLAIMS}


def run(program, *arguments):
    done = subprocess.run([commands.find(program), *arguments], check=False, capture_output=True,
                          text=True)
    return done.returncode, done.stdout, done.stderr


def told(case, runtime, folder):
    """What q-implant says for a runtime of a model that comes as it was measured."""
    path = folder / f"{abs(hash(case.key))}.{runtime}.circle"
    path.write_bytes(case.model)
    status, _, err = run("q-implant", "--target", runtime, path, folder / "empty.json",
                         path.with_suffix(".out"))
    assert status == 0, (case.key, err)
    return err


@pytest.mark.parametrize("runtime", claims.RUNTIMES)
def test_each_measured_node_is_judged_as_measured(runtime, tmp_path):
    (tmp_path / "empty.json").write_text("{}")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        texts = list(pool.map(lambda case: told(case, runtime, tmp_path), cases()))
    odd = []
    for case, text in zip(cases(), texts):
        word = claims.verdict(verdicts()[case.key], runtime)
        if case.operator.endswith("_VARIABLE") and case.sides == "different":
            fits = _MISREAD_VARIABLE in text if runtime == "litert" else "does not run" in text
        elif word == "right":
            fits = f" {case.operator}" not in text
        elif runtime == "litert":
            fits = _TOLD[word] + case.operator in text
        else:  # where it takes its process down it does not run either
            fits = "does not run " + case.operator in text
        if not fits:
            odd.append((case.key, word, text))
    assert odd == []


# --- what the program makes of float32 twins


def twin(data):
    """The same model in float32, with the numbers that the integers of constants stand for."""
    model = circle_builder.unpack(data)
    for tensor in [t for graph in model.subgraphs for t in graph.tensors]:
        quantization, values = tensor.quantization, circle_builder.constant(model, tensor)
        if quantization is None or quantization.scale is None:
            continue
        if values is not None:
            real = (values.astype(np.float64) - quantization.zeroPoint[0]) * np.float64(
                quantization.scale[0])
            model.buffers[tensor.buffer].data = real.astype(np.float32).tobytes()
        tensor.type, tensor.quantization = circle_builder.tensor_type("float32"), None
    return circle_builder.pack(model)


def right_cases():
    return [case for case in cases() if case.type in claims.TYPES and
            claims.verdict(verdicts()[case.key], "litert") == "right"]


def implanted(case, folder, *options):
    """The model that q-implant makes of the twin, with what q-extract takes out of the case's."""
    quantized, twin_path = folder / "quantized.circle", folder / "float.circle"
    quantized.write_bytes(case.model)
    twin_path.write_bytes(twin(case.model))
    status, _, err = run("q-extract", "--input", quantized, "--output_dir", folder / "params")
    assert (status, err) == (0, ""), case.key
    out = folder / "out.circle"
    status, _, err = run("q-implant", *options, twin_path, folder / "params" / "param.json", out)
    assert (status, err) == (0, ""), case.key
    return quantized, out


@pytest.fixture(scope="module", name="again")
def _again(tmp_path_factory):
    """Of each right case: the folder with what was made of it."""
    folders = [tmp_path_factory.mktemp("again") for _ in right_cases()]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(implanted, right_cases(), folders))
    return list(zip(right_cases(), folders))


def test_extracted_parameters_make_the_quantized_model_again(again):
    assert len(again) > 25
    for case, folder in again:
        quantized, out = folder / "quantized.circle", folder / "out.circle"
        status, same, _ = run("q-extract", "--input", quantized, "--diff", out)
        added = "_intermediate: only in the second"  # where the model came without
        assert status == 0 or all(added in line for line in same.splitlines()[:-1]), same
        assert model_checker.check(out) == [], case.key
        plain = out.read_bytes()
        assert implanted(case, folder, "--target", "litert")[1].read_bytes() == plain, case.key


def test_what_is_made_is_right(again):
    made = [dataclasses.replace(case, model=(folder / "out.circle").read_bytes())
            for case, folder in again]
    assert [claim["litert"] for claim in measure.measure(made)] == ["right"] * len(made)


@pytest.mark.parametrize("operator", ["LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM", "SVDF"])
def test_the_numbers_are_those_of_float32(operator, tmp_path):
    (case,) = [c for c in right_cases() if c.operator == operator and c.variant == "plain"]
    _, out = implanted(case, tmp_path)
    x = run_model.graph_ends(out)[0][0]
    inputs = [run_model.dequantize(case.inputs[0], x)]
    wanted, found = (run_model.run_float_many(run_model.run_litert_many, path, inputs)[0]
                     for path in (tmp_path / "float.circle", out))
    snr = 10 * np.log10((wanted**2).sum() / ((wanted - found)**2).sum())
    assert snr > _SNR_TO_FLOAT_DB


def test_what_the_float32_model_lacks_is_made(tmp_path):
    """Converters leave the intermediates out of float32 models."""
    (case,) = [c for c in right_cases()
               if c.operator == "UNIDIRECTIONAL_SEQUENCE_LSTM" and c.variant == "cifg"]
    model = circle_builder.unpack(case.model)
    graph = model.subgraphs[0]
    gone = {int(i) for i in graph.operators[0].intermediates}
    assert len(gone) == 5
    new = {old: i for i, old in enumerate(t for t in range(len(graph.tensors)) if t not in gone)}
    graph.tensors = [t for i, t in enumerate(graph.tensors) if i not in gone]
    node = graph.operators[0]
    node.intermediates = None
    node.inputs = [new.get(int(i), -1) for i in node.inputs]
    node.outputs = graph.outputs = [new[int(i)] for i in node.outputs]
    (tmp_path / "quantized.circle").write_bytes(case.model)
    (tmp_path / "float.circle").write_bytes(twin(circle_builder.pack(model)))
    run("q-extract", "--input", tmp_path / "quantized.circle", "--output_dir", tmp_path / "params")
    out = tmp_path / "out.circle"
    status, _, err = run("q-implant", tmp_path / "float.circle",
                         tmp_path / "params" / "param.json", out)
    assert (status, err) == (0, "")
    (claim,) = measure.measure([dataclasses.replace(case, model=out.read_bytes())])
    assert claim["litert"] == "right"


@pytest.mark.parametrize("runtime", claims.RUNTIMES)
def test_quantized_models_of_them_stay_as_they_came(runtime, tmp_path):
    for case in right_cases():
        path, out = tmp_path / "in.circle", tmp_path / "out.circle"
        path.write_bytes(case.model)
        status, _, err = run("circle2circle", "--target", runtime, path, out)
        assert status == 0, (case.key, err)
        assert (err == "") == (runtime == "litert"), (case.key, err)
        assert run("q-extract", "--input", path, "--diff", out)[0] == 0, case.key
