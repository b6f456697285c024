// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/constant_data.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "ir/elements.h"
#include "ir/float16.h"
#include "ir/tensor_type.h"

namespace q_implant {
namespace {

// Calls f with a value of the C++ type that holds one element of `dtype`; 4-bit elements are held
// in a byte.
template <typename F>
void WithStorage(circle::TensorType dtype, F f) {
  switch (dtype) {
    case circle::TensorType_INT4:
    case circle::TensorType_INT8:
      return f(int8_t{});
    case circle::TensorType_UINT4:
    case circle::TensorType_UINT8:
      return f(uint8_t{});
    case circle::TensorType_INT16:
      return f(int16_t{});
    case circle::TensorType_INT32:
      return f(int32_t{});
    default:
      return f(int64_t{});
  }
}

// Walks the first `count` elements of a tensor channel by channel: f(channel, first element, number
// of elements). None where the shape has no such axis.
template <typename F>
void ForEachChannelRun(absl::Span<const int32_t> shape, const QuantParams& params, size_t count,
                       F f) {
  if (!params.per_channel()) return f(0, 0, count);
  const auto axis = static_cast<size_t>(params.quantized_dimension);
  const size_t run = axis < shape.size() ? ElementCount(shape.subspan(axis + 1)).value_or(0) : 0;
  if (run == 0) return;
  size_t channel = 0;
  for (size_t first = 0; first < count; first += run) {
    f(channel, first, std::min(run, count - first));
    channel = channel + 1 == params.scale.size() ? 0 : channel + 1;
  }
}

template <typename Integer>
int64_t Clamp(Integer q, IntegerRange range, uint64_t& saturated) {
  if (q > range.max) return ++saturated, range.max;
  if (q < range.min) return ++saturated, range.min;
  return static_cast<int64_t>(q);
}

int64_t ToInteger(double rounded, int64_t zero_point, IntegerRange range, uint64_t& saturated) {
  constexpr int64_t kFar = int64_t{1} << 62;  // two numbers below it can be added
  if (std::abs(rounded) < static_cast<double>(kFar) && -kFar < zero_point && zero_point < kFar) {
    return Clamp(static_cast<int64_t>(rounded) + zero_point, range, saturated);
  }
  return Clamp(absl::int128(std::clamp(rounded, -0x1p100, 0x1p100)) + zero_point, range, saturated);
}

bool IsFourBit(circle::TensorType dtype) { return BitsPerElement(dtype) == 4; }

// How many elements of the shape the data holds: all of them, unless the data is cut off.
size_t CountIn(absl::Span<const uint8_t> data, absl::Span<const int32_t> shape,
               circle::TensorType dtype) {
  const uint64_t held = data.size() * 8 / static_cast<size_t>(std::max(1, BitsPerElement(dtype)));
  return std::min(held, ElementCount(shape).value_or(0));
}

// The first `count` elements of packed or plain integers as reals, handed to f(element, real) in
// order.
template <typename F>
void ForEachReal(absl::Span<const uint8_t> data, absl::Span<const int32_t> shape,
                 const QuantParams& params, size_t count, F f) {
  std::vector<uint8_t> unpacked;
  if (IsFourBit(params.dtype)) {
    unpacked = UnpackNibbles(data, count, params.dtype == circle::TensorType_INT4);
    data = unpacked;
  }
  WithStorage(params.dtype, [&](auto storage) {
    using T = decltype(storage);
    ForEachChannelRun(shape, params, count, [&](size_t channel, size_t first, size_t run) {
      const double scale = params.scale[channel];
      const auto zero_point = static_cast<double>(params.zero_point[channel]);
      for (size_t i = first; i < first + run; ++i) {
        f(i, scale * (static_cast<double>(LoadElement<T>(data, i)) - zero_point));
      }
    });
  });
}

Bytes Finish(std::vector<uint8_t> bytes, circle::TensorType dtype) {
  return IsFourBit(dtype) ? PackNibbles(bytes) : Bytes::Own(std::move(bytes));
}

}  // namespace

absl::StatusOr<QuantizedData> QuantizeFloats(absl::Span<const uint8_t> floats,
                                             absl::Span<const int32_t> shape,
                                             const QuantParams& params,
                                             WeightsRange weights_range) {
  IntegerRange range = *RangeOf(params.dtype);
  if (weights_range == WeightsRange::kNarrow) ++range.min;
  const size_t count = floats.size() / sizeof(float);
  std::vector<uint8_t> bytes;
  uint64_t saturated = 0;
  size_t nan_at = count;
  WithStorage(params.dtype, [&](auto storage) {
    using T = decltype(storage);
    bytes.resize(count * sizeof(T));
    ForEachChannelRun(shape, params, count, [&](size_t channel, size_t first, size_t run) {
      const float scale = params.scale[channel];
      const int64_t zero_point = params.zero_point[channel];
      for (size_t i = first; i < first + run; ++i) {
        const float rounded = std::rint(LoadElement<float>(floats, i) / scale);
        if (std::isnan(rounded)) {
          nan_at = std::min(nan_at, i);
          continue;
        }
        const auto q = static_cast<T>(ToInteger(rounded, zero_point, range, saturated));
        StoreElement(absl::MakeSpan(bytes), i, q);
      }
    });
  });
  if (nan_at < count) {
    return absl::InvalidArgumentError(absl::StrCat("NaN at element ", nan_at));
  }
  return QuantizedData{Finish(std::move(bytes), params.dtype), saturated};
}

Bytes DequantizeToFloats(absl::Span<const uint8_t> data, absl::Span<const int32_t> shape,
                         const QuantParams& params) {
  const size_t count = CountIn(data, shape, params.dtype);
  std::vector<uint8_t> bytes(count * sizeof(float));
  ForEachReal(data, shape, params, count, [&](size_t i, double real) {
    const auto value = static_cast<float>(real);
    StoreElement(absl::MakeSpan(bytes), i, value);
  });
  return Bytes::Own(std::move(bytes));
}

QuantizedData Requantize(absl::Span<const uint8_t> data, absl::Span<const int32_t> shape,
                         const QuantParams& from, const QuantParams& to) {
  const size_t count = CountIn(data, shape, from.dtype);
  std::vector<double> reals(count);
  ForEachReal(data, shape, from, count, [&](size_t i, double real) { reals[i] = real; });
  std::vector<uint8_t> bytes;
  uint64_t saturated = 0;
  WithStorage(to.dtype, [&](auto storage) {
    using T = decltype(storage);
    bytes.resize(count * sizeof(T));
    ForEachChannelRun(shape, to, count, [&](size_t channel, size_t first, size_t run) {
      for (size_t i = first; i < first + run; ++i) {
        const double rounded = std::rint(reals[i] / static_cast<double>(to.scale[channel]));
        const auto q = static_cast<T>(
            ToInteger(rounded, to.zero_point[channel], *RangeOf(to.dtype), saturated));
        StoreElement(absl::MakeSpan(bytes), i, q);
      }
    });
  });
  return {Finish(std::move(bytes), to.dtype), saturated};
}

Bytes WidenFloat16(absl::Span<const uint8_t> halves) {
  const size_t count = halves.size() / 2;
  std::vector<uint8_t> bytes(count * sizeof(float));
  for (size_t i = 0; i < count; ++i) {
    const float value = HalfToFloat(LoadElement<uint16_t>(halves, i));
    StoreElement(absl::MakeSpan(bytes), i, value);
  }
  return Bytes::Own(std::move(bytes));
}

std::vector<uint8_t> UnpackNibbles(absl::Span<const uint8_t> packed, size_t count, bool is_signed) {
  count = std::min(count, 2 * packed.size());
  std::vector<uint8_t> bytes(count);
  for (size_t i = 0; i < count; ++i) {
    const uint8_t nibble = i % 2 == 0 ? packed[i / 2] & 0xf : packed[i / 2] >> 4;
    bytes[i] = is_signed && nibble >= 8 ? static_cast<uint8_t>(nibble | 0xf0) : nibble;
  }
  return bytes;
}

Bytes PackNibbles(absl::Span<const uint8_t> bytes) {
  std::vector<uint8_t> packed((bytes.size() + 1) / 2, 0);
  for (size_t i = 0; i < bytes.size(); ++i) {
    packed[i / 2] |= static_cast<uint8_t>((bytes[i] & 0xf) << (i % 2 == 0 ? 0 : 4));
  }
  return Bytes::Own(std::move(packed));
}

bool FiniteRange(absl::Span<const uint8_t> floats, float& least, float& greatest) {
  least = greatest = 0;
  for (size_t i = 0; i < floats.size() / sizeof(float); ++i) {
    const auto value = LoadElement<float>(floats, i);
    if (!std::isfinite(value)) return false;
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
  return true;
}

}  // namespace q_implant
