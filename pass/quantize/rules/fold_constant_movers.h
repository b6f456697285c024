// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_FOLD_CONSTANT_MOVERS_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_FOLD_CONSTANT_MOVERS_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// docs/rules.md#fold. Converters leave a Transpose or Reshape between weights and their operator,
// whose kernels want the constant itself. Where parameters stand on either side of such a mover, it
// is carried out on the constant's data and goes: its output becomes a constant. Parameters of the
// input follow, with their integers and channel axis, to an output without its own; where the axis
// does not survive, the mover stays. Constants that nobody reads any more go too; of annotated ones
// a note says into what. To be called between Bind and the other rules.
void FoldConstantMovers(Model& model, Plan& plan, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_FOLD_CONSTANT_MOVERS_H_
