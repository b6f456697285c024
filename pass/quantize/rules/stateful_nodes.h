// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_STATEFUL_NODES_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_STATEFUL_NODES_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "ir/operators/stateful_forms.h"
#include "pass/graph/def_use.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// Which nodes with a state compute in integers, and the parameters of all that belongs to them: the
// states of LSTM and SVDF, which their kernels write in place, biases, intermediates; and the
// values that pass through resource variables. What stays float32 takes its states with it: their
// parameters go from the plan.
void PlanStatefulNodes(const Model& model, Plan& plan, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_STATEFUL_NODES_H_
