// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/plan/remove_nodes.h"

#include <utility>

#include "pass/graph/display_names.h"

namespace q_implant {

void RemoveNodes(const std::vector<bool>& gone, Graph& graph, GraphPlan& plan) {
  size_t kept = 0;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (gone[n]) {
      const Node& node = graph.nodes[n];
      const bool named = !node.outputs.empty() && node.outputs[0] != kNoTensor;
      plan.removed.push_back({OpName(node), named ? graph.tensor(node.outputs[0]).name : ""});
      continue;
    }
    if (kept != n) {
      graph.nodes[kept] = std::move(graph.nodes[n]);
      plan.nodes[kept] = std::move(plan.nodes[n]);
    }
    ++kept;
  }
  graph.nodes.resize(kept);
  plan.nodes.resize(kept);
  plan.def_use = DefUse(graph);
}

}  // namespace q_implant
