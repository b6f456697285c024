// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/kernel_states.h"

#include <cstddef>

namespace q_implant {

bool IsState(Operand operand) {
  return operand == Operand::kOutputState || operand == Operand::kCellState ||
         operand == Operand::kWideState;
}

bool IsStateOfKernel(const Graph& graph, const DefUse& def_use, TensorId id, Operand& operand) {
  const auto uses = def_use.uses(id);
  if (!graph.tensor(id).is_variable || uses.size() != 1) return false;
  const Node& node = graph.nodes[static_cast<size_t>(uses[0].node)];
  operand = OperandAt(node.op(), static_cast<size_t>(uses[0].slot));
  return IsState(operand);
}

}  // namespace q_implant
