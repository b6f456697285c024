// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_ZERO_BIASES_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_ZERO_BIASES_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// LiteRT and onert refuse convolutions without a bias, or crash: each whose weights have parameters
// gets one of zeros, a constant "<output>_bias"; with a target every one does. A note, with a
// target a remark, tells how many. To be called between FoldConstantMovers and Propagate.
void AddZeroBiases(Model& model, Plan& plan, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_ZERO_BIASES_H_
