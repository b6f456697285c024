// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_CONVERSION_NODE_H_
#define Q_IMPLANT_PASS_GRAPH_CONVERSION_NODE_H_

#include "ir/node.h"
#include "ir/operators/operator_table.h"

namespace q_implant {

// A Quantize or Dequantize with one tensor on each side.
inline bool IsConversion(const Node& node) {
  return RowOf(node).kind == Kind::kConvert && node.inputs.size() == 1 &&
         node.outputs.size() == 1 && node.inputs[0] != kNoTensor && node.outputs[0] != kNoTensor;
}

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_CONVERSION_NODE_H_
