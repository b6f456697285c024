# SPDX-License-Identifier: Apache-2.0
"""Forms of operators without weights: {form: Spec}, other ranks, axes, shapes and options.

specs() gives (form, Spec, keywords of cases.build()) of each. What operators.py measures in every
type and choice of parameters, this measures once a type and form.
"""

import dataclasses
import itertools

import numpy as np
import operators
import reference as ref
from cases import Choice, Control, Data, Spec, fused_code
from testdata_path import circle_builder

_SHAPES = {0: (), 1: (7,), 2: (3, 8), 3: (2, 3, 8), 4: (2, 3, 4, 5), 5: (2, 3, 2, 4, 5),
           6: (2, 1, 3, 2, 4, 5)}
_BY_OP = {spec.op: spec for spec in operators.SPECS}
_PADDING = circle_builder.circle.Padding.Padding
# What runtimes compute and operators.py leaves out, since no runtime has integers of it.
_FLOAT_UNARY = ("CEIL", "COS", "ELU", "EXP", "FLOOR", "GELU", "HARD_SWISH", "LEAKY_RELU", "LOG",
                "LOGISTIC", "NEG", "RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "ROUND",
                "RSQRT", "SIGN", "SIN", "SQRT", "SQUARE", "ABS", "TANH")


def _type(name):
    return circle_builder.tensor_type(name)


def _with(spec, *inputs, fn=None, fields=None, **more):
    """The spec with other inputs, in order; fields on top of its own."""
    return dataclasses.replace(spec, inputs=inputs, fn=fn or spec.fn,
                               fields={**spec.fields, **(fields or {})}, **more)


def _reshaped(data, shape, **more):
    return dataclasses.replace(data, shape=tuple(shape), **more)


def _unary():
    for op in _FLOAT_UNARY:
        for rank, shape in _SHAPES.items():
            yield f"rank {rank}", _with(_BY_OP[op], _reshaped(_BY_OP[op].inputs[0], shape))
    for op in ("SOFTMAX", "LOG_SOFTMAX", "L2_NORMALIZATION"):
        for rank in range(1, 6):
            data = _BY_OP[op].inputs[0]
            yield f"rank {rank}", _with(_BY_OP[op], _reshaped(data, _SHAPES[rank]))
    for beta in (0.5, 2.0):
        spec = _BY_OP["SOFTMAX"]
        yield f"beta {beta:g}", _with(spec, *spec.inputs, fields={"beta": beta},
                                      fn=lambda x, beta=beta: ref.softmax(x * beta))
    for alpha in (0.0, 0.5, 1.5, -0.2):
        spec = _BY_OP["LEAKY_RELU"]
        yield f"alpha {alpha:g}", _with(spec, *spec.inputs, fields={"alpha": alpha},
                                        fn=lambda x, alpha=alpha: ref.leaky_relu(x, alpha))


_PAIRS = {
    "rank 0": ((), ()), "rank 1": ((7,), (7,)), "rank 2": ((3, 8), (3, 8)),
    "rank 3": ((2, 3, 8), (2, 3, 8)), "rank 5": (_SHAPES[5], _SHAPES[5]),
    "rank 6": (_SHAPES[6], _SHAPES[6]), "batch 2": (_SHAPES[4], _SHAPES[4]),
    "4 and 0 dimensions": (_SHAPES[4], ()), "0 and 4 dimensions": ((), _SHAPES[4]),
    "4 dimensions and 1 element": (_SHAPES[4], (1,)),
    "4 and 1 dimensions": (_SHAPES[4], (5,)), "1 and 4 dimensions": ((5,), _SHAPES[4]),
    "4 and 2 dimensions": (_SHAPES[4], (4, 5)), "4 and 3 dimensions": (_SHAPES[4], (3, 1, 5)),
    "3 and 1 dimensions": (_SHAPES[3], (8,)), "3 and 2 dimensions": (_SHAPES[3], (3, 8)),
    "2 and 1 dimensions": ((3, 8), (8,)), "1 and 2 dimensions": ((8,), (3, 8)),
    "3 and 4 dimensions": ((3, 4, 5), _SHAPES[4]),
    "second broadcast": (_SHAPES[4], (2, 3, 1, 1)), "first broadcast": ((2, 1, 1, 5), _SHAPES[4]),
    "channels broadcast": (_SHAPES[4], (1, 1, 1, 5)),
    "both broadcast": ((2, 3, 1, 5), (1, 3, 4, 1)), "both broadcast, rank 2": ((3, 1), (1, 8)),
    "both broadcast, rank 3": ((2, 1, 8), (1, 3, 8)),
    "rank 5, second broadcast": (_SHAPES[5], (2, 3, 1, 1, 5)),
    "rank 5, both broadcast": ((2, 1, 2, 4, 5), (1, 3, 2, 1, 5)),
    "5 and 0 dimensions": (_SHAPES[5], ()), "5 and 1 dimensions": (_SHAPES[5], (5,)),
    "5 dimensions and 1 element": (_SHAPES[5], (1,)),
    "5 and 4 dimensions": (_SHAPES[5], (3, 2, 4, 5)),
    "rank 6, second broadcast": (_SHAPES[6], (2, 1, 3, 1, 1, 5)),
}  # yapf: disable
_CONSTANTS = ("4 and 0 dimensions", "4 dimensions and 1 element", "4 and 1 dimensions",
              "3 and 1 dimensions", "channels broadcast", "5 and 1 dimensions", "rank 5",
              "5 and 0 dimensions", "second broadcast", "4 and 3 dimensions")


