// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_WEIGHTS_WITHOUT_DATA_H_
#define Q_IMPLANT_PASS_QUANTIZE_WEIGHTS_WITHOUT_DATA_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// One warning for all annotated weights whose operators stay float32 because what these read or
// make has no parameters. An exporter that loses its activations leaves such a model: the outputs
// still look right, and nothing is faster.
void WarnOfWeightsWithoutData(const Model& model, const Plan& plan, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_WEIGHTS_WITHOUT_DATA_H_
