// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_FOLD_DEQUANTIZES_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_FOLD_DEQUANTIZES_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// Part of --target. A Dequantize of a constant that the model came with and that the target does
// not compute rightly (onert: a scale per channel, float16) is carried out: what it made is a
// float32 constant of the same values. A remark tells how many. To be called between
// FoldConstantMovers and Propagate.
void FoldDequantizes(Model& model, Plan& plan, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_FOLD_DEQUANTIZES_H_
