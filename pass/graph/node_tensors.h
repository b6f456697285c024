// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_NODE_TENSORS_H_
#define Q_IMPLANT_PASS_GRAPH_NODE_TENSORS_H_

#include <algorithm>

#include "ir/graph.h"

// Questions about the tensors that a node reads and makes.

namespace q_implant {

// True where `predicate` holds for one of the node's inputs or outputs; absent ones count for none.
template <typename Predicate>
bool AnyTensor(const Node& node, Predicate predicate) {
  const auto holds = [&](TensorId id) { return id != kNoTensor && predicate(id); };
  return std::any_of(node.inputs.begin(), node.inputs.end(), holds) ||
         std::any_of(node.outputs.begin(), node.outputs.end(), holds);
}

// True where the node reads or makes float32 values.
inline bool TouchesFloat(const Graph& graph, const Node& node) {
  return AnyTensor(
      node, [&](TensorId id) { return graph.tensor(id).type == circle::TensorType_FLOAT32; });
}

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_NODE_TENSORS_H_
