// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/unused_tensors.h"

#include "pass/graph/blockwise.h"

namespace q_implant {

std::vector<bool> FindUsedTensors(const Model& model, size_t graph_index) {
  const Graph& graph = model.graphs[graph_index];
  std::vector<bool> used(graph.tensors.size(), false);
  const auto use = [&](TensorId id) {
    if (id >= 0 && static_cast<size_t>(id) < used.size()) used[static_cast<size_t>(id)] = true;
  };
  for (const auto* ids : {&graph.inputs, &graph.outputs}) {
    for (TensorId id : *ids) use(id);
  }
  for (const Node& node : graph.nodes) {
    for (const auto* ids : {&node.inputs, &node.outputs, &node.intermediates}) {
      for (TensorId id : *ids) use(id);
    }
  }
  for (const SignatureDef& signature : model.signature_defs) {
    if (signature.graph != graph_index) continue;
    for (const auto* maps : {&signature.inputs, &signature.outputs}) {
      for (const TensorMap& map : *maps) use(map.tensor);
    }
  }
  for (size_t t = 0; t < used.size(); ++t) {
    const circle::BlockwiseQuantization* blockwise = BlockwiseOf(graph.tensors[t]);
    if (!used[t] || blockwise == nullptr) continue;
    use(blockwise->scales());
    use(blockwise->zero_points());
  }
  return used;
}

}  // namespace q_implant