def _binary():
    for op in ("ADD", "SUB", "MUL", "DIV", "SQUARED_DIFFERENCE", "POW", "FLOOR_DIV", "MAXIMUM",
               "MINIMUM", *operators.COMPARISONS):
        spec = _BY_OP[op]
        for form, shapes in _PAIRS.items():
            inputs = [_reshaped(d, s) for d, s in zip(spec.inputs, shapes)]
            yield form, _with(spec, *inputs)
            if form in _CONSTANTS:
                yield (f"{form}, constant second",
                       _with(spec, inputs[0], dataclasses.replace(inputs[1], constant=True)))
                if op in ("SUB", "DIV", "POW") and form == "4 and 0 dimensions":
                    first = dataclasses.replace(_reshaped(spec.inputs[0], ()), constant=True)
                    yield ("0 and 4 dimensions, constant first",
                           _with(spec, first, _reshaped(spec.inputs[1], _SHAPES[4])))
    for form, x, slope in (("rank 2", (3, 8), (8,)), ("rank 3", (2, 3, 8), (1, 8)),
                           ("rank 4, one slope", _SHAPES[4], (1, 1, 1)),
                           ("rank 4, a slope an element", _SHAPES[4], _SHAPES[4][1:]),
                           ("rank 5", _SHAPES[5], (1, 1, 1, 5))):
        spec = _BY_OP["PRELU"]
        yield form, _with(spec, _reshaped(spec.inputs[0], x), _reshaped(spec.inputs[1], slope))


def _select():
    for op in ("SELECT", "SELECT_V2"):
        forms = {f"rank {rank}": (shape,) * 3 for rank, shape in _SHAPES.items()}
        if op == "SELECT_V2":
            forms |= {"condition broadcast": ((2, 1, 1, 5), _SHAPES[4], _SHAPES[4]),
                      "condition of rank 1": ((5,), _SHAPES[4], _SHAPES[4]),
                      "second of rank 0": (_SHAPES[4], _SHAPES[4], ()),
                      "first of rank 0": (_SHAPES[4], (), _SHAPES[4]),
                      "all broadcast": ((2, 1, 1, 5), (1, 3, 1, 5), (4, 1)),
                      "rank 5, second of rank 0": (_SHAPES[5], _SHAPES[5], ())}
        else:
            forms["condition of rank 1"] = ((2,), _SHAPES[4], _SHAPES[4])
        for form, (c, a, b) in forms.items():
            fn = np.where
            if op == "SELECT" and form == "condition of rank 1":
                fn = lambda c, a, b: np.where(c[:, None, None, None], a, b)  # noqa: E731
            spec = _BY_OP[op]
            yield form, _with(spec, Choice(c), _reshaped(spec.inputs[1], a),
                              _reshaped(spec.inputs[2], b), fn=fn)


def _pools():
    x = Data((2, 7, 9, 5), -1, 1.4)

    def pooled(fn, kernel, stride, padding, edge, clamp=None):
        def run(x):
            windows = ref.strided_windows(x, kernel, stride, (1, 1), padding, edge)
            y = fn(windows)
            return np.clip(y, *clamp) if clamp else y
        return run

    ops = {"AVERAGE_POOL_2D": (lambda w: np.nanmean(w, (3, 4)), np.nan),
           "MAX_POOL_2D": (lambda w: w.max((3, 4)), -np.inf),
           "L2_POOL_2D": (lambda w: np.sqrt(np.nanmean(w**2, (3, 4))), np.nan)}
    forms = {"SAME": ((2, 2), (2, 2), "SAME"), "stride 1": ((3, 3), (1, 1), "VALID"),
             "SAME, stride 1": ((3, 3), (1, 1), "SAME"),
             "window 3 by 2": ((3, 2), (2, 1), "VALID"), "strides 1, 2": ((2, 2), (1, 2), "SAME"),
             "the whole image": ((7, 9), (1, 1), "VALID"),
             "window 1, stride 2": ((1, 1), (2, 2), "VALID"),
             "stride over the window": ((2, 2), (3, 3), "VALID")}
    for op, (fn, edge) in ops.items():
        for form, (kernel, stride, padding) in forms.items():
            fields = {"padding": getattr(_PADDING, padding), "strideH": stride[0],
                      "strideW": stride[1], "filterHeight": kernel[0], "filterWidth": kernel[1]}
            spec = Spec(op, pooled(fn, kernel, stride, padding, edge), (x,), "Pool2DOptions",
                        fields)
            yield form, spec
        for name, clamp in (("RELU", (0, None)), ("RELU6", (0, 6)), ("RELU_N1_TO_1", (-1, 1))):
            code = fused_code(name)
            fields = {"padding": _PADDING.VALID, "strideH": 2, "strideW": 2, "filterHeight": 2,
                      "filterWidth": 2, "fusedActivationFunction": code}
            wide = Data((2, 7, 9, 5), -3, 8)
            yield f"fused {name}, batch 2", Spec(
                op, pooled(fn, (2, 2), (2, 2), "VALID", edge, clamp), (wide,), "Pool2DOptions",
                fields)


