// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_NUMBERS_QUANTIZATION_ERROR_H_
#define Q_IMPLANT_PASS_NUMBERS_QUANTIZATION_ERROR_H_

#include <cstdint>

#include "absl/types/span.h"
#include "ir/quant_params.h"

namespace q_implant {

// The ratio of two powers; infinite for no noise.
double ToDb(double signal, double noise);

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

#endif  // Q_IMPLANT_PASS_NUMBERS_QUANTIZATION_ERROR_H_
