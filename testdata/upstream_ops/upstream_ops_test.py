# SPDX-License-Identifier: Apache-2.0
"""Upstream ONE's q-implant operator cases, through q-implant and on the runtimes.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest testdata/upstream_ops

Each case is implanted in uint8, int8 and int16, with weights per tensor and per channel, in each
way of annotating it (annotate.py). What was annotated is in the result exactly, and its operator
computes in integers where operator_claims has a kernel. Each runtime that by the claims is right
for every node of the result computes what float64 arithmetic on the stored integers gives, within
one step of the output:

- uint8: all cases on LiteRT; on onert too, but for a Quantize from uint8 to uint8.
- uint8 with weights per channel: onert only, Conv2D_004 and the depthwise ones.
- int8, weights per tensor or per channel: all on LiteRT; on onert Conv, DepthwiseConv, Add, Mul,
  and with equal or fixed parameters AveragePool, Concatenation, Pad, Reshape, Softmax.
- int16: all on LiteRT, none on onert.
- No runtime has a kernel of int8 data with uint8 weights: float32, on LiteRT. Conv2D_005, which has
  no bias, gets one of zeros, for no runtime does without; onert takes no Reshape without a shape
  input.

README.md has the table, case by case; it is checked here. To write it again:

    Q_IMPLANT_BIN_DIR=build/bin python testdata/upstream_ops/upstream_ops_test.py
"""

import concurrent.futures
import functools
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "operator_claims"), str(HERE.parent)]
import annotate  # noqa: E402
import cases  # noqa: E402
import circle_builder  # noqa: E402
import claimed  # noqa: E402
import commands  # noqa: E402
import measure  # noqa: E402
import model_checker  # noqa: E402
import param_set  # noqa: E402
import runner  # noqa: E402
import upstream_cases  # noqa: E402
from annotate import RECIPES, Job  # noqa: E402
from upstream_cases import Bias, Weights  # noqa: E402

README = HERE / "README.md"

# Runtimes that refuse the float32 model as well, which the claims don't say of these options.
REFUSE_FLOAT32 = {("Reshape_000", "onert"): "a Reshape without a shape input"}
ALL_CASES = (*upstream_cases.CASES, *upstream_cases.TWINS)
POSSIBLE = [Job(case, recipe, mode) for case in ALL_CASES for recipe in RECIPES
            if annotate.applies(case, recipe) for mode in annotate.modes(case, recipe)]
# Scales per channel of weights that are no constant.
ERRORS = [j for j in POSSIBLE
          if j.recipe.per_channel and not j.case.slots(Weights)["ker"].constant]
JOBS = [j for j in POSSIBLE if j not in ERRORS]
each_job = pytest.mark.parametrize("job", JOBS, ids=str)


# --- one job implanted


class Result:
    """A job's parameters, what q-implant said and what it wrote, in the folder."""

    def __init__(self, job, folder, name):
        self.job, self.path = job, folder / f"{name}.circle"
        self.entries = {entry.name: entry for entry in annotate.entries(job)}
        self.source, params = folder / f"{name}.float32.circle", folder / name
        self.source.write_bytes(upstream_cases.float_model(job.case))
        param_set.write(params, self.entries.values())
        line = [commands.find("q-implant"), "--input", self.source, "--param",
                params / "param.json", "--output", self.path]
        self.run = subprocess.run(line, capture_output=True, text=True, check=False)

    @functools.cached_property
    def model(self):
        return circle_builder.unpack(self.path.read_bytes())

    @functools.cached_property
    def tensors(self):
        return {circle_builder.tensor_name(t): t for t in self.model.subgraphs[0].tensors}

    def stored(self, name):
        """The numbers of a constant; one without elements has none in the file."""
        tensor = self.tensors[name]
        if not np.prod(tensor.shape):
            kind = circle_builder.type_name(tensor.type)
            return np.zeros(tensor.shape, circle_builder.numpy_type(kind))
        return circle_builder.constant(self.model, tensor)

    def real(self, name, integers):
        """What integers of a tensor stand for in float64."""
        tensor = self.tensors[name]
        if circle_builder.type_name(tensor.type) == "float32":
            return integers.astype(np.float64)
        scale, zerop = (along_axis(values, tensor.quantization.quantizedDimension, integers.ndim)
                        for values in (tensor.quantization.scale, tensor.quantization.zeroPoint))
        return (integers.astype(np.float64) - zerop) * scale.astype(np.float64)

    @functools.cached_property
    def fed(self):
        """{name: [samples, ...] integers} of the graph's inputs, in order."""
        case = self.job.case
        drawn = annotate.inputs(self.job, self.entries)
        count = upstream_cases.sample_count(case)
        return {n: drawn[n] if n in drawn else np.stack([self.stored(n)] * count)
                for n in case.fed()}

    @functools.cached_property
    def expected(self):
        """[samples, ...] integers: float64 arithmetic on what the stored integers stand for."""
        case = self.job.case
        constants = {n: self.real(n, self.stored(n)) for n in case.slots() if n not in self.fed}
        outputs = [upstream_cases.run(case, {**constants, **dict(zip(self.fed, sample))})
                   for sample in zip(*[self.real(n, x) for n, x in self.fed.items()])]
        out = self.tensors["ofm"]
        params = cases.Params(circle_builder.type_name(out.type), out.quantization.scale[0],
                              out.quantization.zeroPoint[0])
        return params.quantize(np.stack(outputs))


