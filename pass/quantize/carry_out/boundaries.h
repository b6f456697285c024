// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_BOUNDARIES_H_
#define Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_BOUNDARIES_H_

#include <vector>

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"
#include "pass/quantize/plan/quantize_options.h"

namespace q_implant {

// docs/rules.md#boundaries. Carries out a complete plan. Every tensor takes its own form (float32,
// or integer with its parameters); where a node makes or reads another form, a Quantize or
// Dequantize node stands between, one per tensor and form, next to what makes the tensor. Constants
// are converted instead, and duplicated where their readers want different integers. Annotated
// tensors keep their names; graph inputs and outputs keep theirs whatever their type. Tensors keep
// their positions, new ones are appended. Linear in the size of the model.
//
// Returns for each graph and node of the result its position before; kNoNode for a conversion that
// was inserted. Errors (a constant that holds NaN) go into the diagnostics; the model is then half
// done and must be dropped.
std::vector<std::vector<NodeId>> MakeBoundaries(const QuantizeOptions& options, const Plan& plan,
                                                Model& model, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_BOUNDARIES_H_
