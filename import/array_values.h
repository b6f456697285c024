// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_ARRAY_VALUES_H_
#define Q_IMPLANT_IMPORT_ARRAY_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "ir/params.h"
#include "ir/tensor_type.h"

namespace q_implant {

// Elements in the array.
size_t CountOf(const Array& array);

bool IsFloat(const Array& array);    // float16, float32 or float64
bool IsInteger(const Array& array);  // int8 to int64, uint8 to uint64

// An element of a float array. Exact.
double FloatAt(const Array& array, size_t index);

// An element of an integer array; nothing for a uint64 beyond int64.
std::optional<int64_t> IntegerAt(const Array& array, size_t index);

// An element of a float or integer array as text that reads back as the same number.
std::string ElementText(const Array& array, size_t index);

// Which elements fail a check.
struct Failures {
  size_t count = 0;
  size_t first = 0;

  explicit operator bool() const { return count > 0; }
};
Failures FindFailures(const Array& array, const std::function<bool(size_t index)>& is_good);

// The integers outside `range`. Fast: meant for weights.
Failures FindOutside(const Array& array, const IntegerRange& range);

// "-5 at index 3 of 's.npy'", "... (and 2 more)" where several fail.
std::string DescribeFailures(const Array& array, const Failures& failures);

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_ARRAY_VALUES_H_