def _axes(rank):
    """Choices of axes to reduce: each, negative, several, unsorted, all."""
    found = [(axis,) for axis in range(rank)] + [(axis - rank,) for axis in range(rank)]
    if rank > 1:
        found += list(itertools.combinations(range(rank), 2))
        found += [(rank - 1, 0), (-1, -2), tuple(range(rank))]
    if rank > 3:
        found += [(0, 1, 2), (1, 2, 3), (rank - 1, 1), (0, 2, 3), (2, 1)]
    return list(dict.fromkeys(found))


def _reductions():
    ops = {"MEAN": np.mean, "SUM": np.sum, "REDUCE_MAX": np.max, "REDUCE_MIN": np.min,
           "REDUCE_PROD": np.prod}
    for (op, fn), (rank, shape) in itertools.product(ops.items(), _SHAPES.items()):
        if not 0 < rank < 6:
            continue
        few = op != "MEAN" and rank not in (3, 4)
        for axes in _axes(rank)[:3] if few else _axes(rank):
            for keep in (True, False):
                spec = _BY_OP[op]
                name = "keep_dims" if keep else "no keep_dims"
                run = lambda x, fn=fn, axes=axes, keep=keep: fn(x, axis=axes, keepdims=keep)  # noqa: E731
                yield (f"rank {rank}, axes {_list(axes)}, {name}",
                       _with(spec, _reshaped(spec.inputs[0], shape), Control(list(axes)), fn=run,
                             fields={"keepDims": keep}))
        if rank == 4:
            for axis, keep in itertools.product((1, -1), (True, False)):
                spec = _BY_OP[op]
                name = "keep_dims" if keep else "no keep_dims"
                run = lambda x, fn=fn, axis=axis, keep=keep: fn(x, axis=axis, keepdims=keep)  # noqa: E731
                yield (f"rank 4, scalar axis {axis}, {name}",
                       _with(spec, _reshaped(spec.inputs[0], shape), Control(axis), fn=run,
                             fields={"keepDims": keep}))
    # Shapes in which dimensions that stay look like ones that go.
    for shape, axes in itertools.product(((2, 4, 4, 4), (1, 4, 1, 1), (1, 4, 4, 4), (2, 3, 4, 1)),
                                         ((0,), (1,), (2,), (3,), (1, 2), (2, 3), (0, 1), (1, 3),
                                          (1, 2, 3), (0, 1, 2, 3))):
        run = lambda x, axes=axes: np.mean(x, axis=axes)  # noqa: E731
        spec = _BY_OP["MEAN"]
        yield (f"{_dims(shape)}, axes {_list(axes)}, no keep_dims",
               _with(spec, _reshaped(spec.inputs[0], shape), Control(list(axes)), fn=run,
                     fields={"keepDims": False}))
    for op, fn in (("REDUCE_ANY", np.any), ("REDUCE_ALL", np.all)):
        for axes, keep in (((1,), True), ((1,), False), ((1, 2), False), ((-1,), False)):
            name = "keep_dims" if keep else "no keep_dims"
            run = lambda x, fn=fn, axes=axes, keep=keep: fn(x, axis=axes, keepdims=keep)  # noqa: E731
            yield (f"rank 3, axes {_list(axes)}, {name}",
                   Spec(op, run, (Choice(_SHAPES[3]), Control(list(axes))), "ReducerOptions",
                        {"keepDims": keep}, ("bool",)))


def _list(numbers):
    return " ".join(str(n) for n in numbers)


def _arg():
    for op, fn in (("ARG_MAX", np.argmax), ("ARG_MIN", np.argmin)):
        options = op.title().replace("_", "") + "Options"
        for rank in range(1, 6):
            for axis in (*range(rank), -1):
                for kind in ("int32", "int64") if rank in (2, 4) else ("int32",):
                    # Values are distinct along the last axis: compared there, others by random.
                    data = Data(_SHAPES[rank], distinct=axis in (-1, rank - 1))
                    run = lambda x, fn=fn, axis=axis, kind=kind: fn(x, axis).astype(kind)  # noqa: E731
                    yield (f"rank {rank}, axis {axis}, {kind}",
                           Spec(op, run, (data, Control(axis)), options,
                                {"outputType": _type(kind)}, (kind,)))
        run = lambda x, fn=fn: fn(x, 1).astype("int32")  # noqa: E731
        yield "axis of rank 1", Spec(op, run, (Data((3, 8), distinct=True), Control([1])), options,
                                     {"outputType": _type("int32")}, ("int32",))
        yield "axis int64", Spec(op, run, (Data((3, 8), distinct=True), Control(1, "int64")),
                                 options, {"outputType": _type("int32")}, ("int32",))


