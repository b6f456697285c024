// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_NUMBERS_CONSTANT_DATA_H_
#define Q_IMPLANT_PASS_NUMBERS_CONSTANT_DATA_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ir/bytes.h"
#include "ir/quant_params.h"

// Conversions of the bytes of constants. Shapes are those of the tensor; with one scale per
// channel, the channel of an element is its index along QuantParams::quantized_dimension.
//
// Data may hold fewer elements than its shape: only what is there is read and converted.

namespace q_implant {

struct QuantizedData {
  Bytes data;              // as a buffer holds them: 4-bit types packed two a byte
  uint64_t saturated = 0;  // elements that the integer range cut off
};

// The integers allowed for values of these parameters. The narrow range leaves out the least value
// of a signed type, so that the range is symmetric.
enum class WeightsRange { kFull, kNarrow };

// q = clamp(rint(x / scale) + zero_point): IEEE float32 division, ties to even, integer addition.
// `floats` are the bytes of float32 elements. InvalidArgument for a NaN, with its position.
absl::StatusOr<QuantizedData> QuantizeFloats(absl::Span<const uint8_t> floats,
                                             absl::Span<const int32_t> shape,
                                             const QuantParams& params, WeightsRange range);

// scale * (q - zero_point) of packed integers, rounded to float32 once: the bytes of float32
// elements.
Bytes DequantizeToFloats(absl::Span<const uint8_t> data, absl::Span<const int32_t> shape,
                         const QuantParams& params);

// The same real values under other parameters, computed in double: the nearest integers, ties to
// even.
QuantizedData Requantize(absl::Span<const uint8_t> data, absl::Span<const int32_t> shape,
                         const QuantParams& from, const QuantParams& to);

// float16 elements as float32 ones.
Bytes WidenFloat16(absl::Span<const uint8_t> halves);

// Two 4-bit values a byte, the first in the low half; `bytes` hold one value each.
Bytes PackNibbles(absl::Span<const uint8_t> bytes);

// The inverse: the first `count` values, one a byte, with their sign where they have one.
std::vector<uint8_t> UnpackNibbles(absl::Span<const uint8_t> packed, size_t count, bool is_signed);

// The least and greatest of float32 elements, with 0 included. False where one is not finite.
bool FiniteRange(absl::Span<const uint8_t> floats, float& least, float& greatest);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_NUMBERS_CONSTANT_DATA_H_
