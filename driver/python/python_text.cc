// SPDX-License-Identifier: Apache-2.0
#include "driver/python/python_text.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/match.h"

namespace q_implant {
namespace {

// What str.isspace() is true for, as UTF-8.
constexpr absl::string_view kAsciiSpaces = "\t\n\v\f\r\x1C\x1D\x1E\x1F ";
constexpr absl::string_view kOtherSpaces[] = {
    "\xC2\x85",                                                      // U+0085
    "\xC2\xA0",                                                      // U+00A0
    "\xE1\x9A\x80",                                                  // U+1680
    "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82", "\xE2\x80\x83",  // U+2000...
    "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87",  //
    "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A",                  // ...U+200A
    "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF",                  // U+2028, U+2029, U+202F
    "\xE2\x81\x9F",                                                  // U+205F
    "\xE3\x80\x80",                                                  // U+3000
};

bool IsAsciiSpace(char c) { return kAsciiSpaces.find(c) != absl::string_view::npos; }
bool IsAscii(char c) { return static_cast<uint8_t>(c) < 0x80; }

// The bytes of the white space that begins `text`; 0 where none does.
size_t SpaceAtStart(absl::string_view text) {
  if (text.empty()) return 0;
  if (IsAscii(text.front())) return IsAsciiSpace(text.front()) ? 1 : 0;
  for (absl::string_view space : kOtherSpaces) {
    if (absl::StartsWith(text, space)) return space.size();
  }
  return 0;
}

// The same at the end.
size_t SpaceAtEnd(absl::string_view text) {
  if (text.empty()) return 0;
  if (IsAscii(text.back())) return IsAsciiSpace(text.back()) ? 1 : 0;
  for (absl::string_view space : kOtherSpaces) {
    if (absl::EndsWith(text, space)) return space.size();
  }
  return 0;
}

}  // namespace

absl::string_view TakePythonLine(absl::string_view& text) {
  const size_t end = std::min(text.find_first_of("\r\n"), text.size());
  const absl::string_view line = text.substr(0, end);
  text.remove_prefix(end);
  text.remove_prefix(absl::StartsWith(text, "\r\n") ? 2 : std::min<size_t>(text.size(), 1));
  return line;
}

absl::string_view PythonStrip(absl::string_view text) {
  while (const size_t bytes = SpaceAtStart(text)) text.remove_prefix(bytes);
  return PythonStripEnd(text);
}

absl::string_view PythonStripEnd(absl::string_view text) {
  while (const size_t bytes = SpaceAtEnd(text)) text.remove_suffix(bytes);
  return text;
}

size_t PythonIndent(absl::string_view text) {
  size_t characters = 0;
  while (const size_t bytes = SpaceAtStart(text)) {
    text.remove_prefix(bytes);
    ++characters;
  }
  return characters;
}

}  // namespace q_implant