def _concats():
    for rank in range(1, 7):
        for axis in (*range(rank), -1):
            first, second = list(_SHAPES[rank]), list(_SHAPES[rank])
            second[axis] += 1
            run = lambda *x, axis=axis: np.concatenate(x, axis)  # noqa: E731
            yield f"rank {rank}, axis {axis}", Spec(
                "CONCATENATION", run, (Data(tuple(first)), Data(tuple(second), -0.7, 1.9)),
                "ConcatenationOptions", {"axis": axis})
    run = lambda *x: np.concatenate(x, 1)  # noqa: E731
    for count in (1, 5):
        yield f"{count} inputs", Spec("CONCATENATION", run, (Data(_SHAPES[4]),) * count,
                                      "ConcatenationOptions", {"axis": 1})
    for name, clamp in (("RELU", (0, None)), ("RELU6", (0, 6)), ("RELU_N1_TO_1", (-1, 1))):
        yield f"fused {name}", Spec(
            "CONCATENATION", lambda *x, clamp=clamp: np.clip(np.concatenate(x, 1), *clamp),
            (Data(_SHAPES[4], -3, 8), Data(_SHAPES[4], -5, 7)), "ConcatenationOptions",
            {"axis": 1, "fusedActivationFunction": fused_code(name)})
    yield "constant second", Spec("CONCATENATION", run, (
        Data(_SHAPES[4]), Data(_SHAPES[4], -0.7, 1.9, constant=True)), "ConcatenationOptions",
        {"axis": 1})
    for rank in range(0, 5):
        for axis in (*range(rank + 1), -1):
            run = lambda *x, axis=axis: np.stack(x, axis)  # noqa: E731
            yield f"rank {rank}, axis {axis}", Spec(
                "PACK", run, (Data(_SHAPES[rank]), Data(_SHAPES[rank], -0.7, 1.9)), "PackOptions",
                {"axis": axis, "valuesCount": 2})
    yield "1 input", Spec("PACK", lambda x: np.stack([x], 1), (Data(_SHAPES[3]),), "PackOptions",
                          {"axis": 1, "valuesCount": 1})


def _splits():
    shape = {1: (6,), 2: (4, 6), 3: (2, 4, 6), 4: (2, 4, 6, 8), 5: (2, 4, 6, 2, 4)}
    for rank, axis in [(r, a) for r in range(1, 6) for a in (*range(r), -1)]:
        run = lambda x, axis=axis: np.split(x, 2, axis)  # noqa: E731
        yield f"rank {rank}, axis {axis}", Spec(
            "SPLIT", run, (Control(axis), Data(shape[rank])), "SplitOptions", {"numSplits": 2},
            ("data", "data"))
        sizes = [1, shape[rank][axis] - 1]
        cut = lambda x, axis=axis: np.split(x, [1], axis)  # noqa: E731
        yield f"rank {rank}, axis {axis}", Spec(
            "SPLIT_V", cut, (Data(shape[rank]), Control(sizes), Control(axis)), "SplitVOptions",
            {"numSplits": 2}, ("data", "data"))
    yield "equal sizes", Spec(
        "SPLIT_V", lambda x: np.split(x, 2, 3), (Data(shape[4]), Control([4, 4]), Control(3)),
        "SplitVOptions", {"numSplits": 2}, ("data", "data"))
    yield "size -1", Spec(
        "SPLIT_V", lambda x: np.split(x, [3], 3), (Data(shape[4]), Control([3, -1]), Control(3)),
        "SplitVOptions", {"numSplits": 2}, ("data", "data"))
    yield "axis of rank 1", Spec("SPLIT", lambda x: np.split(x, 2, 1),
                                 (Control([1]), Data(shape[4])), "SplitOptions", {"numSplits": 2},
                                 ("data", "data"))
    yield "into 4", Spec("SPLIT", lambda x: np.split(x, 4, 1), (Control(1), Data(shape[4])),
                         "SplitOptions", {"numSplits": 4}, ("data",) * 4)
    yield "into 1", Spec("SPLIT", lambda x: [x], (Control(1), Data(shape[4])),
                         "SplitOptions", {"numSplits": 1})
    for rank, axis in [(r, a) for r in range(1, 6) for a in (*range(r), -1)]:
        n = _SHAPES[rank][axis]
        run = lambda x, axis=axis, n=n: [np.take(x, i, axis) for i in range(n)]  # noqa: E731
        yield f"rank {rank}, axis {axis}", Spec("UNPACK", run, (Data(_SHAPES[rank]),),
                                                "UnpackOptions", {"axis": axis, "num": n},
                                                ("data",) * n)


