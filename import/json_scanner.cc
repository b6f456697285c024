// SPDX-License-Identifier: Apache-2.0
#include "import/json_scanner.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ir/utf8.h"

namespace q_implant {
namespace {

constexpr int kMaxDepth = 64;

class Scanner {
 public:
  Scanner(absl::string_view text, absl::string_view file, Diagnostics& diagnostics)
      : text_(text), file_(file), diagnostics_(diagnostics) {
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') line_starts_.push_back(i + 1);
    }
  }

  bool Scan();

 private:
  struct Position {
    size_t line;
    size_t column;
  };

  // Each returns false after a mistake that ends the scan.
  bool ScanUtf8();
  bool ScanValue(int depth);
  bool ScanObject(int depth);
  bool ScanArray(int depth);
  bool ScanString(std::string* decoded);
  bool ScanEscape(std::string* decoded);
  bool ScanUnicodeEscape(std::string* decoded);
  bool ScanNumber();
  bool ScanWord();
  bool ScanComma(char close, bool* more);

  bool EnterDepth(int depth);
  std::optional<uint32_t> FourHexDigits(size_t at) const;
  void SkipSpace();
  bool SkipDigits();

  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool Skip(char c);

  Position PositionOf(size_t offset) const;
  void Add(size_t offset, Diagnostic diagnostic);
  bool Fail(size_t offset, Diagnostic diagnostic);
  bool FailUnexpected(std::string expected);
  std::string FoundHere() const;

