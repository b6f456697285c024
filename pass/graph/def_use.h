// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_DEF_USE_H_
#define Q_IMPLANT_PASS_GRAPH_DEF_USE_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "ir/graph.h"

namespace q_implant {

using NodeId = int32_t;  // position in Graph::nodes
inline constexpr NodeId kNoNode = -1;

// A place where a tensor is read.
struct Use {
  NodeId node;
  int32_t slot;  // position in Node::inputs
};

// Who makes and who reads each tensor of a graph. A snapshot: changes of the graph make it stale.
class DefUse {
 public:
  explicit DefUse(const Graph& graph);

  // The node that makes a tensor; kNoNode for graph inputs, constants and variables.
  NodeId producer(TensorId tensor) const { return producer_[static_cast<size_t>(tensor)]; }

  // In node order. A graph output is no use.
  absl::Span<const Use> uses(TensorId tensor) const {
    const size_t begin = first_use_[static_cast<size_t>(tensor)];
    const size_t end = first_use_[static_cast<size_t>(tensor) + 1];
    return absl::MakeConstSpan(uses_).subspan(begin, end - begin);
  }

  bool is_input(TensorId tensor) const { return is_input_[static_cast<size_t>(tensor)]; }
  bool is_output(TensorId tensor) const { return is_output_[static_cast<size_t>(tensor)]; }

 private:
  std::vector<NodeId> producer_;
  std::vector<size_t>
      first_use_;  // uses_[first_use_[t]] up to uses_[first_use_[t + 1]] read tensor t
  std::vector<Use> uses_;
  std::vector<bool> is_input_;
  std::vector<bool> is_output_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_DEF_USE_H_
