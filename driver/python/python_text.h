// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_PYTHON_PYTHON_TEXT_H_
#define Q_IMPLANT_DRIVER_PYTHON_PYTHON_TEXT_H_

#include <cstddef>

#include "absl/strings/string_view.h"

// Text as Python's str has it. Every text must be UTF-8.
namespace q_implant {

// Takes the first line off `text` and returns it without its end, which is "\n", "\r" or "\r\n" as
// in a file that Python's open() reads. (Not what str.splitlines() knows besides: "\v", U+2028,
// ...)
absl::string_view TakePythonLine(absl::string_view& text);

// str.strip() and str.rstrip(): without the white space of Unicode at both ends, or at the end.
absl::string_view PythonStrip(absl::string_view text);
absl::string_view PythonStripEnd(absl::string_view text);

// How many characters of white space begin `text`.
size_t PythonIndent(absl::string_view text);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_PYTHON_PYTHON_TEXT_H_
