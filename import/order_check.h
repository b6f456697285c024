// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_ORDER_CHECK_H_
#define Q_IMPLANT_IMPORT_ORDER_CHECK_H_

#include <functional>

#include "ir/circle_generated.h"
#include "ir/diagnostics.h"

namespace q_implant {

// Whether the nodes of each graph can run one after the other, as the passes take for granted:
//
// - each has the operands that its operator computes with (LeastInputs of its row), and an output;
//   a Quantize or Dequantize has one of each;
// - a tensor is made by one node, once, and neither a constant nor a graph input is made;
// - no node reads what it, or a node after it, makes: so there is no cycle.
//
// Variables may be written by any node, and tensors that nothing makes may be read. Every index of
// the model must have been checked; each problem is reported without a file.
void CheckOrder(const circle::Model& model, const std::function<void(Diagnostic)>& report);

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_ORDER_CHECK_H_
