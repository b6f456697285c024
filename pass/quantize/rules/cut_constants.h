// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_CUT_CONSTANTS_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_CUT_CONSTANTS_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// Constants of integer nodes that reach beyond what can make a difference (useful_range.h) get
// parameters in NodePlan::in for the useful part of their range: with those of all their values, an
// attention mask of -10000 would have steps of 40, and kernels' sums overflow beside such a scale
// (LiteRT's int8 ADD wraps). A constant that is annotated, without a value, is treated so where its
// annotation is wider than four times what is useful, with a warning. A constant that comes with
// integers keeps them.
void CutConstants(const Model& model, Plan& plan, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_CUT_CONSTANTS_H_
