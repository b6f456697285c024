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

// Appends `code_point`, which must be at most U+10FFFF and no surrogate.
void AppendUtf8(uint32_t code_point, std::string* text);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_UTF8_H_
