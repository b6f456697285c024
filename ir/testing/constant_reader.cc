// SPDX-License-Identifier: Apache-2.0
#include "ir/testing/constant_reader.h"

#include <bit>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ir/float16.h"
#include "ir/tensor_type.h"

namespace q_implant {
namespace {

template <typename T>
std::vector<T> ReadElements(uint64_t count, TextCursor& cursor) {
  std::vector<T> values;
  if (cursor.AcceptWord("fill")) {
    cursor.Expect("(");
    values.assign(count, cursor.Number<T>());
    cursor.Expect(")");
  } else if (cursor.AcceptWord("ramp")) {
    cursor.Expect("(");
    T value = cursor.Number<T>();
    cursor.Expect(",");
    const T step = cursor.Number<T>();
    cursor.Expect(")");
    for (uint64_t i = 0; i < count; ++i) {
      values.push_back(static_cast<T>(value + static_cast<T>(i) * step));
    }
  } else {
    cursor.Expect("{");
    while (cursor.ok() && !cursor.Accept("}")) {
      if (!values.empty()) cursor.Expect(",");
      values.push_back(cursor.Number<T>());
    }
  }
  return values;
}

// Each value in as many bytes as Stored has.
template <typename Stored, typename T>
std::vector<uint8_t> ToBytes(const std::vector<T>& values) {
  std::vector<uint8_t> bytes(values.size() * sizeof(Stored));
  for (size_t i = 0; i < values.size(); ++i) {
    const auto stored = static_cast<Stored>(values[i]);
    std::memcpy(&bytes[i * sizeof(Stored)], &stored, sizeof(Stored));
  }
  return bytes;
}

std::vector<uint8_t> ToNibbles(const std::vector<int64_t>& values) {
  std::vector<uint8_t> bytes((values.size() + 1) / 2);
  for (size_t i = 0; i < values.size(); ++i) {
    bytes[i / 2] |= static_cast<uint8_t>((values[i] & 15) << (4 * (i % 2)));
  }
  return bytes;
}

uint16_t ToBfloat(float value) {
  return static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16);
}

std::vector<uint8_t> ToHalfBytes(const std::vector<float>& values, uint16_t (*convert)(float)) {
  std::vector<uint16_t> halves;
  for (float value : values) halves.push_back(convert(value));
  return ToBytes<uint16_t>(halves);
}

std::vector<uint8_t> IntegersToBytes(circle::TensorType type, const std::vector<int64_t>& values) {
  switch (BitsPerElement(type)) {
    case 4:
      return ToNibbles(values);
    case 8:
      return ToBytes<int8_t>(values);
    case 16:
      return ToBytes<int16_t>(values);
    case 32:
      return ToBytes<int32_t>(values);
    default:
      return ToBytes<int64_t>(values);
  }
}

void CheckCount(size_t found, uint64_t expected, size_t position, TextCursor& cursor) {
  if (found == expected) return;
  cursor.FailAt(position, absl::StrCat("expected ", expected, " elements, found ", found));
}

void CheckRange(circle::TensorType type, const std::vector<int64_t>& values, size_t position,
                TextCursor& cursor) {
  const IntegerRange range =
      type == circle::TensorType_BOOL ? IntegerRange{0, 1} : RangeOf(type).value();
  for (int64_t value : values) {
    if (value >= range.min && value <= range.max) continue;
    cursor.FailAt(position, absl::StrCat("expected elements of ", TypeName(type), " in ", range.min,
                                         "..", range.max, ", found ", value));
  }
}

template <typename T>
std::vector<T> ReadCounted(uint64_t count, TextCursor& cursor) {
  const size_t position = cursor.position();
  std::vector<T> values = ReadElements<T>(count, cursor);
  CheckCount(values.size(), count, position, cursor);
  return values;
}

std::vector<uint8_t> ReadIntegers(circle::TensorType type, uint64_t count, TextCursor& cursor) {
  const size_t position = cursor.position();
  const std::vector<int64_t> values = ReadCounted<int64_t>(count, cursor);
  CheckRange(type, values, position, cursor);
  return IntegersToBytes(type, values);
}

std::vector<uint8_t> ReadBytes(circle::TensorType type, uint64_t count, TextCursor& cursor) {
  switch (type) {
    case circle::TensorType_FLOAT32:
      return ToBytes<float>(ReadCounted<float>(count, cursor));
    case circle::TensorType_FLOAT64:
      return ToBytes<double>(ReadCounted<double>(count, cursor));
    case circle::TensorType_FLOAT16:
      return ToHalfBytes(ReadCounted<float>(count, cursor), FloatToHalf);
    case circle::TensorType_BFLOAT16:
      return ToHalfBytes(ReadCounted<float>(count, cursor), ToBfloat);
    case circle::TensorType_UINT64:
      return ToBytes<uint64_t>(ReadCounted<uint64_t>(count, cursor));
    default:
      if (RangeOf(type).has_value() || type == circle::TensorType_BOOL) {
        return ReadIntegers(type, count, cursor);
      }
      cursor.FailExpected(absl::StrCat("'<size> bytes' for a constant of ", TypeName(type)));
      return {};
  }
}

bool AtElements(const TextCursor& cursor) {
  const char next = cursor.Peek();
  return next == '{' || next == 'f' || next == 'r';  // elements, fill, ramp
}

}  // namespace

Bytes ReadConstant(const Tensor& tensor, TextCursor& cursor) {
  if (!AtElements(cursor)) {
    const auto size = cursor.Number<uint64_t>();
    cursor.ExpectWord("bytes");
    return Bytes::Own(std::vector<uint8_t>(cursor.ok() ? size : 0));
  }
  const std::optional<uint64_t> count = ElementCount(tensor.shape);
  return Bytes::Own(ReadBytes(tensor.type, count.value_or(0), cursor));
}

}  // namespace q_implant
