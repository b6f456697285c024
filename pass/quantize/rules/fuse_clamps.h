// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_FUSE_CLAMPS_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_FUSE_CLAMPS_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// Part of --target. A clamp between quantized tensors for which the target has no integer kernel
// (onert: every one) becomes the fused activation of the operator before it, where that computes in
// integers, fuses clamps and has no other reader (a Transpose or Reshape may stand between): what
// it makes is then rounded once, not twice. A remark tells how many, notes which. To be called
// between two runs of Propagate: parameters reach clamps through movers, and the operator before
// from the clamp that it took in. True where there was one.
bool FuseClamps(Model& model, Plan& plan, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_FUSE_CLAMPS_H_