def _reshapes():
    forms = {"rank 4 to 2": (_SHAPES[4], (6, 20)), "rank 2 to 4": ((6, 20), _SHAPES[4]),
             "rank 4 to 5": (_SHAPES[4], (2, 3, 2, 2, 5)), "rank 5 to 3": (_SHAPES[5], (6, 8, 5)),
             "rank 6 to 2": (_SHAPES[6], (12, 20)), "rank 4 to 6": (_SHAPES[4], (1, 2, 3, 2, 2, 5)),
             "rank 4 to 7": (_SHAPES[4], (1, 2, 1, 3, 2, 2, 5)),
             "rank 1 to 0": ((1,), ()), "rank 0 to 1": ((), (1,)), "rank 3 to 1": (_SHAPES[3],
                                                                                 (48,))}
    for form, (old, new) in forms.items():
        run = lambda x, new=new: x.reshape(new)  # noqa: E731
        control = Control(np.asarray(new, np.int32))
        yield f"{form}", Spec("RESHAPE", run, (Data(old), control), "ReshapeOptions",
                              {"newShape": list(new)})
        yield f"{form}, no new_shape", Spec("RESHAPE", run, (Data(old), control), "ReshapeOptions")
        yield f"{form}, no options", Spec("RESHAPE", run, (Data(old), control))
        yield f"{form}, one input", Spec("RESHAPE", run, (Data(old),), "ReshapeOptions",
                                         {"newShape": list(new)})
    new = (6, -1)
    run = lambda x: x.reshape(6, 20)  # noqa: E731
    yield "-1", Spec("RESHAPE", run, (Data(_SHAPES[4]), Control(list(new))), "ReshapeOptions",
                     {"newShape": list(new)})
    yield "-1, no new_shape", Spec("RESHAPE", run, (Data(_SHAPES[4]), Control(list(new))),
                                   "ReshapeOptions")
    yield "-1, one input", Spec("RESHAPE", run, (Data(_SHAPES[4]),), "ReshapeOptions",
                                {"newShape": list(new)})
    yield "int64 shape", Spec("RESHAPE", run, (Data(_SHAPES[4]), Control([6, 20], "int64")),
                              "ReshapeOptions")
    for form, shape, dims, out in (
            ("no dims", (1, 3, 1, 5), [], (3, 5)), ("dims 0 2", (1, 3, 1, 5), [0, 2], (3, 5)),
            ("dim 2", (1, 3, 1, 5), [2], (1, 3, 5)), ("dim -2", (1, 3, 1, 5), [-2], (1, 3, 5)),
            ("dims 2 0", (1, 3, 1, 5), [2, 0], (3, 5)), ("dim 1 of rank 5", (2, 1, 3, 2, 5), [1],
                                                       (2, 3, 2, 5)),
            ("to rank 0", (1, 1), [0, 1], ()), ("no dims, none of size 1", (2, 3), [], (2, 3))):
        run = lambda x, out=out: x.reshape(out)  # noqa: E731
        yield form, Spec("SQUEEZE", run, (Data(shape),), "SqueezeOptions", {"squeezeDims": dims})
    yield "no options", Spec("SQUEEZE", lambda x: x.reshape(3, 5), (Data((1, 3, 1, 5)),))
    for rank, axis in [(r, a) for r in range(0, 5)
                       for a in sorted({*range(r + 1), -1, -r - 1})]:
        run = lambda x, axis=axis: np.expand_dims(x, axis)  # noqa: E731
        yield f"rank {rank}, axis {axis}", Spec("EXPAND_DIMS", run, (Data(_SHAPES[rank]),
                                                                    Control(axis)),
                                                "ExpandDimsOptions")
    run = lambda x: np.expand_dims(x, 1)  # noqa: E731
    yield "axis of rank 1", Spec("EXPAND_DIMS", run, (Data((3, 8)), Control([1])),
                                 "ExpandDimsOptions")
    yield "axis int64", Spec("EXPAND_DIMS", run, (Data((3, 8)), Control(1, "int64")),
                             "ExpandDimsOptions")
    yield "no options", Spec("EXPAND_DIMS", run, (Data((3, 8)), Control(1)))


_PERMS_5 = ((0, 2, 1, 3, 4), (0, 1, 3, 2, 4), (4, 3, 2, 1, 0), (0, 1, 4, 2, 3), (0, 3, 1, 4, 2),
            (1, 0, 2, 3, 4), (0, 1, 2, 4, 3), (0, 1, 2, 3, 4))
_PERMS_6 = ((0, 2, 1, 3, 4, 5), (0, 1, 3, 5, 2, 4), (0, 3, 5, 1, 2, 4), (5, 4, 3, 2, 1, 0))


def _transposes():
    perms = [p for rank in range(1, 5) for p in itertools.permutations(range(rank))]
    for perm in (*perms, *_PERMS_5, *_PERMS_6):
        run = lambda x, perm=perm: x.transpose(perm)  # noqa: E731
        yield f"perm {_list(perm)}", Spec(
            "TRANSPOSE", run, (Data(_SHAPES[len(perm)]), Control(list(perm))), "TransposeOptions")
    yield "no options", Spec("TRANSPOSE", lambda x: x.transpose(0, 3, 1, 2),
                             (Data(_SHAPES[4]), Control([0, 3, 1, 2])))
    yield "perm -1", Spec("TRANSPOSE", lambda x: x.transpose(0, 3, 1, 2),
                          (Data(_SHAPES[4]), Control([0, -1, 1, 2])), "TransposeOptions")


def _gathers():
    for rank, axis in [(r, a) for r in range(1, 6) for a in (*range(r), -1)]:
        size = _SHAPES[rank][axis]
        for form, indices in (("1", [size - 1, 0]), ("0", 1), ("2", [[0, size - 1], [1, 0]])):
            indices = np.minimum(np.asarray(indices), size - 1)
            run = lambda x, i=indices, axis=axis: np.take(x, i, axis)  # noqa: E731
            yield f"rank {rank}, axis {axis}, indices of rank {form}", Spec(
                "GATHER", run, (Data(_SHAPES[rank]), Control(indices)), "GatherOptions",
                {"axis": axis})
    for dims, x, indices in ((1, (2, 6), (2, 3)), (1, (2, 6, 5), (2, 3)), (2, (2, 3, 6), (2, 3, 4))):
        axis, limit = dims, x[dims]
        table = np.arange(np.prod(indices)).reshape(indices) * 7 % limit

        def picked(x, table=table, dims=dims):
            rows = [x[place][table[place]] for place in np.ndindex(*table.shape[:dims])]
            return np.reshape(rows, table.shape + x.shape[dims + 1:])
        yield f"batch_dims {dims}, {_dims(x)}", Spec(
            "GATHER", picked, (Data(x), Control(table)), "GatherOptions",
            {"axis": axis, "batchDims": dims})
    yield "int64 indices", Spec("GATHER", lambda x: x[:, [2, 0]], (Data((3, 8)),
                                                                 Control([2, 0], "int64")),
                                "GatherOptions", {"axis": 1})
    yield "run-time indices, axis 1", Spec("GATHER", lambda x, i: x[:, i], (
        Data((3, 8)), Choice((5,), "int32", 8)), "GatherOptions", {"axis": 1})
    yield "constant data", Spec("GATHER", lambda x, i: x[i], (
        Data((7, 6), constant=True), Choice((5,), "int32", 7)), "GatherOptions", {"axis": 0})
    yield "constant data, indices of rank 2", Spec("GATHER", lambda x, i: x[i], (
        Data((7, 6), constant=True), Choice((2, 5), "int32", 7)), "GatherOptions", {"axis": 0})