  absl::string_view text_;
  absl::string_view file_;
  Diagnostics& diagnostics_;
  std::vector<size_t> line_starts_ = {0};
  size_t at_ = 0;
  bool clean_ = true;
};

bool Scanner::Scan() {
  if (!ScanUtf8()) return false;
  SkipSpace();
  if (at_end()) return Fail(0, {.problem = "the file is empty", .expected = "JSON"});
  if (!ScanValue(1)) return false;
  SkipSpace();
  if (!at_end()) return FailUnexpected("nothing after the JSON value");
  return clean_;
}

bool Scanner::ScanUtf8() {
  const size_t bad = FindInvalidUtf8(text_);
  if (bad == text_.size()) return true;
  return Fail(bad, DescribeInvalidUtf8(text_, bad));
}

bool Scanner::ScanValue(int depth) {
  SkipSpace();
  switch (peek()) {
    case '{':
      return ScanObject(depth);
    case '[':
      return ScanArray(depth);
    case '"':
      return ScanString(nullptr);
    default:
      break;
  }
  if (absl::ascii_isdigit(peek()) || peek() == '-') return ScanNumber();
  return ScanWord();
}

bool Scanner::EnterDepth(int depth) {
  if (depth <= kMaxDepth) return true;
  return Fail(at_, {.problem = "nested too deeply",
                    .expected = absl::StrCat("at most ", kMaxDepth,
                                             " objects and arrays inside each other")});
}

bool Scanner::ScanObject(int depth) {
  if (!EnterDepth(depth)) return false;
  Skip('{');
  SkipSpace();
  if (Skip('}')) return true;
  absl::flat_hash_map<std::string, size_t> keys;  // where each was first
  for (bool more = true; more;) {
    SkipSpace();
    const size_t key_at = at_;
    if (peek() != '"') return FailUnexpected("a name in double quotes");
    std::string key;
    if (!ScanString(&key)) return false;
    const auto [first, inserted] = keys.try_emplace(key, key_at);
    if (!inserted) {
      const Position position = PositionOf(first->second);
      Add(key_at,
          {.problem = absl::StrCat("the key '", absl::Utf8SafeCEscape(key),
                                   "' is here for the second time"),
           .expected = "every key once",
           .found = absl::StrCat("the first in line ", position.line, ", column ", position.column),
           .advice = "remove one of the two"});
    }
    SkipSpace();
    if (!Skip(':')) return FailUnexpected("':'");
    if (!ScanValue(depth + 1) || !ScanComma('}', &more)) return false;
  }
  return true;
}

bool Scanner::ScanArray(int depth) {
  if (!EnterDepth(depth)) return false;
  Skip('[');
  SkipSpace();
  if (Skip(']')) return true;
  for (bool more = true; more;) {
    if (!ScanValue(depth + 1) || !ScanComma(']', &more)) return false;
  }
  return true;
}

// What follows a member or an element: a comma and another one, or the end.
bool Scanner::ScanComma(char close, bool* more) {
  SkipSpace();
  const size_t comma = at_;
  *more = Skip(',');
  if (!*more) {
    return Skip(close) || FailUnexpected(absl::StrCat("',' or '", std::string(1, close), "'"));
  }
  SkipSpace();
  if (peek() != close) return true;
  return Fail(comma, {.problem = absl::StrCat("a comma before '", std::string(1, close), "'"),
                      .expected = "commas only between values",
                      .advice = "remove it"});
}

// `decoded`, where not null, gets the string without quotes and escapes.
bool Scanner::ScanString(std::string* decoded) {
  const size_t start = at_;
  Skip('"');
  while (!Skip('"')) {
    if (at_end() || peek() == '\n') {
      return Fail(start, {.problem = "a string without an end", .expected = "a closing '\"'"});
    }
    const char c = peek();
    if (static_cast<uint8_t>(c) < 0x20) {
      return Fail(at_, {.problem = "a control character in a string",
                        .expected = absl::StrFormat("the escape \\u%04x", c),
                        .found = absl::StrFormat("the byte 0x%02x", c)});
    }
    if (c == '\\') {
      if (!ScanEscape(decoded)) return false;
      continue;
    }
    if (decoded != nullptr) decoded->push_back(c);
    ++at_;
  }
  return true;
}

bool Scanner::ScanEscape(std::string* decoded) {
  static constexpr absl::string_view kLetters = "\"\\/bfnrt";
  static constexpr absl::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char letter = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (letter == 'u') return ScanUnicodeEscape(decoded);
  const size_t which = kLetters.find(letter);
  if (which == absl::string_view::npos) {
    return Fail(at_, {.problem = "an unknown escape in a string",
                      .expected = "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u",
                      .advice = "write '/' between folders, and \"\\\\\" for a backslash"});
  }
  if (decoded != nullptr) decoded->push_back(kMeanings[which]);
  at_ += 2;
  return true;
}

bool Scanner::ScanUnicodeEscape(std::string* decoded) {
  const size_t start = at_;
  const std::optional<uint32_t> first = FourHexDigits(start + 2);
  if (!first) {
    return Fail(start, {.problem = "an unfinished escape in a string",
                        .expected = "four hexadecimal digits after \\u"});
  }
  if (*first == 0) {
    return Fail(start, {.problem = "the character U+0000 in a string",
                        .expected = "a name that files and models can have"});
  }
  at_ += 6;
  uint32_t code_point = *first;
  if (*first >= 0xD800 && *first < 0xE000) {
    const std::optional<uint32_t> second =
        absl::StartsWith(text_.substr(at_), "\\u") ? FourHexDigits(at_ + 2) : std::nullopt;
    if (*first >= 0xDC00 || !second || *second < 0xDC00 || *second >= 0xE000) {
      return Fail(start, {.problem = "half of a surrogate pair in a string",
                          .expected = "\\ud800..\\udbff followed by \\udc00..\\udfff",
                          .found = std::string(text_.substr(start, 6))});
    }
    code_point = 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00);
    at_ += 6;
  }
  if (decoded != nullptr) AppendUtf8(code_point, decoded);
  return true;
}

std::optional<uint32_t> Scanner::FourHexDigits(size_t at) const {
  if (at > text_.size() || text_.size() - at < 4) return std::nullopt;
  uint32_t value = 0;
  for (char c : text_.substr(at, 4)) {
    if (!absl::ascii_isxdigit(c)) return std::nullopt;
    const int digit = absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10;
    value = value * 16 + static_cast<uint32_t>(digit);
  }
  return value;
}

