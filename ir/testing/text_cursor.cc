// SPDX-License-Identifier: Apache-2.0
#include "ir/testing/text_cursor.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "ir/value_text.h"

namespace q_implant {
namespace {

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

bool IsBlank(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }

}  // namespace

void TextCursor::FailAt(size_t position, absl::string_view message) {
  if (!ok()) return;
  const absl::string_view before = text_.substr(0, position);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t column = position - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
  status_ = absl::InvalidArgumentError(absl::StrCat(line, ":", column, ": ", message));
  position_ = text_.size();
}

void TextCursor::FailExpected(absl::string_view what) {
  const absl::string_view rest = Rest();
  const size_t size =
      std::min<size_t>(std::find_if(rest.begin(), rest.end(), IsBlank) - rest.begin(), 20);
  const std::string found = AtEnd() ? "the end" : absl::StrCat("'", rest.substr(0, size), "'");
  Fail(absl::StrCat("expected ", what, ", found ", found));
}

void TextCursor::SkipBlanks() {
  while (!AtEnd()) {
    if (IsBlank(Peek())) {
      ++position_;
    } else if (absl::StartsWith(Rest(), "//")) {
      position_ = std::min(text_.find('\n', position_), text_.size());
    } else {
      return;
    }
  }
}

absl::string_view TextCursor::Take(size_t size) {
  const absl::string_view token = text_.substr(position_, size);
  position_ += size;
  SkipBlanks();
  return token;
}

bool TextCursor::Accept(absl::string_view token) {
  if (!absl::StartsWith(Rest(), token)) return false;
  Take(token.size());
  return true;
}

void TextCursor::Expect(absl::string_view token) {
  if (!Accept(token)) FailExpected(absl::StrCat("'", token, "'"));
}

size_t TextCursor::WordSize() const {
  const absl::string_view rest = Rest();
  return std::find_if_not(rest.begin(), rest.end(), IsWordCharacter) - rest.begin();
}

bool TextCursor::AcceptWord(absl::string_view word) {
  if (PeekWord() != word) return false;
  Take(word.size());
  return true;
}

void TextCursor::ExpectWord(absl::string_view word) {
  if (!AcceptWord(word)) FailExpected(absl::StrCat("'", word, "'"));
}

std::string TextCursor::Word(absl::string_view what) {
  const size_t size = WordSize();
  if (size == 0) FailExpected(what);
  return std::string(Take(size));
}

bool TextCursor::AtName() const { return AtQuote() || (!AtEnd() && IsNameCharacter(Peek())); }

std::string TextCursor::Name(absl::string_view what) {
  if (AtQuote()) return Quoted();
  const absl::string_view rest = Rest();
  size_t size = std::find_if_not(rest.begin(), rest.end(), IsNameCharacter) - rest.begin();
  while (size > 0 && rest[size - 1] == ':') --size;  // belongs to what follows
  if (size == 0) FailExpected(what);
  return std::string(Take(size));
}

std::string TextCursor::Quoted() {
  const size_t start = position_;
  size_t end = start + 1;
  while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
  std::string result;
  if (Peek() != '"' || end >= text_.size()) {
    FailExpected("a string in quotes");
  } else if (!absl::CUnescape(text_.substr(start + 1, end - start - 1), &result)) {
    Fail("the string has an escape that does not exist");
  } else {
    Take(end + 1 - start);
  }
  return result;
}

absl::string_view TextCursor::NumberToken() {
  const absl::string_view rest = Rest();
  size_t size = 0;
  while (size < rest.size() && !absl::StartsWith(rest.substr(size), "..") &&
         (IsWordCharacter(rest[size]) ||
          absl::string_view("+-.").find(rest[size]) != absl::string_view::npos)) {
    ++size;
  }
  if (size == 0) FailExpected("a number");
  return Take(size);
}

std::string TextCursor::Braces() {
  if (Peek() != '{') FailExpected("'{'");
  size_t depth = 0;
  bool quoted = false;
  for (size_t end = position_; end < text_.size(); ++end) {
    const char c = text_[end];
    if (quoted && c == '\\') ++end;
    if (c == '"') quoted = !quoted;
    if (!quoted && c == '{') ++depth;
    if (!quoted && c == '}' && --depth == 0) return std::string(Take(end + 1 - position_));
  }
  FailExpected("'{' and a '}' that closes it");
  return "";
}

}  // namespace q_implant