def _slices():
    for rank in range(1, 6):
        shape = _SHAPES[rank]
        begin, size = [1 if n > 2 else 0 for n in shape], [n - 1 if n > 2 else n for n in shape]
        run = lambda x, b=begin, s=size: x[tuple(slice(i, i + n) for i, n in zip(b, s))]  # noqa: E731
        yield f"rank {rank}", Spec("SLICE", run, (Data(shape), Control(begin), Control(size)),
                                   "SliceOptions")
        rest = [-1] * rank
        run = lambda x, b=begin: x[tuple(slice(i, None) for i in b)]  # noqa: E731
        yield f"rank {rank}, size -1", Spec("SLICE", run, (Data(shape), Control(begin),
                                                           Control(rest)), "SliceOptions")
    yield "int64 begin and size", Spec("SLICE", lambda x: x[1:3, 2:6], (
        Data((3, 8)), Control([1, 2], "int64"), Control([2, 4], "int64")), "SliceOptions")
    x = _SHAPES[4]

    def strided(begin, end, strides, run, shape=x, **fields):
        return Spec("STRIDED_SLICE", run, (Data(shape), Control(begin), Control(end),
                                           Control(strides)), "StridedSliceOptions", fields)

    ones = [1, 1, 1, 1]
    yield "rank 1", strided([1], [6], [2], lambda x: x[1:6:2], (7,))
    yield "rank 2", strided([0, 1], [3, 6], [1, 2], lambda x: x[:, 1:6:2], (3, 8))
    yield "rank 3", strided([0, 1, 2], [2, 3, 6], [1, 1, 2], lambda x: x[:, 1:, 2:6:2],
                            (2, 3, 8))
    yield "rank 5", strided([0, 1, 0, 1, 0], [2, 3, 2, 3, 5], [1] * 5,
                            lambda x: x[:, 1:, :, 1:3], _SHAPES[5])
    yield "rank 5, strides", strided([0, 1, 0, 0, 0], [2, 3, 2, 4, 5], [1, 1, 1, 2, 2],
                                     lambda x: x[:, 1:, :, ::2, ::2], _SHAPES[5])
    yield "batch", strided([1, 0, 0, 0], [2, 3, 4, 5], ones, lambda x: x[1:])
    yield "stride 2", strided([0, 0, 0, 0], [2, 3, 4, 5], [1, 2, 2, 1], lambda x: x[:, ::2, ::2])
    yield "stride 2 of channels", strided([0, 0, 0, 1], [2, 3, 4, 5], [1, 1, 1, 2],
                                          lambda x: x[..., 1::2])
    yield "negative stride", strided([0, 2, 0, 0], [2, 0, 4, 5], [1, -1, 1, 1],
                                     lambda x: x[:, 2:0:-1])
    yield "negative stride, end mask", strided([0, 2, 0, 0], [2, 0, 4, 5], [1, -1, 1, 1],
                                               lambda x: x[:, 2::-1], endMask=2)
    yield "negative begin and end", strided([0, -2, 0, -4], [2, -1, 4, -1], ones,
                                            lambda x: x[:, -2:-1, :, -4:-1])
    yield "end beyond", strided([0, 1, 0, 0], [9, 9, 9, 9], ones, lambda x: x[:, 1:])
    yield "begin mask", strided([1, 1, 1, 1], [2, 3, 3, 4], ones, lambda x: x[:, :3, :3, 1:4],
                                beginMask=7)
    yield "end mask", strided([0, 1, 1, 1], [1, 1, 1, 1], ones, lambda x: x[:, 1:, 1:, 1:],
                              endMask=15)
    yield "begin and end masks", strided([0, 1, 0, 0], [0, 3, 0, 0], ones, lambda x: x[:, 1:3],
                                         beginMask=13, endMask=13)
    yield "shrink mask", strided([0, 1, 0, 0], [2, 2, 4, 5], ones, lambda x: x[:, 1],
                                 shrinkAxisMask=2)
    yield "shrink mask, first", strided([1, 0, 0, 0], [2, 3, 4, 5], ones, lambda x: x[1],
                                        shrinkAxisMask=1)
    yield "shrink mask, two", strided([0, 1, 2, 0], [2, 2, 3, 5], ones, lambda x: x[:, 1, 2],
                                      shrinkAxisMask=6)
    yield "shrink mask, negative begin", strided([0, 0, -1, 0], [2, 3, 0, 5], ones,
                                                 lambda x: x[:, :, -1], shrinkAxisMask=4)
    yield "new axis mask", strided([0, 0, 0], [0, 0, 0], [1, 1, 1], lambda x: x[:, None],
                                   (2, 3, 8), newAxisMask=2, beginMask=7, endMask=7)
    yield "ellipsis mask", strided([0, 1], [0, 4], [1, 1], lambda x: x[..., 1:4],
                                   ellipsisMask=1)
    yield "fewer than rank", strided([1], [2], [1], lambda x: x[1:2])


