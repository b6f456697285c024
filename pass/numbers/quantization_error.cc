// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/quantization_error.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "ir/elements.h"
#include "ir/tensor_type.h"
#include "pass/numbers/constant_data.h"

namespace q_implant {

double ToDb(double signal, double noise) {
  if (noise == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal / noise);
}

QuantizationError CompareWithFloats(absl::Span<const uint8_t> floats,
                                    absl::Span<const uint8_t> integers,
                                    absl::Span<const int32_t> shape, const QuantParams& params) {
  const Bytes meant = DequantizeToFloats(integers, shape, params);
  const size_t run =
      params.per_channel()
          ? *ElementCount(shape.subspan(static_cast<size_t>(params.quantized_dimension) + 1))
          : 1;
  double signal = 0;
  double noise = 0;
  QuantizationError error;
  for (size_t i = 0; i < floats.size() / sizeof(float); ++i) {
    const double wanted = static_cast<double>(LoadElement<float>(floats, i));
    const double difference =
        std::abs(wanted - static_cast<double>(LoadElement<float>(meant.span(), i)));
    const size_t channel = params.per_channel() ? i / run % params.scale.size() : 0;
    signal += wanted * wanted;
    noise += difference * difference;
    error.greatest_steps =
        std::max(error.greatest_steps, difference / static_cast<double>(params.scale[channel]));
  }
  error.snr_db = ToDb(signal, noise);
  return error;
}

}  // namespace q_implant
