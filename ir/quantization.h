// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_QUANTIZATION_H_
#define Q_IMPLANT_IR_QUANTIZATION_H_

#include <cstdint>

#include "flatbuffers/flatbuffers.h"
#include "ir/circle_generated.h"
#include "ir/stored.h"

namespace q_implant {

// What a circle file stores of a tensor's quantization, field by field (table
// QuantizationParameters).
struct Quantization {
  StoredVector<float> min;
  StoredVector<float> max;
  StoredVector<float> scale;  // one, or one per channel
  StoredVector<int64_t> zero_point;
  int32_t quantized_dimension = 0;  // the channel axis; without meaning where there is one scale

  // Custom, MX or blockwise quantization: a table of the input file, passed through. Null where
  // there is none.
  circle::QuantizationDetails details_type = circle::QuantizationDetails_NONE;
  const flatbuffers::Table* details = nullptr;

  // True where an integer value stands for scale * (value - zero_point).
  bool has_parameters() const { return !scale.empty(); }
  bool per_channel() const { return scale.size() > 1; }
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_QUANTIZATION_H_