def along_axis(values, axis, rank):
    """One number, or one for each channel, in a shape that numpy broadcasts."""
    values = np.asarray(values)
    return values[0] if len(values) == 1 else values.reshape([-1 if i == axis else 1
                                                              for i in range(rank)])


# --- all jobs, implanted and run together


class Everything:
    """All results, and how each runtime that should be right did."""

    def __init__(self, folder):
        self.folder = folder
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = pool.map(lambda i: Result(JOBS[i], folder, f"{i:03}"), range(len(JOBS)))
            self.results = {str(result.job): result for result in results}

    @functools.cached_property
    def runtimes(self):
        """{job: the runtimes that should be right for every node of its result}."""
        return {name: [r for r in claimed.RUNTIMES
                       if (result.job.case.name, r) not in REFUSE_FLOAT32
                       and claimed.is_right(result.model, r)]
                for name, result in self.results.items() if result.path.exists()}

    @functools.cached_property
    def verdicts(self):
        """{job: {runtime: verdict, as operator_claims has them}}; on all where none is right."""
        found = {name: {} for name in self.runtimes}
        for name in found:
            result = self.results[name]
            arrays = {f"x{i}": x for i, x in enumerate(result.fed.values())}
            np.savez(result.path.with_suffix(".npz"), **arrays)
        for runtime in claimed.RUNTIMES:
            chosen = [n for n, right in self.runtimes.items() if runtime in right or not right]
            stems = [self.results[name].path.stem for name in chosen]
            deaths = runner.run_all(runtime, self.folder, stems)
            for name in chosen:
                found[name][runtime] = measured(self.results[name], runtime, deaths)
        return found


def measured(result, runtime, deaths):
    outputs, error = (result.path.with_suffix(f".{runtime}.{end}") for end in ("npz", "error"))
    if not outputs.exists():
        return f"refused: {error.read_text()}" if error.exists() else f"died: {deaths}"
    with np.load(outputs) as content:
        got, = content.values()
    if (got.shape, got.dtype) != (result.expected.shape, result.expected.dtype):
        return f"wrong: {got.dtype}{got.shape}"
    if not got.size:
        return "right"
    return measure.judge(cases.Case("", "", "", "", b"", [], [result.expected], ["steps"], [None]),
                         [got])


@pytest.fixture(scope="module", name="everything")
def _everything(tmp_path_factory):
    return Everything(tmp_path_factory.mktemp("upstream_ops"))


# --- what is in the result


def operator_of_case(job, result):
    """The one node that is not a conversion."""
    nodes = [n for n in result.model.subgraphs[0].operators
             if circle_builder.operator_name(result.model, n) not in ("QUANTIZE", "DEQUANTIZE")]
    assert [circle_builder.operator_name(result.model, n) for n in nodes] == [job.case.op]
    return nodes[0]


def has_kernel(job):
    return claimed.has_kernel(job.case.op, job.recipe.type, job.recipe.weights, job.recipe.sharing)


