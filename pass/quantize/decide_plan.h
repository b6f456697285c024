// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_DECIDE_PLAN_H_
#define Q_IMPLANT_PASS_QUANTIZE_DECIDE_PLAN_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "pass/quantize/plan/plan_context.h"

namespace q_implant {

// A step on the way to a complete plan. docs/architecture.md has a table of the steps, which a test
// compares with these lists.
struct PlanStep {
  absl::string_view name;
  void (*run)(const PlanContext& context);
  bool ends_with_errors = false;  // errors of this step and of those before end the run here
};

// What the param file means: these leave the model as it is.
absl::Span<const PlanStep> BindSteps();

// What becomes of the graphs. The first of them change the model, each in so far as it adds or
// removes nodes that the later ones must plan.
absl::Span<const PlanStep> DecideSteps();

// Runs steps in turn. False where they ended with errors.
bool RunSteps(absl::Span<const PlanStep> steps, const PlanContext& context);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_DECIDE_PLAN_H_
