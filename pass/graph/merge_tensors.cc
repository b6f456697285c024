// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/merge_tensors.h"

#include <utility>

#include "pass/graph/remove_tensors.h"

namespace q_implant {

TensorId TensorMerger::Final(TensorId id) const {
  while (id != kNoTensor && replaced_by_[static_cast<size_t>(id)] != kNoTensor) {
    id = replaced_by_[static_cast<size_t>(id)];
  }
  return id;
}

std::optional<TensorMerger::Merged> TensorMerger::WouldMerge(TensorId first,
                                                             TensorId second) const {
  Merged merged{.stays = Final(first), .goes = Final(second)};
  if (MustStay(merged.goes)) std::swap(merged.stays, merged.goes);
  if (MustStay(merged.goes) || merged.stays == merged.goes) return std::nullopt;
  return merged;
}

std::optional<TensorMerger::Merged> TensorMerger::Merge(TensorId first, TensorId second) {
  const std::optional<Merged> merged = WouldMerge(first, second);
  if (!merged.has_value()) return std::nullopt;
  replaced_by_[static_cast<size_t>(merged->goes)] = merged->stays;
  went_.push_back(merged->goes);
  return merged;
}

void TensorMerger::Apply(const std::vector<bool>& gone, size_t graph_index, Model& model) const {
  Graph& graph = model.graphs[graph_index];
  size_t kept = 0;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (gone[n]) continue;
    if (kept != n) graph.nodes[kept] = std::move(graph.nodes[n]);
    Node& node = graph.nodes[kept++];
    for (TensorId& id : node.inputs) id = Final(id);
    for (TensorId& id : node.outputs) id = Final(id);
  }
  graph.nodes.resize(kept);
  for (SignatureDef& signature : model.signature_defs) {
    if (signature.graph != graph_index) continue;
    for (auto* maps : {&signature.inputs, &signature.outputs}) {
      for (TensorMap& map : *maps) map.tensor = Final(map.tensor);
    }
  }
  RemoveTensors(went_, graph_index, model);
}

}  // namespace q_implant