@each_job
def test_is_written_and_sound(everything, job):
    result = everything.results[str(job)]
    assert result.run.returncode == 0, result.run.stderr
    said = [line.split("tensor ")[1].split(";")[0] for line in commands.without_runtime_warnings(result.run.stderr).splitlines()]
    expected = []
    if not has_kernel(job):
        expected.append(f"'ofm': {job.case.op} stays float32: no kernel takes weights of uint8")
        if "bias" in result.entries:
            expected.append("'bias': the bias is written as float32")
    elif job.mode == "rescaled":
        expected.append("'bias': the bias has other parameters than kernels assume")
    assert len(said) == len(expected), result.run.stderr
    for text, beginning in zip(said, expected):
        assert text.startswith(beginning)
    for path in (result.source, result.path):
        assert model_checker.check(path) == []


@each_job
def test_is_integer_where_there_is_a_kernel(everything, job):
    result = everything.results[str(job)]
    node = operator_of_case(job, result)
    tensors = result.model.subgraphs[0].tensors
    kinds = [circle_builder.type_name(tensors[i].type) if i >= 0 else None
             for i in (*node.inputs, *node.outputs)]
    kind, weights, bias = job.recipe.type, job.recipe.weights, claimed.ACCUMULATOR[job.recipe.type]
    if not has_kernel(job):
        kind = weights = bias = "float32"
    of_slot = {Weights: weights, Bias: bias, cases.Data: kind, cases.Control: "int32"}
    # No runtime takes a convolution without a bias: it gets one of zeros.
    of_slot[type(None)] = bias if job.case.op == "CONV_2D" else None
    expected = [of_slot.get(type(slot)) for slot in job.case.inputs.values()]
    assert kinds == [*expected, kind]


@each_job
def test_what_is_annotated_is_in_the_result(everything, job):
    result = everything.results[str(job)]
    for entry in result.entries.values():
        if entry.name == "bias" and (job.mode == "rescaled" or not has_kernel(job)):
            continue  # test_biases()
        tensor = result.tensors[entry.name]
        assert circle_builder.type_name(tensor.type) == entry.dtype
        assert np.asarray(tensor.quantization.scale).tobytes() == entry.scale.tobytes()
        assert np.asarray(tensor.quantization.zeroPoint).tolist() == entry.zerop.tolist()
        assert tensor.quantization.quantizedDimension == entry.axis
        if entry.value is not None:
            np.testing.assert_array_equal(result.stored(entry.name), entry.value, strict=True)


def rounded(values, tensor):
    """float32 numbers in the parameters of a tensor: float32 division, ties to even."""
    scale, zerop = (along_axis(numbers, tensor.quantization.quantizedDimension, values.ndim)
                    for numbers in (tensor.quantization.scale, tensor.quantization.zeroPoint))
    return np.rint(values / scale.astype(np.float32)).astype(np.int64) + zerop


@pytest.mark.parametrize("job", [j for j in JOBS if j.mode in ("derived", "without value")],
                         ids=str)
def test_constants_without_value_are_those_of_the_model(everything, job):
    result = everything.results[str(job)]
    for name, values in upstream_cases.constants_of(job.case).items():
        is_float = name == "bias" and not has_kernel(job)
        expected = values if is_float else rounded(values, result.tensors[name])
        np.testing.assert_array_equal(result.stored(name), expected)


@pytest.mark.parametrize("job", [j for j in JOBS if j.case.slots(Bias)], ids=str)
def test_biases(everything, job):
    """In integers they are of scale data x weights; in float32 too they are what was annotated."""
    result = everything.results[str(job)]
    real = result.real("bias", result.stored("bias"))
    entry = result.entries.get("bias")
    tolerance = 1e-6 * np.abs(real)
    if has_kernel(job):
        quantization = result.tensors["bias"].quantization
        scale = (result.tensors["ifm"].quantization.scale
                 * result.tensors["ker"].quantization.scale)
        assert np.asarray(quantization.scale).tobytes() == scale.astype(np.float32).tobytes()
        assert not np.any(quantization.zeroPoint)
        tolerance += 0.5 * scale
    if entry is None:
        expected = upstream_cases.constants_of(job.case)["bias"]
    else:
        expected = (entry.value - entry.zerop) * entry.scale.astype(np.float64)
    assert np.all(np.abs(real - expected) <= tolerance)


