// SPDX-License-Identifier: Apache-2.0
#include "ir/utf8.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace q_implant {
namespace {

// What hides or reorders text, or breaks a line: C0 and C1 controls, bidirectional marks,
// embeddings and isolates, the line and paragraph separators.
bool IsUnreadable(uint32_t code_point) {
  constexpr std::pair<uint32_t, uint32_t> kRanges[] = {{0, 0x1F},        {0x7F, 0x9F},
                                                       {0x61C, 0x61C},   {0x200E, 0x200F},
                                                       {0x2028, 0x202E}, {0x2066, 0x2069}};
  return std::any_of(std::begin(kRanges), std::end(kRanges), [=](const auto& range) {
    return range.first <= code_point && code_point <= range.second;
  });
}

uint32_t CodePoint(absl::string_view sequence) {
  if (sequence.size() == 1) return static_cast<uint8_t>(sequence[0]);
  uint32_t code_point = static_cast<uint8_t>(sequence[0]) & (0xFFu >> (sequence.size() + 1));
  for (char c : sequence.substr(1))
    code_point = code_point << 6 | (static_cast<uint8_t>(c) & 0x3Fu);
  return code_point;
}

// How long the sequence is that begins `text`; 0 where it is not UTF-8.
size_t SequenceLength(absl::string_view text) {
  const uint8_t lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  uint32_t code_point = lead & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    const uint8_t byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xC0) != 0x80) return 0;
    code_point = code_point << 6 | (byte & 0x3Fu);
  }
  const bool overlong = code_point < (length == 4 ? 0x10000u : length == 3 ? 0x800u : 0x80u);
  const bool surrogate = code_point >= 0xD800 && code_point < 0xE000;
  return overlong || surrogate || code_point > 0x10FFFF ? 0 : length;
}

}  // namespace

size_t FindInvalidUtf8(absl::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t length = SequenceLength(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return at;
}

Diagnostic DescribeInvalidUtf8(absl::string_view text, size_t at) {
  const bool utf16 =
      at == 0 && (absl::StartsWith(text, "\xFF\xFE") || absl::StartsWith(text, "\xFE\xFF"));
  return {.problem = "not UTF-8",
          .expected = "UTF-8 text",
          .found = absl::StrFormat("the byte 0x%02x", static_cast<uint8_t>(text[at])),
          .advice = utf16 ? "this is UTF-16: save the file as UTF-8" : "save the file as UTF-8"};
}

std::string WithEscapedBytes(absl::string_view text, absl::string_view escape) {
  std::string escaped;
  while (!text.empty()) {
    const size_t good = FindInvalidUtf8(text);
    absl::StrAppend(&escaped, text.substr(0, good));
    text.remove_prefix(good);
    if (text.empty()) break;
    absl::StrAppend(&escaped, escape, absl::Hex(static_cast<uint8_t>(text[0]), absl::kZeroPad2));
    text.remove_prefix(1);
  }
  return escaped;
}

std::string OneLineText(absl::string_view text) {
  const std::string valid = WithEscapedBytes(text);
  std::string line;
  for (absl::string_view rest = valid; !rest.empty();) {
    const absl::string_view sequence = rest.substr(0, SequenceLength(rest));
    const uint32_t code_point = CodePoint(sequence);
    if (!IsUnreadable(code_point)) {
      absl::StrAppend(&line, sequence);
    } else if (code_point < 0x80) {
      absl::StrAppend(&line, "\\x", absl::Hex(code_point, absl::kZeroPad2));
    } else {
      absl::StrAppend(&line, "\\u", absl::Hex(code_point, absl::kZeroPad4));
    }
    rest.remove_prefix(sequence.size());
  }
  return line;
}

std::string Clipped(absl::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<uint8_t>(text[most]) & 0xC0) == 0x80) --most;
  return absl::StrCat(text.substr(0, most), "...");
}

void AppendUtf8(uint32_t code_point, std::string* text) {
  const auto continuation = [&](int shift) {
    text->push_back(static_cast<char>(0x80 | ((code_point >> shift) & 0x3F)));
  };
  if (code_point < 0x80) {
    text->push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    text->push_back(static_cast<char>(0xC0 | code_point >> 6));
    continuation(0);
  } else if (code_point < 0x10000) {
    text->push_back(static_cast<char>(0xE0 | code_point >> 12));
    continuation(6);
    continuation(0);
  } else {
    text->push_back(static_cast<char>(0xF0 | code_point >> 18));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

}  // namespace q_implant
