# SPDX-License-Identifier: Apache-2.0
"""Two graphs that share their weights go on sharing them: with a second graph a model grows by the
tables of that graph, and by no constant. Both signatures are run and compared with numpy.
"""

import subprocess

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

import circle_builder
import commands
import param_set
import run_model

SAMPLES = 16
WIDTH, HIDDEN, CLASSES = 24, 40, 10
RANGES = {"x": (-1.0, 1.2), "h": (0.0, 9.0), "y": (-28.0, 30.0)}


def _weights():
    rng = np.random.default_rng(3)
    draw = lambda *shape: rng.uniform(-1, 1, shape).astype(np.float32)  # noqa: E731
    return {"kernel": draw(HIDDEN, 1, 1, WIDTH), "bias": draw(HIDDEN),
            "moved": draw(HIDDEN, CLASSES)}


def _reference(x):
    weights = {name: w.astype(np.float64) for name, w in _weights().items()}
    hidden = x.reshape(-1, WIDTH) @ weights["kernel"].reshape(HIDDEN, WIDTH).T + weights["bias"]
    return np.maximum(hidden, 0) @ weights["moved"]


def _add_graph(b, tag, buffers):
    """Conv2D, Reshape, FullyConnected on a weights constant that a Transpose turns."""
    shared = {}
    for name, values in _weights().items():
        if name not in buffers:
            buffers[name] = b.add_buffer(values.tobytes())
        shared[name] = b.add_tensor(name + tag, values.shape, buffer=buffers[name])
    x, h = b.add_tensor("x" + tag, [1, 1, 1, WIDTH]), b.add_tensor("h" + tag, [1, 1, 1, HIDDEN])
    flat, y = b.add_tensor("flat" + tag, [1, HIDDEN]), b.add_tensor("y" + tag, [1, CLASSES])
    turned = b.add_tensor("turned" + tag, [CLASSES, HIDDEN])
    order = b.add_constant("order" + tag, np.array([1, 0], np.int32))
    shape = b.add_constant("shape" + tag, np.array([1, HIDDEN], np.int32))
    b.add_operator("CONV_2D", [x, shared["kernel"], shared["bias"]], [h], "Conv2DOptions",
                   strideW=1, strideH=1, fusedActivationFunction=1)
    b.add_operator("RESHAPE", [h, shape], [flat], "ReshapeOptions")
    b.add_operator("TRANSPOSE", [shared["moved"], order], [turned], "TransposeOptions")
    b.add_operator("FULLY_CONNECTED", [flat, turned, -1], [y], "FullyConnectedOptions")
    b.set_io([x], [y])
    b.add_signature("graph" + tag, {"x": x}, {"y": y}, len(b.model.subgraphs) - 1)


def _model(path, graphs):
    b = circle_builder.CircleBuilder("graph1")
    buffers = {}
    for g in range(1, graphs + 1):
        if g > 1:
            b.begin_graph(f"graph{g}")
        _add_graph(b, str(g), buffers)
    path.write_bytes(b.finish())


def _parameters(folder, graphs, with_values):
    """int8. Activations but the first differ between the graphs; biases would, with the first."""
    entries = []
    for g in range(1, graphs + 1):
        for name, (low, high) in RANGES.items():
            wider = 1 if name == "x" else 1 + 0.05 * g
            scale = np.float32((high - low) * wider / 255)
            entries.append(_entry(f"{name}{g}", "int8", scale, int(np.rint(-low / scale)) - 128))
        for name in ("kernel", "moved"):
            values = _weights()[name]
            axis = 0 if name == "kernel" else 1
            per_channel = np.abs(values).max(tuple(i for i in range(values.ndim) if i != axis))
            scale = (per_channel / 127).astype(np.float32)
            wide = scale.reshape([-1 if i == axis else 1 for i in range(values.ndim)])
            integers = np.rint(values / wide).astype(np.int8) if with_values else None
            entries.append(param_set.Entry(f"{name}{g}", "int8", scale,
                                           np.zeros(len(scale), np.int64), axis, integers))
    param_set.write(folder, entries)
    return folder / "param.json"