# --- what it computes


def test_the_inputs_tell_right_from_wrong(everything):
    """Outputs vary, and fused activations cut some off and let some through."""
    for job in JOBS:
        result = everything.results[str(job)]
        expected = result.expected
        if not expected.size:
            continue
        values = result.real("ofm", expected)
        assert len(np.unique(expected)) > 4, str(job)
        if job.case.fused != "NONE":
            assert 0.01 < np.mean(values <= 0) < 0.95, str(job)
        if job.case.fused == "RELU6":
            step = result.tensors["ofm"].quantization.scale[0]
            assert 0.01 < np.mean(values >= 6 - step) < 0.95, str(job)


@each_job
def test_runs_as_numpy_computes(everything, job):
    runtimes, verdicts = everything.runtimes[str(job)], everything.verdicts[str(job)]
    if runtimes:
        assert verdicts == {runtime: "right" for runtime in runtimes}
    else:
        assert [v.split(":")[0] for v in verdicts.values()] == ["refused"] * 3


@pytest.mark.parametrize("name, runtime", REFUSE_FLOAT32, ids=str)
def test_float32_is_refused_too(tmp_path, name, runtime):
    """Its twin's is not, so that this is not for another reason."""
    chosen = [c for c in ALL_CASES if c.name.split(",")[0] == name]
    for case in chosen:
        stem = case.name.replace(", ", "_").replace(" ", "_")
        (tmp_path / f"{stem}.circle").write_bytes(upstream_cases.float_model(case))
        np.savez(tmp_path / f"{stem}.npz", x0=np.ones((1, *case.inputs["ifm"].shape), np.float32))
        assert runner.run_all(runtime, tmp_path, [stem]) == {}
        assert (tmp_path / f"{stem}.{runtime}.npz").exists() == (case.name != name)
    assert len(chosen) == 2


# --- what is refused


@pytest.mark.parametrize("job", ERRORS, ids=str)
def test_run_time_weights_have_one_scale(tmp_path, job):
    result = Result(job, tmp_path, "job")
    channels = job.case.channels()
    assert result.run.returncode == 1
    assert ("tensor 'ker': an activation can't have a scale per channel: expected 1 scale, found "
            f"{channels} in ker.scale.npy") in result.run.stderr
    assert not result.path.exists()


# --- the table


def cell(everything, case, recipe, mode):
    """Where a job ran, or why it did not."""
    job = Job(case, recipe, mode)
    if job not in POSSIBLE:
        return ""
    if job in ERRORS:
        return "error"
    runtimes = [r for r in everything.runtimes[str(job)] if r != "litert_without_xnnpack"]
    ran = ", ".join({"litert": "LiteRT", "onert": "onert"}[r] for r in runtimes) or "none"
    return ran if has_kernel(job) else f"float32: {ran}"


def table(everything):
    """The markdown table: a row for each case, or for each way of annotating it that differs."""
    rows = [["case", "annotated", *[r.name for r in RECIPES]]]
    for case in ALL_CASES:
        by_cells = {}
        for mode in dict.fromkeys(j.mode for j in POSSIBLE if j.case == case):
            cells = tuple(cell(everything, case, recipe, mode) for recipe in RECIPES)
            by_cells.setdefault(cells, []).append(mode)
        for cells, ways in by_cells.items():
            rows.append([case.name, ", ".join(ways), *cells])
    rows.insert(1, ["---"] * len(rows[0]))
    return "".join(f"| {' | '.join(row)} |\n".replace("|  ", "| ") for row in rows)


def table_in(text):
    return "".join(line + "\n" for line in text.splitlines()
                   if line.startswith("|") and line.count("|") == len(RECIPES) + 3)


def test_readme_says_what_ran_where(everything):
    assert table_in(README.read_text()) == table(everything)


def main():
    with tempfile.TemporaryDirectory() as folder:
        new = table(Everything(pathlib.Path(folder)))
    text = README.read_text()
    README.write_text(text.replace(table_in(text), new))


if __name__ == "__main__":
    main()
