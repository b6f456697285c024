// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_VALUE_TEXT_H_
#define Q_IMPLANT_IR_VALUE_TEXT_H_

#include <charconv>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ir/circle_generated.h"

namespace q_implant {

// More numbers than these are summed up.
inline constexpr size_t kMaxListedNumbers = 8;

// The shortest text that reads back as the same number.
template <typename T>
std::string NumberText(T number) {
  char buffer[40];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof(buffer), number).ptr);
}

// "0.5", "[0.5, 0.25]" or "64 x 0.25..0.5" (count, least, greatest; "64 x 0" where all are equal).
std::string NumbersText(absl::Span<const float> numbers);
std::string NumbersText(absl::Span<const int64_t> numbers);

// The bytes of a constant: "{1, -2}" for a few elements, else "6912 bytes". Also by its size: data
// that does not fill `shape`, and elements that are not plain numbers.
std::string DataText(circle::TensorType type, absl::Span<const int32_t> shape,
                     absl::Span<const uint8_t> data);

// A name as it is where no reader could mistake it, else quoted and escaped.
std::string NameText(absl::string_view name);

// True for the characters of names that need no quotes.
bool IsNameCharacter(char c);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_VALUE_TEXT_H_
