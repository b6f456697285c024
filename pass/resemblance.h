// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_RESEMBLANCE_H_
#define Q_IMPLANT_PASS_RESEMBLANCE_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/plan.h"

namespace q_implant {

// Compares imported values with the model's float32 data of the same constant: a value in the wrong
// layout (PyTorch's OIHW where all sizes are equal) or of another file has the right shape and
// means something else. Training moves weights, but not so far that the signal-to-noise ratio of a
// sample falls below 3 dB; then a diagnostic of this severity names the transposition that would
// fit, if one does. Constants that are all zero on either side are left alone.
void CheckResemblance(const Model& model, const Plan& plan, Severity severity,
                      const std::string& param_file, Diagnostics& diagnostics);

// How far integers under `params` are from the float32 data they stand for.
struct QuantizationError {
  double snr_db = 0;          // infinite where there is no difference
  double greatest_steps = 0;  // greatest difference, in scales of its channel
};

// `floats` and `integers` are the bytes of buffers, both of this shape.
QuantizationError CompareWithFloats(absl::Span<const uint8_t> floats,
                                    absl::Span<const uint8_t> integers,
                                    absl::Span<const int32_t> shape, const QuantParams& params);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_RESEMBLANCE_H_