def _pads():
    def pads(rank, at):
        return [[1, 2] if axis in at else [0, 0] for axis in range(rank)]

    for rank in range(1, 6):
        for name, at in [(f"axis {a}", (a,)) for a in range(rank)] + [("all axes",
                                                                      tuple(range(rank)))]:
            pad = pads(rank, at)
            yield f"rank {rank}, {name}", Spec(
                "PAD", lambda x, pad=pad: np.pad(x, pad), (Data(_SHAPES[rank]), Control(pad)),
                "PadOptions")
            fill = Data((), 0.5, 0.6, constant=True, fill=True)
            yield f"rank {rank}, {name}", Spec(
                "PADV2", lambda x, v, pad=pad: np.pad(x, pad, constant_values=v),
                (Data(_SHAPES[rank]), Control(pad), fill), "PadV2Options")
    image = (2, 5, 6, 3)
    for mode, name in ((0, "reflect"), (1, "symmetric")):
        yield name, Spec(
            "MIRROR_PAD", lambda x, name=name: np.pad(x, pads(4, (1, 2)), name),
            (Data(image), Control(pads(4, (1, 2)))), "MirrorPadOptions", {"mode": mode})
    yield "int64 pads", Spec(
        "PAD", lambda x: np.pad(x, pads(4, (1, 2))), (Data(image), Control(pads(4, (1, 2)),
                                                                          "int64")), "PadOptions")
    yield "rank 2 fill of 1 element", Spec(
        "PADV2", lambda x, v: np.pad(x, pads(4, (1, 2)), constant_values=v[0]),
        (Data(image), Control(pads(4, (1, 2))), Data((1,), 0.5, 0.6, constant=True, fill=True)),
        "PadV2Options")


def _resizes():
    x = Data((2, 4, 6, 3), -1, 1.3)
    for align, half in ((False, False), (True, False), (False, True)):
        name = "align_corners" if align else "half_pixel_centers" if half else "plain"
        for size in ((8, 12), (7, 5), (2, 3), (1, 1), (4, 6), (12, 9)):
            fields = {"alignCorners": align, "halfPixelCenters": half}
            for op, fn, options in (
                ("RESIZE_BILINEAR", ref.resize_bilinear, "ResizeBilinearOptions"),
                ("RESIZE_NEAREST_NEIGHBOR", ref.resize_nearest, "ResizeNearestNeighborOptions")):
                run = lambda x, fn=fn, s=size, a=align, h=half: fn(x, *s, a, h)  # noqa: E731
                yield (f"{name}, 4x6 to {size[0]}x{size[1]}, batch 2",
                       Spec(op, run, (x, Control(list(size))), options, fields))


