// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_PLAN_PLAN_CONTEXT_H_
#define Q_IMPLANT_PASS_QUANTIZE_PLAN_PLAN_CONTEXT_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "ir/params.h"
#include "pass/quantize/plan/plan.h"
#include "pass/quantize/plan/quantize_options.h"

namespace q_implant {

// What the steps of a plan work on. A rule takes the parts that it needs, so that its declaration
// says what it reads and what it changes; one that needs nearly all takes the context.
struct PlanContext {
  Model& model;
  const Params& params;
  const QuantizeOptions& options;
  const RunMode& mode;
  Plan& plan;
  Diagnostics& diagnostics;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_PLAN_PLAN_CONTEXT_H_
