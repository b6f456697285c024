// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_LIMIT_SCALES_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_LIMIT_SCALES_H_

#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// With a target: integer nodes whose scales are farther apart than the target's kernels compute
// with (ir/operators/scale_limits.h) read a side in other parameters where that costs less than a
// step of their output, and are float32 where it would cost more:
//
// - an input whose scale is too small takes a greater one, far below a step of the output still;
// - an input of Add or Sub whose scale is too great is cut off at what can move the output across
//   its whole range.
void LimitScales(const Model& model, Plan& plan);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_LIMIT_SCALES_H_
