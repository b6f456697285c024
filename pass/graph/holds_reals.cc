// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/holds_reals.h"

#include <algorithm>
#include <cmath>

#include "ir/operators/operator_table.h"

namespace q_implant {
namespace {

// Whose int32 constants are biases, though the table does not say so of islands.
bool IsRecurrent(circle::BuiltinOperator op) {
  switch (op) {
    case circle::BuiltinOperator_BIDIRECTIONAL_SEQUENCE_LSTM:
    case circle::BuiltinOperator_BIDIRECTIONAL_SEQUENCE_RNN:
    case circle::BuiltinOperator_LSTM:
    case circle::BuiltinOperator_RNN:
    case circle::BuiltinOperator_SVDF:
    case circle::BuiltinOperator_UNIDIRECTIONAL_SEQUENCE_LSTM:
    case circle::BuiltinOperator_UNIDIRECTIONAL_SEQUENCE_RNN:
      return true;
    default:
      return false;
  }
}

// Whether a node takes a tensor in this role for real numbers. A Cast converts the integers
// themselves, whatever their scale.
bool TakesReals(const Node& node, Role role, bool wide) {
  if (RowOf(node).kind == Kind::kConvert) return true;
  if (node.op() == circle::BuiltinOperator_CAST || role == Role::kControl) return false;
  return !wide || role == Role::kBias || IsRecurrent(node.op());
}

}  // namespace

bool HoldsReals(const Graph& graph, const DefUse& def_use, TensorId id) {
  const circle::TensorType type = graph.tensor(id).type;
  const bool wide = type == circle::TensorType_INT32 || type == circle::TensorType_INT64;
  if (const NodeId producer = def_use.producer(id); producer != kNoNode) {
    const Node& node = graph.nodes[static_cast<size_t>(producer)];
    const auto slot = std::find(node.outputs.begin(), node.outputs.end(), id);
    return TakesReals(
        node, OutputRole(RowOf(node), static_cast<size_t>(slot - node.outputs.begin())), wide);
  }
  const auto uses = def_use.uses(id);
  // An operator's state: its slot has no role.
  if (uses.empty() || graph.tensor(id).is_variable) return !wide;
  return std::any_of(uses.begin(), uses.end(), [&](const Use& use) {
    const Node& node = graph.nodes[static_cast<size_t>(use.node)];
    return TakesReals(node, InputRole(RowOf(node), static_cast<size_t>(use.slot)), wide);
  });
}

ParamsPtr ParamsOfReals(const Graph& graph, const DefUse& def_use, TensorId id) {
  const Tensor& tensor = graph.tensor(id);
  if (!tensor.is_stored_plainly()) return nullptr;
  ParamsPtr params = ParamsOf(tensor);
  if (params == nullptr || !HoldsReals(graph, def_use, id)) return nullptr;
  const bool sound = std::all_of(params->scale.begin(), params->scale.end(),
                                 [](float scale) { return std::isfinite(scale) && scale > 0; });
  return sound ? params : nullptr;
}

}  // namespace q_implant
