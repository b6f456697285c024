# SPDX-License-Identifier: Apache-2.0
"""Tells Quantize and Dequantize nodes that need not be, and nodes that need not be float32.

needless(model, claims) gives a text for each
- Quantize behind the Dequantize of a tensor with the parameters that it makes,
- Dequantize that no float32 node and no graph output reads, only Quantizes whose kernel could read
  the integers themselves,
- second conversion of a tensor to the same form,
- Quantize from integer to integer that changes nothing or that no neighbour needs,
- float32 node between integer tensors only, where claims.json knows a right kernel for them.

It reads a quantized ModelT with one graph and the measured claims; it shares no code with
q-implant. A module; needs numpy and circle_builder.
"""

import collections

import numpy as np

import circle_builder

CONVERSIONS = ("QUANTIZE", "DEQUANTIZE")
LAYERS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")  # data, weights, bias


class Graph:
    """The first graph of a model, with who makes and who reads each tensor (positions)."""

    def __init__(self, model):
        self.model, self.graph = model, model.subgraphs[0]
        self.kinds = [circle_builder.operator_name(model, o) for o in self.graph.operators]
        self.inputs = [[int(t) for t in o.inputs if t != -1] for o in self.graph.operators]
        self.outputs = [[int(t) for t in o.outputs] for o in self.graph.operators]
        self.readers, self._makers = collections.defaultdict(list), {}
        for n, made in enumerate(self.outputs):
            self._makers.update((t, [n]) for t in made)
        for n, read in enumerate(self.inputs):
            for t in read:
                self.readers[t].append(n)
        self.ends = {int(t) for t in self.graph.outputs}

    def makers(self, t):
        """The node that makes a tensor; none for an input of the graph or a constant."""
        return self._makers.get(t, [])

    def name(self, t):
        return circle_builder.tensor_name(self.graph.tensors[t])

    def type(self, t):
        return circle_builder.type_name(self.graph.tensors[t].type)

    def form(self, t):
        """(type, scales, zero points): () where there are none."""
        quant = self.graph.tensors[t].quantization
        if quant is None or quant.scale is None:
            return self.type(t), (), ()
        return (self.type(t), tuple(np.asarray(quant.scale, np.float32).tolist()),
                tuple(np.asarray(quant.zeroPoint).tolist()))

    def is_constant(self, t):
        return circle_builder.constant(self.model, self.graph.tensors[t]) is not None

    def nodes(self, *kinds):
        return [n for n, kind in enumerate(self.kinds) if kind in kinds]

    def computed(self):
        """The nodes that are no conversion."""
        return [n for n, kind in enumerate(self.kinds) if kind not in CONVERSIONS]

    def is_float(self, n):
        """Whether a node makes float32."""
        return self.type(self.outputs[n][0]) == "float32"

    def requantizing(self):
        return [n for n in self.nodes("QUANTIZE") if self.type(self.inputs[n][0]) != "float32"]


class Claims:
    """What claims.json says of the integer kernels of some runtimes, its keys."""

    def __init__(self, document, *runtimes):
        self._claims = document["claims"]
        self._runtimes = runtimes or ("litert", "onert")

    def has_kernel(self, kind, dtype, sides=None, weights=""):
        """Whether one of the runtimes is right. weights: how the variant begins."""
        return any(
            claim["operator"] == kind and claim["type"] == dtype
            and (sides is None or claim.get("sides") == sides)
            and claim.get("variant", "").startswith(weights)
            and any(claim[runtime].startswith(("right", "inexact"))
                    for runtime in self._runtimes)
            for claim in self._claims)


def needless(model, claims):
    """A text for each conversion and each float32 node that need not be."""
    graph = Graph(model)
    return [*_undone(graph), *_unread(graph, claims), *_repeated(graph), *_unneeded(graph, claims),
            *_capable(graph, claims)]


def why(graph, n, claims):
    """Why a Quantize from integer to integer must be; None where it need not be."""
    source, target = graph.inputs[n][0], graph.outputs[n][0]
    if graph.form(source) == graph.form(target):
        return None
    if graph.type(source) != graph.type(target):
        return f"{graph.type(source)} to {graph.type(target)}"
    for n in graph.readers[target] + graph.makers(source):
        kind = graph.kinds[n]
        if kind not in CONVERSIONS and not claims.has_kernel(kind, graph.type(source), "different"):
            return f"{kind} has equal sides"
    return None


def _undone(graph):
    for n in graph.nodes("QUANTIZE"):
        target = graph.outputs[n][0]
        for m in graph.makers(graph.inputs[n][0]):
            if (graph.kinds[m] == "DEQUANTIZE"
                    and graph.form(graph.inputs[m][0]) == graph.form(target)):
                yield f"'{graph.name(target)}' is dequantized and quantized again"


def _unread(graph, claims):
    for n in graph.nodes("DEQUANTIZE"):
        source, target = graph.inputs[n][0], graph.outputs[n][0]

        def reads_float(m):
            types = f"{graph.type(source)} to {graph.type(graph.outputs[m][0])}"
            return graph.kinds[m] != "QUANTIZE" or not claims.has_kernel("QUANTIZE", types)

        if target not in graph.ends and not any(map(reads_float, graph.readers[target])):
            yield f"no float32 node reads '{graph.name(target)}'"


def _repeated(graph):
    made = collections.Counter((graph.inputs[n][0], graph.form(graph.outputs[n][0]))
                               for n in graph.nodes(*CONVERSIONS))
    for (source, form), count in made.items():
        if count > 1:
            yield f"'{graph.name(source)}' is converted to {form[0]} {count} times"


def _unneeded(graph, claims):
    for n in graph.requantizing():
        if why(graph, n, claims) is None:
            yield f"nothing needs '{graph.name(graph.outputs[n][0])}' of other parameters"


def _capable(graph, claims):
    for n in (n for n in graph.computed() if graph.is_float(n)):
        integers = _integer_sides(graph, n)
        if not integers:
            continue
        kind, weights = graph.kinds[n], ""
        if kind in LAYERS:
            if len(integers) < 2:
                continue  # its weights are float32
            dtype, scales, _ = graph.form(integers[1])
            weights = f"{dtype} {'per_channel' if len(scales) > 1 else 'per_tensor'} weights"
        if claims.has_kernel(kind, graph.type(integers[0]), weights=weights):
            yield f"{kind} '{graph.name(graph.outputs[n][0])}' is float32 between integers"


def _integer_sides(graph, n):
    """The integers that a float32 node reads, dequantized; none where a side of it is float32."""
    readers = [m for t in graph.outputs[n] for m in graph.readers[t]]
    if (not readers or any(graph.kinds[m] != "QUANTIZE" for m in readers)
            or graph.ends.intersection(graph.outputs[n])):
        return []
    integers = []
    for t in graph.inputs[n]:
        if graph.type(t) == "float32" and not graph.is_constant(t):
            makers = graph.makers(t)
            if not makers or graph.kinds[makers[0]] != "DEQUANTIZE":
                return []
            integers.append(graph.inputs[makers[0]][0])
    return integers