def _entry(name, dtype, scale, zero):
    return param_set.Entry(name, dtype, np.array([scale], np.float32), np.array([zero]))


def _implant(folder, graphs, options=(), with_values=False):
    source, output = folder / f"{graphs}.circle", folder / f"{graphs}.out.circle"
    _model(source, graphs)
    param = _parameters(folder / f"params{graphs}", graphs, with_values)
    subprocess.run([commands.find("q-implant"), source, param, output, *options], check=True,
                   capture_output=True)
    return output


def _constants(path):
    """The bytes of all buffers."""
    model = circle_builder.unpack(path.read_bytes())
    return sum(len(buffer.data or b"") for buffer in model.buffers)


def _snr(got, expected):
    return 10 * np.log10((expected**2).sum() / ((got - expected)**2).sum())


def _run_signatures(path, graphs):
    """dB of each signature on LiteRT."""
    data = circle_builder.repack(path.read_bytes(), circle_builder.TFLITE)
    model = circle_builder.unpack(data)
    interpreter = Interpreter(model_content=data, num_threads=1)
    x = np.random.default_rng(4).uniform(-1, 1.2, (SAMPLES, 1, 1, 1, WIDTH)).astype(np.float32)
    found = []
    for g in range(graphs):
        runner = interpreter.get_signature_runner(f"graph{g + 1}")
        graph = model.subgraphs[g]
        ends = [_end(graph.tensors[i]) for i in (graph.inputs[0], graph.outputs[0])]
        y = [run_model.dequantize(runner(x=run_model.quantize(sample, ends[0]))["y"], ends[1])
             for sample in x]
        found.append(_snr(np.concatenate(y), _reference(x.astype(np.float64))))
    return found


def _end(tensor):
    quant = tensor.quantization
    known = quant is not None and quant.scale is not None
    return run_model.End("", (), circle_builder.type_name(tensor.type),
                         float(quant.scale[0]) if known else None,
                         int(quant.zeroPoint[0]) if known else None)


# The shapes and orders that each graph has of its own.
OF_A_GRAPH = 4 * 4


@pytest.mark.parametrize("with_values", [False, True])
@pytest.mark.parametrize("options", [(), ("--target", "litert"), ("--target", "onert"),
                                     ("--eight_bit", "uint8")])
def test_a_second_graph_adds_its_tables_only(tmp_path, options, with_values):
    one = _implant(tmp_path, 1, options, with_values)
    two = _implant(tmp_path, 2, options, with_values)
    assert _constants(two) <= _constants(one) + OF_A_GRAPH
    tables = [path.stat().st_size - _constants(path) for path in (one, two)]
    assert two.stat().st_size - one.stat().st_size <= OF_A_GRAPH + tables[1] - tables[0]


@pytest.mark.parametrize("options", [(), ("--target", "litert")])
def test_both_signatures_compute_their_own(tmp_path, options):
    snr = _run_signatures(_implant(tmp_path, 2, options), 2)
    assert min(snr) > 30, snr


@pytest.mark.parametrize("target", ["litert", "onert"])
def test_an_adapted_model_goes_on_sharing(tmp_path, target):
    """Of onert the FullyConnected is float32 again: its weights are, once."""
    sizes = []
    for graphs in (1, 2):
        source, output = _implant(tmp_path, graphs), tmp_path / f"{graphs}.adapted.circle"
        status, changed, told = commands.adapt(target, source, output)
        assert status == 0 and changed == (target == "onert"), told
        sizes.append(_constants(output))
    assert sizes[1] <= sizes[0] + OF_A_GRAPH
    if target == "onert":
        x = np.random.default_rng(4).uniform(-1, 1.2, (SAMPLES, 1, 1, 1, WIDTH)).astype(np.float32)
        (y,) = run_model.run_float_many(run_model.run_onert_many, output, [x])
        assert _snr(y.reshape(SAMPLES, CLASSES), _reference(x.astype(np.float64))) > 30
