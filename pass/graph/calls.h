// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_CALLS_H_
#define Q_IMPLANT_PASS_GRAPH_CALLS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ir/model.h"

namespace q_implant {

// The graphs that a node runs (While, If, CallOnce, composites, Call), as positions in
// Model::graphs.
std::vector<int32_t> CalledGraphs(const Node& node);

// For each graph: whether some node runs it.
std::vector<bool> FindCalledGraphs(const Model& model);

// An input or output of a graph that composites run, and the tensors of theirs that become it, or
// that it becomes.
struct Crossing {
  struct Outer {
    size_t graph;
    size_t node;
    size_t slot;  // in Node::inputs or Node::outputs, and in those of the graph that it runs
    TensorId tensor;
  };
  bool output;
  size_t called;
  TensorId inner;
  std::vector<Outer> outer;
};

// Of every graph that nothing but composites runs. What crosses there can have any form that both
// sides have: a runtime copies it. The others (a While's body gives what its condition takes, a
// graph of a signature is called from outside too) are left out, and so is a graph of which a
// composite names not all inputs and outputs.
std::vector<Crossing> FindCrossings(const Model& model);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_CALLS_H_