bool Scanner::ScanNumber() {
  const size_t start = at_;
  Skip('-');
  if (peek() == 'I') return ScanWord();
  const size_t digits = at_;
  if (!SkipDigits()) return FailUnexpected("a digit");
  if (text_[digits] == '0' && at_ > digits + 1) {
    return Fail(start, {.problem = "a number with a leading zero",
                        .found = std::string(text_.substr(start, at_ - start)),
                        .advice = "JSON numbers are decimal: remove the zero"});
  }
  if (Skip('.') && !SkipDigits()) return FailUnexpected("a digit after '.'");
  if (Skip('e') || Skip('E')) {
    if (!Skip('+')) Skip('-');
    if (!SkipDigits()) return FailUnexpected("a digit in the exponent");
  }
  double value = 0;
  const absl::string_view number = text_.substr(start, at_ - start);
  if (absl::SimpleAtod(number, &value) && std::isfinite(value)) return true;
  return Fail(start, {.problem = "a number out of range",
                      .expected = "a magnitude below 1.8e308",
                      .found = std::string(number)});
}

// true, false, null, or what people write instead.
bool Scanner::ScanWord() {
  const size_t start = at_;
  size_t end = at_;
  while (end < text_.size() && absl::ascii_isalnum(text_[end])) ++end;
  const absl::string_view word = text_.substr(start, end - start);
  if (word == "true" || word == "false" || word == "null") {
    at_ = end;
    return true;
  }
  if (word == "NaN" || word == "Infinity") {
    return Fail(start, {.problem = absl::StrCat("JSON has no ", word), .expected = "a number"});
  }
  if (word == "True" || word == "False" || word == "None") {
    return Fail(start, {.problem = absl::StrCat("'", word, "' is Python, not JSON"),
                        .expected = "true, false or null",
                        .advice = "write the file with json.dump"});
  }
  return FailUnexpected("a value");
}

void Scanner::SkipSpace() {
  while (!at_end() &&
         (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
    ++at_;
  }
}

bool Scanner::SkipDigits() {
  const size_t start = at_;
  while (absl::ascii_isdigit(peek())) ++at_;
  return at_ > start;
}

bool Scanner::Skip(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

Scanner::Position Scanner::PositionOf(size_t offset) const {
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const size_t line = static_cast<size_t>(next - line_starts_.begin());
  return {line, offset - line_starts_[line - 1] + 1};
}

void Scanner::Add(size_t offset, Diagnostic diagnostic) {
  const Position position = PositionOf(offset);
  diagnostic.file = absl::StrCat(file_, ":", position.line, ":", position.column);
  diagnostics_.Add(std::move(diagnostic));
  clean_ = false;
}

bool Scanner::Fail(size_t offset, Diagnostic diagnostic) {
  Add(offset, std::move(diagnostic));
  return false;
}

// The commonest extensions of JSON get their own words.
bool Scanner::FailUnexpected(std::string expected) {
  const absl::string_view rest = text_.substr(at_);
  if (absl::StartsWith(rest, "//") || absl::StartsWith(rest, "/*") || absl::StartsWith(rest, "#")) {
    return Fail(at_, {.problem = "a comment", .advice = "JSON has no comments: remove it"});
  }
  if (absl::StartsWith(rest, "'")) {
    return Fail(at_, {.problem = "a string in single quotes", .expected = "double quotes"});
  }
  return Fail(at_, {.problem = "not JSON", .expected = std::move(expected), .found = FoundHere()});
}

std::string Scanner::FoundHere() const {
  if (at_end()) return "the end of the file";
  const uint8_t c = static_cast<uint8_t>(text_[at_]);
  if (c < 0x20 || c == 0x7f) return absl::StrFormat("the byte 0x%02x", c);
  size_t end = at_ + 1;
  while (end < text_.size() && (static_cast<uint8_t>(text_[end]) & 0xC0) == 0x80) ++end;
  return absl::StrCat("'", text_.substr(at_, end - at_), "'");
}

}  // namespace

bool ScanJson(absl::string_view text, absl::string_view file, Diagnostics& diagnostics) {
  return Scanner(text, file, diagnostics).Scan();
}

}  // namespace q_implant
