// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_EQUALISE_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_EQUALISE_H_

#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// docs/rules.md#equalise. Where a kernel reads the parameters of one side only, all sides of an
// integer node get equal ones in NodePlan::in and ::out: with several inputs, the inputs take the
// output's; with one, the output takes the input's. Where kernels put out fixed parameters, the
// output gets those. Tensors keep their own: the difference becomes a requantize node when
// boundaries are made.
void Equalise(const Model& model, Plan& plan);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_EQUALISE_H_
