// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_UTF8_H_
#define Q_IMPLANT_IR_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "ir/diagnostics.h"

namespace q_implant {

// Where the first bytes begin that are not UTF-8 (overlong forms, surrogates and code points beyond
// U+10FFFF are not); the size of `text` where all are.
size_t FindInvalidUtf8(absl::string_view text);

// What is wrong there, without a file: `at` is where the bytes begin.
Diagnostic DescribeInvalidUtf8(absl::string_view text, size_t at);

// The text with each byte that is not UTF-8 as "\xe9", `escape` in place of the "\x".
std::string WithEscapedBytes(absl::string_view text, absl::string_view escape = "\\x");

// For a line on a terminal: bytes that are not UTF-8 so too, and control characters, those that
// turn the direction of writing and those that end a line as "\x0a" or "\u202e".
std::string OneLineText(absl::string_view text);

// The first `most` bytes and an ellipsis, where there are more; no character is cut in two.
std::string Clipped(absl::string_view text, size_t most);

// Appends `code_point`, which must be at most U+10FFFF and no surrogate.
void AppendUtf8(uint32_t code_point, std::string* text);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_UTF8_H_
