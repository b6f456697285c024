// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_RESEMBLANCE_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_RESEMBLANCE_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// Compares imported values with the model's float32 data of the same constant: a value in the wrong
// layout (PyTorch's OIHW where all sizes are equal) or of another file has the right shape and
// means something else. Training moves weights, but not so far that the signal-to-noise ratio of a
// sample falls below 3 dB; then a diagnostic of this severity names the transposition that would
// fit, if one does. Constants that are all zero on either side are left alone.
void CheckResemblance(const Model& model, const Plan& plan, Severity severity,
                      const std::string& param_file, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_RESEMBLANCE_H_
