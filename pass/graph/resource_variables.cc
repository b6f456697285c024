// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/resource_variables.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace q_implant {
namespace {

constexpr char kUnknown[] = "?";

std::string TextOf(const flatbuffers::String* text) {
  return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

// kUnknown for a handle that no VAR_HANDLE of this graph makes.
std::string NameOf(const Graph& graph, const DefUse& def_use, TensorId handle) {
  const NodeId producer = handle == kNoTensor ? kNoNode : def_use.producer(handle);
  if (producer == kNoNode) return kUnknown;
  const auto* options =
      graph.nodes[static_cast<size_t>(producer)].OptionsAs<circle::VarHandleOptions>();
  if (options == nullptr) return kUnknown;
  return absl::StrCat(TextOf(options->container()), "/", TextOf(options->shared_name()));
}

}  // namespace

std::vector<ResourceVariable> FindResourceVariables(const Model& model) {
  std::vector<ResourceVariable> variables;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    const DefUse def_use(graph);
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      const Node& node = graph.nodes[n];
      VariableAccess access{.graph = g, .node = static_cast<NodeId>(n)};
      if (node.op() == circle::BuiltinOperator_READ_VARIABLE && node.inputs.size() == 1 &&
          node.outputs.size() == 1) {
        access.value = node.outputs[0];
        access.reads = true;
      } else if (node.op() == circle::BuiltinOperator_ASSIGN_VARIABLE && node.inputs.size() == 2) {
        access.value = node.inputs[1];
      } else {
        continue;
      }
      if (access.value == kNoTensor) continue;
      std::string name = NameOf(graph, def_use, node.inputs[0]);
      auto variable =
          std::find_if(variables.begin(), variables.end(),
                       [&](const ResourceVariable& other) { return other.name == name; });
      if (variable == variables.end()) {
        const bool is_known = name != kUnknown;
        variables.push_back({.name = std::move(name), .accesses = {}, .is_known = is_known});
        variable = variables.end() - 1;
      }
      variable->accesses.push_back(access);
    }
  }
  return variables;
}

}  // namespace q_implant
