// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_INTEGER_NODES_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_INTEGER_NODES_H_

#include "ir/model.h"
#include "pass/quantize/plan/plan.h"
#include "pass/quantize/plan/quantize_options.h"

namespace q_implant {

// docs/rules.md#integer-nodes. Decides which nodes compute in integers: those whose row of the
// operator table has a kernel for the types, whose data and weights all have parameters, and whose
// other constants can be derived. Each of these gets the parameters of its data and weights in
// NodePlan::in and ::out; every other node that touches a tensor with parameters gets the reason
// why it stays float32.
void SelectIntegerNodes(const Model& model, const QuantizeOptions& options, Plan& plan);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_INTEGER_NODES_H_
