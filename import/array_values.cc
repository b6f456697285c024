// SPDX-License-Identifier: Apache-2.0
#include "import/array_values.h"

#include <limits>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "ir/elements.h"
#include "ir/float16.h"
#include "ir/value_text.h"

namespace q_implant {
namespace {

// visit(a value of the C++ type of an integer array); a default result where it is none.
template <typename Visitor>
auto VisitInteger(const Array& array, Visitor visit) -> decltype(visit(int64_t{})) {
  switch (array.type) {
    case circle::TensorType_INT8:
      return visit(int8_t{});
    case circle::TensorType_INT16:
      return visit(int16_t{});
    case circle::TensorType_INT32:
      return visit(int32_t{});
    case circle::TensorType_INT64:
      return visit(int64_t{});
    case circle::TensorType_UINT8:
      return visit(uint8_t{});
    case circle::TensorType_UINT16:
      return visit(uint16_t{});
    case circle::TensorType_UINT32:
      return visit(uint32_t{});
    case circle::TensorType_UINT64:
      return visit(uint64_t{});
    default:
      return {};
  }
}

// std::in_range does not take the place of this for uint64: `range` is signed.
template <typename T>
bool Contains(const IntegerRange& range, T value) {
  if constexpr (std::is_same_v<T, uint64_t>) {
    if (value > uint64_t{std::numeric_limits<int64_t>::max()}) return false;
  }
  return static_cast<int64_t>(value) >= range.min && static_cast<int64_t>(value) <= range.max;
}

}  // namespace

size_t CountOf(const Array& array) {
  return array.data.size() / (static_cast<size_t>(BitsPerElement(array.type)) / 8);
}

bool IsFloat(const Array& array) {
  return array.type == circle::TensorType_FLOAT16 || array.type == circle::TensorType_FLOAT32 ||
         array.type == circle::TensorType_FLOAT64;
}

bool IsInteger(const Array& array) {
  return VisitInteger(array, [](auto) { return true; });
}

double FloatAt(const Array& array, size_t index) {
  if (array.type == circle::TensorType_FLOAT16)
    return HalfToFloat(LoadElement<uint16_t>(array.data, index));
  if (array.type == circle::TensorType_FLOAT32) return LoadElement<float>(array.data, index);
  return LoadElement<double>(array.data, index);
}

std::optional<int64_t> IntegerAt(const Array& array, size_t index) {
  return VisitInteger(array, [&](auto zero) -> std::optional<int64_t> {
    const auto value = LoadElement<decltype(zero)>(array.data, index);
    constexpr IntegerRange kAll = {std::numeric_limits<int64_t>::min(),
                                   std::numeric_limits<int64_t>::max()};
    if (!Contains(kAll, value)) return std::nullopt;
    return static_cast<int64_t>(value);
  });
}

std::string ElementText(const Array& array, size_t index) {
  if (array.type == circle::TensorType_FLOAT64) return NumberText(FloatAt(array, index));
  if (IsFloat(array)) return NumberText(static_cast<float>(FloatAt(array, index)));
  return VisitInteger(array, [&](auto zero) {
    return absl::StrCat(LoadElement<decltype(zero)>(array.data, index));
  });
}

Failures FindFailures(const Array& array, const std::function<bool(size_t index)>& is_good) {
  Failures failures;
  const size_t count = CountOf(array);
  for (size_t i = 0; i < count; ++i) {
    if (is_good(i)) continue;
    if (failures.count++ == 0) failures.first = i;
  }
  return failures;
}

Failures FindOutside(const Array& array, const IntegerRange& range) {
  return VisitInteger(array, [&](auto zero) {
    Failures failures;
    const size_t count = CountOf(array);
    for (size_t i = 0; i < count; ++i) {
      if (Contains(range, LoadElement<decltype(zero)>(array.data, i))) continue;
      if (failures.count++ == 0) failures.first = i;
    }
    return failures;
  });
}

std::string DescribeFailures(const Array& array, const Failures& failures) {
  std::string text = absl::StrCat(ElementText(array, failures.first), " at index ", failures.first,
                                  " of '", array.file, "'");
  if (failures.count > 1) absl::StrAppend(&text, " (and ", failures.count - 1, " more)");
  return text;
}

}  // namespace q_implant
