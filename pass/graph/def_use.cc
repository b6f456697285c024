// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/def_use.h"

namespace q_implant {

DefUse::DefUse(const Graph& graph)
    : producer_(graph.tensors.size(), kNoNode),
      first_use_(graph.tensors.size() + 1, 0),
      is_input_(graph.tensors.size(), false),
      is_output_(graph.tensors.size(), false) {
  for (TensorId id : graph.inputs) is_input_[static_cast<size_t>(id)] = true;
  for (TensorId id : graph.outputs) is_output_[static_cast<size_t>(id)] = true;

  // Count, sum up, fill: the uses of all tensors in one array.
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    for (TensorId id : graph.nodes[n].outputs) {
      if (id != kNoTensor) producer_[static_cast<size_t>(id)] = static_cast<NodeId>(n);
    }
    for (TensorId id : graph.nodes[n].inputs) {
      if (id != kNoTensor) ++first_use_[static_cast<size_t>(id) + 1];
    }
  }
  for (size_t t = 1; t < first_use_.size(); ++t) first_use_[t] += first_use_[t - 1];
  uses_.resize(first_use_.back());
  std::vector<size_t> next(first_use_.begin(), first_use_.end() - 1);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const auto& inputs = graph.nodes[n].inputs;
    for (size_t slot = 0; slot < inputs.size(); ++slot) {
      if (inputs[slot] == kNoTensor) continue;
      uses_[next[static_cast<size_t>(inputs[slot])]++] = {static_cast<NodeId>(n),
                                                          static_cast<int32_t>(slot)};
    }
  }
}

}  // namespace q_implant
