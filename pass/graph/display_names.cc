// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/display_names.h"

#include "absl/strings/str_cat.h"

namespace q_implant {

std::string DisplayName(const Model& model, size_t graph, TensorId id) {
  const std::string& name = model.graphs[graph].tensor(id).name;
  return name.empty() ? absl::StrCat("#", graph, "/", id) : name;
}

std::string OutputName(const Model& model, size_t graph, const Node& node) {
  const bool named = !node.outputs.empty() && node.outputs[0] != kNoTensor;
  return named ? DisplayName(model, graph, node.outputs[0]) : "";
}

}  // namespace q_implant
