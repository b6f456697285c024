# SPDX-License-Identifier: Apache-2.0
"""Parameters for a case, as another toolchain might have found them: entries() of one Job.

Each side has a scale and zero point of its own, and the integers of constants are not those that
rounding the model's float32 numbers gives, so that whatever is taken for something else shows.
"""

import dataclasses

import numpy as np
import param_set
from cases import Params, params_for, random_for
from claimed import ACCUMULATOR, fixed_output, needs_equal_sides
from upstream_cases import Bias, Weights, constants_of, run, sample_count

_LIMITS = {"uint8": (0, 255), "int8": (-127, 127)}  # that values keep to
_FACTOR = 1.25  # annotated biases over the model's


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The types of data and weights."""

    name: str
    type: str
    weights: str
    per_channel: bool = False

    @property
    def sharing(self):
        return "per_channel" if self.per_channel else "per_tensor"


RECIPES = (
    Recipe("uint8", "uint8", "uint8"),
    Recipe("uint8 per channel", "uint8", "uint8", True),
    Recipe("int8", "int8", "int8"),
    Recipe("int8 per channel", "int8", "int8", True),
    Recipe("int16", "int16", "int8"),
    Recipe("int16 per channel", "int16", "int8", True),
    Recipe("int8, uint8 weights", "int8", "uint8"),  # has no kernel anywhere
)


@dataclasses.dataclass(frozen=True)
class Job:
    """A case, the types to give it, and what is annotated how (modes())."""

    case: object
    recipe: Recipe
    mode: str

    def __str__(self):
        return f"{self.case.name}, {self.recipe.name}, {self.mode}"


def applies(case, recipe):
    """Whether the recipe is another one for this case: only weights have scales per channel."""
    if case.weights() is None:
        return recipe.name == recipe.type
    return not recipe.per_channel or case.channels() > 1


def modes(case, recipe):
    """What can be annotated in more than one way.

    annotated: constants with a value. derived: weights without one, biases and other constants not
    at all. rescaled: as annotated, but biases with a scale and zero point that no kernel reads.
    without value: constants that are neither weights nor biases. different, equal, fixed: the
    parameters of the two sides, where there are no constants.
    """
    if case.slots(Bias):
        return ("annotated", "derived", "rescaled")
    if case.slots(Weights):
        return ("annotated", "derived")
    if any(slot.constant for slot in case.slots().values()):
        return ("annotated", "derived", "without value")
    if fixed_output(case.op, recipe.type):
        return ("different", "fixed")
    return ("different", "equal") if needs_equal_sides(case.op, recipe.type) else ("different",)


def _weights_entry(name, slot, values, recipe, rng, with_value):
    """Signed weights have zero point 0. uint8 ones have another zero point in each channel."""
    low, high = _LIMITS[recipe.weights]
    axis = slot.axis if recipe.per_channel else 0
    groups = np.moveaxis(values, slot.axis, 0) if recipe.per_channel else values[None]
    if recipe.weights == "uint8":
        params = [params_for("uint8", g.min(), g.max(), i % 4) for i, g in enumerate(groups)]
    else:
        params = [Params("int8", np.float32(np.abs(g).max() * 1.1 / high)) for g in groups]
    scale = np.array([p.scale for p in params], np.float32)
    zerop = np.array([p.zero_point for p in params], np.int64)
    value = None
    if with_value:
        shape = [-1 if recipe.per_channel and i == slot.axis else 1 for i in range(values.ndim)]
        rounded = np.rint(values / scale.reshape(shape)) + zerop.reshape(shape)
        moved = rounded + rng.choice([-3, -2, 2, 3], values.shape)
        value = np.clip(moved, low, high).astype(recipe.weights)
    return param_set.Entry(name, recipe.weights, scale, zerop, axis, value)


def _bias_entry(name, values, job, scale):
    zerop = np.zeros(len(scale), np.int64)
    if job.mode == "rescaled":
        scale, zerop = scale * np.float32(2.3), zerop + 1100
    type_ = ACCUMULATOR[job.recipe.type]
    value = (np.rint(values * _FACTOR / scale) + zerop).astype(type_)
    return param_set.Entry(name, type_, scale, zerop, 0, value)


def _per_tensor(name, params, value=None):
    return param_set.Entry(name, params.type, np.array([params.scale], np.float32),
                           np.array([params.zero_point], np.int64), 0, value)


def _output_params(job, constants, rng):
    case, type_ = job.case, job.recipe.type
    fixed = fixed_output(case.op, type_)
    if job.mode == "fixed":
        return Params(type_, np.float32(fixed[0]), fixed[1])
    if fixed:  # steps no smaller than those of what the kernel puts out
        return params_for(type_, 0.0, 1.0, 2)
    low, high = _output_range(case, constants, rng)
    if needs_equal_sides(case.op, type_):  # a Quantize stands between: no smaller steps either
        inputs_ = case.slots().values()
        low = min(low, *[s.low for s in inputs_])
        high = max(high, *[s.high for s in inputs_])
    return params_for(type_, low, high, len(case.slots()) + 1)


def _output_range(case, constants, rng):
    drawn = [{name: constants.get(name, rng.uniform(s.low, s.high, s.shape))
              for name, s in case.slots().items()} for _ in range(sample_count(case))]
    values = np.stack([run(case, sample) for sample in drawn])
    return (values.min(), values.max()) if values.size else (-1.0, 1.0)


def entries(job):
    """The param_set.Entry list of a job."""
    rng = random_for(job.case.name, job.recipe.name, job.mode)
    constants = constants_of(job.case)
    out = _output_params(job, constants, rng)
    found = {}
    for place, (name, slot) in enumerate(job.case.slots().items()):
        if isinstance(slot, Weights):
            values = constants.get(name, rng.uniform(slot.low, slot.high, slot.shape))
            with_value = slot.constant and job.mode != "derived"
            found[name] = _weights_entry(name, slot, values, job.recipe, rng, with_value)
        elif slot.constant and job.mode == "derived":
            continue
        elif isinstance(slot, Bias):
            accumulator = found["ifm"].scale * found["ker"].scale
            found[name] = _bias_entry(name, constants[name], job, accumulator)
        else:
            params = out if job.mode == "equal" else params_for(job.recipe.type, slot.low,
                                                                slot.high, place)
            value = None
            if slot.constant and job.mode == "annotated":
                value = params.quantize(constants[name] + 2.4 * params.scale)
            found[name] = _per_tensor(name, params, value)
    return [*found.values(), _per_tensor("ofm", out)]


def inputs(job, params):
    """{name: [samples, ...] integers} of what is no constant, in the entries' parameters."""
    rng = random_for("inputs", str(job))
    drawn = {}
    for name, slot in job.case.slots().items():
        if not slot.constant:
            entry = params[name]
            real = rng.uniform(slot.low, slot.high, (sample_count(job.case), *slot.shape))
            drawn[name] = Params(entry.dtype, entry.scale[0], entry.zerop[0]).quantize(real)
    return drawn
