# SPDX-License-Identifier: Apache-2.0
"""Makes testdata/digits: a float32 circle, two quantization-aware parameter sets, expected results.

    python testdata/digits/make.py [OUTPUT_FOLDER]

Trains one float32 network with BatchNorm, folds and exports it (model.circle), then fine-tunes two
quantized copies of it with PyTorch 2 export quantization:
  uint8/  per-tensor, biases annotated, keyed with the circle's tensor names.
          BatchNorm and biases train on; its statistics stand still in the last epochs.
  int8/   per-channel weights, biases not annotated (the model's own float32 biases hold, so
          training leaves them and BatchNorm alone), keyed with PyTorch's names: name_map.json.
Beside them: inputs.npy [450, 1, 8, 8], labels.npy, logits.npy of PyTorch for each of the three,
results.json. Takes a few minutes on a CPU. Needs testdata/requirements-torch.txt.
"""

import copy
import importlib.metadata
import json
import pathlib
import sys

import numpy as np
import tico
import torch
from torchao.quantization.pt2e import disable_observer, move_exported_model_to_eval
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_qat_pt2e

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import circle_builder  # noqa: E402
import net  # noqa: E402
import param_set  # noqa: E402
import pt2e_params  # noqa: E402
import quantizer  # noqa: E402

# Made by hand, looking at the circle: no rule leads from PyTorch's names to tico's.
CIRCLE_NAMES = json.loads((HERE / "circle_names.json").read_text())


def is_weights(name):
    return name.endswith(".weight") and "_bn" not in name


def quantize_aware(trained, data, spec, freeze_bias):
    """The converted program of a fine-tuned, quantized copy of the trained network."""
    example = (data[0][:net.BATCH],)
    program = torch.export.export(copy.deepcopy(trained).train(), example,
                                  dynamic_shapes=({0: torch.export.Dim.AUTO},)).module()
    program = prepare_qat_pt2e(program, quantizer.DigitsQuantizer(*spec))
    parameters = [p for n, p in program.named_parameters() if not freeze_bias or is_weights(n)]
    if freeze_bias:
        move_exported_model_to_eval(program)  # BatchNorm uses and keeps its statistics
    net.train(program, parameters, data, epochs=6, rate=1e-3)
    move_exported_model_to_eval(program)
    program.apply(disable_observer)
    net.train(program, parameters, data, epochs=4, rate=3e-4)
    return convert_pt2e(program)


def export_circle(folded, path):
    example = (torch.zeros(1, 1, 8, 8),)
    tico.convert(folded, example).save(str(path))


def circle_constants(path):
    model = circle_builder.unpack(path.read_bytes())
    tensors = model.subgraphs[0].tensors
    return {circle_builder.tensor_name(t): circle_builder.constant(model, t) for t in tensors}


def compare_weights(entries, constants):
    """{name: share of integers that rounding the circle's float32 weights would not give}."""
    shares = {}
    for entry in (e for e in entries if is_weights(e.name)):
        floats = constants[CIRCLE_NAMES[entry.name]]
        assert floats.shape == entry.value.shape, entry.name
        channels = [1] * floats.ndim
        channels[entry.axis] = -1
        scale, zero_point = entry.scale.reshape(channels), entry.zerop.reshape(channels)
        limits = np.iinfo(entry.value.dtype)
        rounded = np.clip(np.rint(floats / scale) + zero_point, limits.min, limits.max)
        error = (entry.value - zero_point) * scale - floats
        assert np.sum(error**2) < 0.1 * np.sum(floats**2), f"{entry.name}: other weights or layout"
        shares[entry.name] = round(float(np.mean(rounded != entry.value)), 4)
    return shares


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(net.SEED)
    data, (images, labels) = net.load()

    trained = net.Net()
    net.train(trained, trained.parameters(), data, epochs=30, rate=3e-3)
    folded = net.fold_batch_norm(trained)
    export_circle(folded, out / "model.circle")
    constants = circle_constants(out / "model.circle")

    np.save(out / "inputs.npy", images.numpy())
    np.save(out / "labels.npy", labels.numpy().astype(np.int64))
    accuracy, changed = {}, {}

    def record(name, model, folder):
        values = net.logits(model, images)
        np.save(folder / "logits.npy", values)
        accuracy[name] = round(float(np.mean(values.argmax(1) == labels.numpy())), 6)

    record("float32", folded, out)
    sets = {
        "uint8": (quantizer.UINT8_ACTIVATION, quantizer.UINT8_WEIGHTS),
        "int8": (quantizer.INT8_ACTIVATION, quantizer.INT8_CHANNEL_WEIGHTS),
    }
    for name, spec in sets.items():
        program = quantize_aware(trained, data, spec, freeze_bias=name == "int8")
        entries = pt2e_params.extract(program, with_bias=name == "uint8")
        changed[name] = compare_weights(entries, constants)
        param_set.write(out / name, entries, CIRCLE_NAMES if name == "uint8" else None)
        if name == "int8":
            name_map = {e.name: CIRCLE_NAMES[e.name] for e in entries}
            (out / name / "name_map.json").write_text(json.dumps(name_map, indent=2) + "\n")
        record(name, program, out / name)

    packages = ["torch", "torchao", "tico", "scikit-learn", "numpy"]
    results = {
        "held_out": len(labels),
        "pytorch_accuracy": accuracy,
        "weights_changed_by_training": changed,
        "versions": {p: importlib.metadata.version(p) for p in packages},
    }
    (out / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
