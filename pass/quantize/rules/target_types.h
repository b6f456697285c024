// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_TARGET_TYPES_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_TARGET_TYPES_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// Part of --target: annotated activations take types that the target computes with.
//
// - int8 becomes uint8 for onert, the same real numbers with zero points moved by 128. For LiteRT
//   uint8 becomes int8 where more weights need int8 data beside them than need uint8 (PyTorch's
//   X86Inductor: uint8 data, int8 weights). All or none, so that no conversions stand in between;
//   single operators that need the other type get it behind a Quantize, when they are selected.
// - what the target can't convert from float32 and back (onert: int16) stays float32.
//
// Remarks and warnings tell of both. To be called between FoldConstantMovers and Propagate.
void TakeTargetTypes(const Model& model, Plan& plan, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_TARGET_TYPES_H_
