// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_BIND_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_BIND_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "ir/params.h"
#include "pass/quantize/plan/plan.h"
#include "pass/quantize/plan/quantize_options.h"

namespace q_implant {

// docs/rules.md#bind. Finds the tensor that each entry means and holds the entry against it. Every
// entry is checked to the end; each problem is an error in the diagnostics, and the plan is only
// good where there is none. `params` must outlive the plan.
void Bind(const Model& model, const Params& params, const QuantizeOptions& options, Plan& plan,
          Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_BIND_H_
