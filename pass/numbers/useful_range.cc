// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/useful_range.h"

#include <algorithm>
#include <cmath>

#include "ir/operators/operator_table.h"

namespace q_implant {

std::optional<RealRange> UsefulRange(const Node& node, size_t slot, const RealRange& other,
                                     double step, const RealRange& output) {
  switch (node.op()) {
    case circle::BuiltinOperator_ADD:
      return RealRange{output.least - other.greatest, output.greatest - other.least};
    case circle::BuiltinOperator_SUB:
      if (slot == 0) return RealRange{output.least + other.least, output.greatest + other.greatest};
      return RealRange{other.least - output.greatest, other.greatest - output.least};
    case circle::BuiltinOperator_SQUARED_DIFFERENCE: {
      const double reach = std::sqrt(std::max(output.greatest, 0.0));
      return RealRange{other.least - reach, other.greatest + reach};
    }
    // Kernels compare after rounding, so one step beyond the other operand may still equal it.
    case circle::BuiltinOperator_LESS:
    case circle::BuiltinOperator_LESS_EQUAL:
    case circle::BuiltinOperator_GREATER:
    case circle::BuiltinOperator_GREATER_EQUAL:
    case circle::BuiltinOperator_EQUAL:
    case circle::BuiltinOperator_NOT_EQUAL:
      return RealRange{other.least - 2 * step, other.greatest + 2 * step};
    default:
      break;
  }
  if (RowOf(node).kind == Kind::kMover) return output;
  return std::nullopt;
}

}  // namespace q_implant