def _blocks():
    for op, fn, shape in (("SPACE_TO_DEPTH", ref.space_to_depth, (2, 6, 12, 3)),
                          ("DEPTH_TO_SPACE", ref.depth_to_space, (2, 3, 4, 18))):
        for block in (2, 3) if op == "SPACE_TO_DEPTH" else (3,):
            yield f"batch 2, block {block}", Spec(
                op, lambda x, fn=fn, b=block: fn(x, b), (Data(shape),),
                op.title().replace("_", "") + "Options", {"blockSize": block})

    def to_batch(x, block, pads):
        x = np.pad(x, [(0, 0), *pads, (0, 0)])
        n, h, w, c = x.shape
        x = x.reshape(n, h // block[0], block[0], w // block[1], block[1], c)
        return x.transpose(2, 4, 0, 1, 3, 5).reshape(-1, h // block[0], w // block[1], c)

    def from_batch(x, block, crops):
        n, h, w, c = x.shape
        x = x.reshape(*block, n // (block[0] * block[1]), h, w, c)
        x = x.transpose(2, 3, 0, 4, 1, 5).reshape(-1, h * block[0], w * block[1], c)
        (top, bottom), (left, right) = crops
        return x[:, top:x.shape[1] - bottom, left:x.shape[2] - right]

    for form, block, pads in (("batch 2", (2, 2), ((0, 0), (0, 0))),
                              ("pads", (2, 2), ((1, 1), (0, 2))),
                              ("block 2 by 3", (2, 3), ((0, 0), (0, 0)))):
        yield form, Spec("SPACE_TO_BATCH_ND", lambda x, b=block, p=pads: to_batch(x, b, p),
                         (Data((2, 4, 6, 3)), Control(list(block)), Control(list(pads))),
                         "SpaceToBatchNDOptions")
        crops = ((1, 0), (0, 1)) if form == "pads" else pads
        yield form.replace("pads", "crops"), Spec(
            "BATCH_TO_SPACE_ND", lambda x, b=block, p=crops: from_batch(x, b, p),
            (Data((12, 4, 3, 3)), Control(list(block)), Control(list(crops))),
            "BatchToSpaceNDOptions")
    yield "rank 3", Spec("SPACE_TO_BATCH_ND",
                         lambda x: x.reshape(2, 2, 2, 5).transpose(2, 0, 1, 3).reshape(4, 2, 5),
                         (Data((2, 4, 5)), Control([2]), Control([[0, 0]])),
                         "SpaceToBatchNDOptions")
    yield "rank 3", Spec("BATCH_TO_SPACE_ND",
                         lambda x: x.reshape(2, 2, 2, 5).transpose(1, 2, 0, 3).reshape(2, 4, 5),
                         (Data((4, 2, 5)), Control([2]), Control([[0, 0]])),
                         "BatchToSpaceNDOptions")


def _repeats():
    for rank in range(1, 6):
        times = [2, 1, 3, 1, 2][:rank]
        yield f"rank {rank}", Spec("TILE", lambda x, t=times: np.tile(x, t),
                                   (Data(_SHAPES[rank]), Control(times)), "TileOptions")
    yield "int64 multiples", Spec("TILE", lambda x: np.tile(x, (2, 1)),
                                  (Data((3, 8)), Control([2, 1], "int64")), "TileOptions")
    for old, new in (((8,), (3, 8)), ((1, 8), (3, 8)), ((3, 1), (3, 8)), ((), (3, 8)),
                     ((3, 8), (3, 8)), ((1, 3, 1, 5), (2, 3, 4, 5)), ((5,), (2, 3, 4, 5)),
                     ((1, 3, 2, 1, 5), (2, 3, 2, 4, 5)), ((2, 1, 1), (2, 3, 8))):
        yield (f"{_dims(old)} to {_dims(new)}",
               Spec("BROADCAST_TO", lambda x, new=new: np.broadcast_to(x, new),
                    (Data(old), Control(list(new))), "BroadcastToOptions", version=2))
    yield "int64 shape", Spec("BROADCAST_TO", lambda x: np.broadcast_to(x, (3, 8)),
                              (Data((8,)), Control([3, 8], "int64")), "BroadcastToOptions",
                              version=2)
    for rank, axis in [(r, a) for r in range(1, 5) for a in (*range(r), -1)]:
        yield f"rank {rank}, axis {axis}", Spec(
            "REVERSE_V2", lambda x, axis=axis: np.flip(x, axis),
            (Data(_SHAPES[rank]), Control([axis])), "ReverseV2Options")
    yield "axes 1 2", Spec("REVERSE_V2", lambda x: np.flip(x, (1, 2)),
                           (Data(_SHAPES[4]), Control([1, 2])), "ReverseV2Options")
    for rank in (1, 3):
        yield f"rank {rank}", Spec("TOPK_V2", operators.top, (
            Data(_SHAPES[rank], distinct=True), Control(3)), "TopKV2Options",
            outputs=("data", "int32"))
    for axis, fields in ((0, {}), (1, {}), (-1, {"exclusive": True}), (-1, {"reverse": True})):
        def run(x, axis=axis, fields=fields):
            if "reverse" in fields:
                return np.flip(np.cumsum(np.flip(x, axis), axis), axis)
            y = np.cumsum(x, axis)
            return y - x if "exclusive" in fields else y
        name = " ".join([f"axis {axis}", *fields])
        yield name, Spec("CUMSUM", run, (Data((3, 8)), Control(axis)), "CumsumOptions", fields)
    yield "2 inputs", Spec("ADD_N", lambda x, y: x + y, (Data(_SHAPES[3]), Data(_SHAPES[3])),
                           "AddNOptions")


def _dims(shape):
    return "x".join(map(str, shape)) or "scalar"


def _matmuls():
    for form, x, y, adj in (
            ("rank 2", (4, 8), (8, 6), ""), ("rank 4", (2, 3, 4, 8), (2, 3, 8, 6), ""),
            ("rank 5", (2, 1, 3, 4, 8), (2, 1, 3, 8, 6), ""), ("batch 1", (1, 4, 8), (1, 8, 6), ""),
            ("rank 3, adj_x", (2, 8, 4), (2, 8, 6), "x"), ("rank 3, adj_y", (2, 4, 8), (2, 6, 8),
                                                         "y"),
            ("rank 3, adj_x adj_y", (2, 8, 4), (2, 6, 8), "xy"),
            ("rank 4, adj_y", (2, 3, 4, 8), (2, 3, 6, 8), "y"),
            ("rank 4, adj_x", (2, 3, 8, 4), (2, 3, 8, 6), "x"),
            ("3 and 2 dimensions", (2, 4, 8), (8, 6), ""), ("2 and 3 dimensions", (4, 8), (2, 8, 6),
                                                          ""),
            ("second broadcast", (2, 4, 8), (1, 8, 6), ""), ("first broadcast", (1, 4, 8),
                                                           (2, 8, 6), ""),
            ("both broadcast", (2, 1, 4, 8), (1, 3, 8, 6), ""),
            ("one row", (2, 1, 8), (2, 8, 6), "")):
        def run(x, y, adj=adj):
            return np.matmul(x.swapaxes(-1, -2) if "x" in adj else x,
                             y.swapaxes(-1, -2) if "y" in adj else y)
        fields = {"adjointLhs": "x" in adj, "adjointRhs": "y" in adj}
        inputs = Data(x), Data(y, -0.7, 1.9)
        yield form, Spec("BATCH_MATMUL", run, inputs, "BatchMatMulOptions", fields)
        if form in ("rank 2", "rank 3, adj_y", "rank 4", "3 and 2 dimensions"):
            constant = dataclasses.replace(inputs[1], constant=True)
            yield f"{form}, constant second", Spec("BATCH_MATMUL", run, (inputs[0], constant),
                                                   "BatchMatMulOptions", fields)


def specs():
    """(form, Spec) of every form."""
    for make in (_unary, _binary, _select, _pools, _reductions, _arg, _concats, _splits, _reshapes,
                 _transposes, _gathers, _slices, _pads, _resizes, _blocks, _repeats, _matmuls):
        yield from make()
