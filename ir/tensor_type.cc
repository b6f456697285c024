// SPDX-License-Identifier: Apache-2.0
#include "ir/tensor_type.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace q_implant {
namespace {

template <typename T>
constexpr IntegerRange LimitsOf() {
  return {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

}  // namespace

std::string TypeName(circle::TensorType type) {
  const char* name = circle::EnumNameTensorType(type);
  return *name == '\0' ? absl::StrCat("type ", static_cast<int>(type))
                       : absl::AsciiStrToLower(name);
}

std::optional<circle::TensorType> TypeFromName(absl::string_view name) {
  for (circle::TensorType type : circle::EnumValuesTensorType()) {
    if (absl::AsciiStrToLower(name) == TypeName(type)) return type;
  }
  return std::nullopt;
}

int BitsPerElement(circle::TensorType type) {
  switch (type) {
    case circle::TensorType_INT4:
    case circle::TensorType_UINT4:
      return 4;
    case circle::TensorType_INT8:
    case circle::TensorType_UINT8:
    case circle::TensorType_BOOL:
      return 8;
    case circle::TensorType_INT16:
    case circle::TensorType_UINT16:
    case circle::TensorType_FLOAT16:
    case circle::TensorType_BFLOAT16:
      return 16;
    case circle::TensorType_INT32:
    case circle::TensorType_UINT32:
    case circle::TensorType_FLOAT32:
      return 32;
    case circle::TensorType_INT64:
    case circle::TensorType_UINT64:
    case circle::TensorType_FLOAT64:
    case circle::TensorType_COMPLEX64:
      return 64;
    case circle::TensorType_COMPLEX128:
      return 128;
    default:
      return 0;
  }
}

std::optional<uint64_t> ByteSize(circle::TensorType type, uint64_t count) {
  const uint64_t bits = static_cast<uint64_t>(BitsPerElement(type));
  if (bits == 0 || count > std::numeric_limits<uint64_t>::max() / bits - 7) return std::nullopt;
  return (count * bits + 7) / 8;
}

std::optional<IntegerRange> RangeOf(circle::TensorType type) {
  switch (type) {
    case circle::TensorType_INT4:
      return IntegerRange{-8, 7};
    case circle::TensorType_UINT4:
      return IntegerRange{0, 15};
    case circle::TensorType_INT8:
      return LimitsOf<int8_t>();
    case circle::TensorType_UINT8:
      return LimitsOf<uint8_t>();
    case circle::TensorType_INT16:
      return LimitsOf<int16_t>();
    case circle::TensorType_UINT16:
      return LimitsOf<uint16_t>();
    case circle::TensorType_INT32:
      return LimitsOf<int32_t>();
    case circle::TensorType_UINT32:
      return LimitsOf<uint32_t>();
    case circle::TensorType_INT64:
      return LimitsOf<int64_t>();
    default:
      return std::nullopt;
  }
}

bool IsQuantizedType(circle::TensorType type) {
  return RangeOf(type).has_value() && type != circle::TensorType_UINT16 &&
         type != circle::TensorType_UINT32;
}

std::optional<uint64_t> ElementCount(absl::Span<const int32_t> shape) {
  uint64_t count = 1;
  for (int32_t dim : shape) {
    if (dim < 0) return std::nullopt;
    if (__builtin_mul_overflow(count, static_cast<uint64_t>(dim), &count)) return std::nullopt;
  }
  return count;
}

std::string ShapeText(absl::Span<const int32_t> shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ","), "]");
}

std::string ShapeText(absl::Span<const int64_t> shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ","), "]");
}

}  // namespace q_implant
