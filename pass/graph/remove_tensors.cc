// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/remove_tensors.h"

#include <utility>
#include <vector>

#include "pass/graph/blockwise.h"

namespace q_implant {
namespace {

void MoveBlockwise(const std::vector<TensorId>& moved_to, Model& model, Tensor& tensor) {
  const circle::BlockwiseQuantization* table = BlockwiseOf(tensor);
  if (table == nullptr) return;
  circle::BlockwiseQuantizationT details;
  table->UnPackTo(&details);
  for (int32_t* id : {&details.scales, &details.zero_points}) {
    if (*id >= 0 && static_cast<size_t>(*id) < moved_to.size()) {
      *id = moved_to[static_cast<size_t>(*id)];
    }
  }
  tensor.quantization->details = model.AddOptions(details);
}

}  // namespace

void RemoveTensors(absl::Span<const TensorId> tensors, size_t graph_index, Model& model) {
  if (tensors.empty()) return;
  Graph& graph = model.graphs[graph_index];
  std::vector<TensorId> moved_to(graph.tensors.size(), 0);
  for (TensorId id : tensors) moved_to[static_cast<size_t>(id)] = kNoTensor;
  TensorId next = 0;
  for (size_t t = 0; t < moved_to.size(); ++t) {
    if (moved_to[t] == kNoTensor) continue;
    moved_to[t] = next;
    if (static_cast<size_t>(next) != t) {
      graph.tensors[static_cast<size_t>(next)] = std::move(graph.tensors[t]);
    }
    ++next;
  }
  graph.tensors.resize(static_cast<size_t>(next));

  const auto follow = [&](std::vector<TensorId>& ids) {
    for (TensorId& id : ids) {
      if (id != kNoTensor) id = moved_to[static_cast<size_t>(id)];
    }
  };
  follow(graph.inputs);
  follow(graph.outputs);
  for (Node& node : graph.nodes) {
    follow(node.inputs);
    follow(node.outputs);
    follow(node.intermediates);
  }
  for (SignatureDef& signature : model.signature_defs) {
    if (signature.graph != graph_index) continue;
    for (auto* maps : {&signature.inputs, &signature.outputs}) {
      for (TensorMap& map : *maps) map.tensor = moved_to[static_cast<size_t>(map.tensor)];
    }
  }
  for (Tensor& tensor : graph.tensors) MoveBlockwise(moved_to, model, tensor);
}

}  // namespace q_implant
