// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_DERIVE_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_DERIVE_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"
#include "pass/quantize/plan/plan_context.h"

namespace q_implant {

// docs/rules.md#derive. Completes NodePlan::in of integer nodes with what nobody annotated: biases
// from data and weights, other constants from their values. A node whose constants allow no
// parameters (not finite) becomes an island. An annotated bias takes the derived parameters, with a
// warning, unless `options.keep_bias`.
void Derive(const PlanContext& context);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_DERIVE_H_
