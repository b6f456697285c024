// SPDX-License-Identifier: Apache-2.0
#include "ir/value_text.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ir/elements.h"
#include "ir/float16.h"
#include "ir/tensor_type.h"

namespace q_implant {
namespace {

template <typename T>
std::string Joined(absl::Span<const T> numbers) {
  return absl::StrJoin(numbers, ", ",
                       [](std::string* out, T number) { out->append(NumberText(number)); });
}

template <typename T>
std::string Numbers(absl::Span<const T> numbers) {
  if (numbers.size() == 1) return NumberText(numbers[0]);
  if (numbers.size() <= kMaxListedNumbers) return absl::StrCat("[", Joined(numbers), "]");
  const auto [least, greatest] = std::minmax_element(numbers.begin(), numbers.end());
  const std::string low = absl::StrCat(numbers.size(), " x ", NumberText(*least));
  return *least == *greatest ? low : absl::StrCat(low, "..", NumberText(*greatest));
}

template <typename T>
std::string Elements(absl::Span<const uint8_t> data) {
  return Joined<T>(LoadElements<T>(data));
}

std::string HalfElements(absl::Span<const uint8_t> data, bool bfloat) {
  std::vector<float> values(data.size() / 2);
  for (size_t i = 0; i < values.size(); ++i) {
    const auto bits = LoadElement<uint16_t>(data, i);
    values[i] = bfloat ? std::bit_cast<float>(uint32_t{bits} << 16) : HalfToFloat(bits);
  }
  return Joined<float>(values);
}

std::string NibbleElements(absl::Span<const uint8_t> data, uint64_t count, bool is_signed) {
  std::vector<int64_t> values(count);
  for (size_t i = 0; i < count; ++i) {
    const int nibble = (data[i / 2] >> (4 * (i % 2))) & 15;
    values[i] = is_signed && nibble > 7 ? nibble - 16 : nibble;
  }
  return Joined<int64_t>(values);
}

// Nothing for elements that are not plain numbers.
std::optional<std::string> ElementsText(circle::TensorType type, uint64_t count,
                                        absl::Span<const uint8_t> data) {
  switch (type) {
    case circle::TensorType_INT4:
    case circle::TensorType_UINT4:
      return NibbleElements(data, count, type == circle::TensorType_INT4);
    case circle::TensorType_FLOAT16:
    case circle::TensorType_BFLOAT16:
      return HalfElements(data, type == circle::TensorType_BFLOAT16);
    case circle::TensorType_FLOAT32:
      return Elements<float>(data);
    case circle::TensorType_FLOAT64:
      return Elements<double>(data);
    case circle::TensorType_INT8:
      return Elements<int8_t>(data);
    case circle::TensorType_BOOL:
    case circle::TensorType_UINT8:
      return Elements<uint8_t>(data);
    case circle::TensorType_INT16:
      return Elements<int16_t>(data);
    case circle::TensorType_UINT16:
      return Elements<uint16_t>(data);
    case circle::TensorType_INT32:
      return Elements<int32_t>(data);
    case circle::TensorType_UINT32:
      return Elements<uint32_t>(data);
    case circle::TensorType_INT64:
      return Elements<int64_t>(data);
    case circle::TensorType_UINT64:
      return Elements<uint64_t>(data);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string NumbersText(absl::Span<const float> numbers) { return Numbers(numbers); }
std::string NumbersText(absl::Span<const int64_t> numbers) { return Numbers(numbers); }

std::string DataText(circle::TensorType type, absl::Span<const int32_t> shape,
                     absl::Span<const uint8_t> data) {
  const std::optional<uint64_t> count = ElementCount(shape);
  if (count.has_value() && *count <= kMaxListedNumbers && ByteSize(type, *count) == data.size()) {
    const std::optional<std::string> elements = ElementsText(type, *count, data);
    if (elements.has_value()) return absl::StrCat("{", *elements, "}");
  }
  return absl::StrCat(data.size(), " bytes");
}

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("_./:;@$+-").find(c) != absl::string_view::npos;
}

// A last ':' would be read as the one that follows a name.
std::string NameText(absl::string_view name) {
  const bool plain =
      !name.empty() && std::all_of(name.begin(), name.end(), IsNameCharacter) && name.back() != ':';
  return plain ? std::string(name) : absl::StrCat("\"", absl::Utf8SafeCEscape(name), "\"");
}

}  // namespace q_implant
