# SPDX-License-Identifier: Apache-2.0
"""Makes what quantizer_reproduction_test.py reads: float32 models, and what ai-edge-quantizer makes
of them.

    python testdata/quantizer_reproduction/make.py [OUTPUT_FOLDER]

Writes MODEL/float32.tflite and MODEL/RECIPE.tflite for each pair in float_models.CASES. Needs
requirements.txt of this folder; with these versions it gives the same bytes. A quarter of a minute.
"""

import pathlib
import sys

import numpy as np
from ai_edge_quantizer import qtyping, quantizer, recipe, recipe_manager
from ai_edge_quantizer.algorithm_manager import AlgorithmName

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import circle_builder  # noqa: E402
import float_models  # noqa: E402

_Operator = qtyping.TFLOperationName
_CALIBRATION_SAMPLES = 16

# Operators that stay float32 in the recipe "mixed", by the names of their outputs. Each region has
# an inner tensor: where two quantized tensors meet at one operator, parameters of tensors can't say
# that it is float32.
_FLOAT_REGIONS = {
    "cnn": "residual|head",
    "mlp": "tanh|dense2",
    "transformer": "norm|scaled_scores|attention;",
    "mover": "joined|sliced|near|smooth",
}


def _static(bits=8, weight_bits=8, float_operators=(), float_region=None, **options):
    manager = recipe_manager.RecipeManager()
    manager.add_static_config(".*", _Operator.ALL_SUPPORTED, bits, weight_bits, **options)
    floats = [(".*", operator) for operator in float_operators]
    if float_region is not None:
        floats.append((float_region, _Operator.ALL_SUPPORTED))
    for regex, operator in floats:
        manager.add_quantization_config(regex, operator, None, AlgorithmName.NO_QUANTIZE)
    return manager.get_quantization_recipe()


def _recipe(name, model):
    ends = (_Operator.INPUT, _Operator.OUTPUT)
    per_tensor = qtyping.QuantGranularity.TENSORWISE
    return {
        "static_int8": recipe.static_wi8_ai8,
        "static_int16": recipe.static_wi8_ai16,
        "static_int8_per_tensor": lambda: _static(weight_granularity=per_tensor),
        "static_int16_per_tensor": lambda: _static(16, weight_granularity=per_tensor),
        "static_int8_int4_weights": lambda: _static(8, 4),
        "static_int8_float_ends": lambda: _static(float_operators=ends),
        "static_int16_float_ends": lambda: _static(16, float_operators=ends),
        "mixed": lambda: _static(float_region=_FLOAT_REGIONS[model]),
        "weight_only_int8": recipe.weight_only_wi8_afp32,
        "weight_only_int4": recipe.weight_only_wi4_afp32,
        "dynamic_int8": recipe.dynamic_wi8_afp32,
        "dynamic_int4": recipe.dynamic_wi4_afp32,
    }[name]()  # yapf: disable


def _sample(float_model, rng):
    graph = float_model.subgraphs[0]
    sample = {}
    for tensor in (graph.tensors[i] for i in graph.inputs):
        is_float = circle_builder.type_name(tensor.type) == "float32"
        sample[circle_builder.tensor_name(tensor)] = (
            rng.normal(size=tensor.shape).astype(np.float32) if is_float else
            rng.integers(0, float_models.NAMES, tensor.shape, dtype=np.int32))
    return sample


def quantize(data, recipe_):
    """The bytes of the model that ai-edge-quantizer makes of a float32 one."""
    work = quantizer.Quantizer(bytearray(data), recipe_)
    calibration = None
    if work.need_calibration:
        rng = np.random.default_rng(0)
        model = circle_builder.unpack(data)
        samples = [_sample(model, rng) for _ in range(_CALIBRATION_SAMPLES)]
        calibration = work.calibrate({float_models.SIGNATURE: samples}, num_threads=1)
    return bytes(work.quantize(calibration).quantized_model)


def main():
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for model, recipes in float_models.CASES.items():
        data = float_models.MODELS[model]()
        (output / model).mkdir(parents=True, exist_ok=True)
        (output / model / "float32.tflite").write_bytes(data)
        for name in recipes:
            (output / model / f"{name}.tflite").write_bytes(quantize(data, _recipe(name, model)))


if __name__ == "__main__":
    main()
