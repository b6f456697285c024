// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_TESTING_TEXT_CURSOR_H_
#define Q_IMPLANT_IR_TESTING_TEXT_CURSOR_H_

#include <charconv>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace q_implant {

// Reads a text token by token, blanks and `// comments` left out. The first failure sticks and puts
// the cursor at the end: callers need not check after each call, only loops must end on !ok().
class TextCursor {
 public:
  // `text` must outlive the cursor.
  explicit TextCursor(absl::string_view text) : text_(text) { SkipBlanks(); }

  bool ok() const { return status_.ok(); }
  // "3:14: <message>", line and column counting from 1.
  const absl::Status& status() const { return status_; }
  void Fail(absl::string_view message) { FailAt(position_, message); }
  void FailAt(size_t position, absl::string_view message);
  // "expected <what>, found '<next>'".
  void FailExpected(absl::string_view what);

  bool AtEnd() const { return position_ == text_.size(); }
  size_t position() const { return position_; }

  // Takes punctuation if it comes next. AcceptWord takes a whole word only.
  bool Accept(absl::string_view token);
  bool AcceptWord(absl::string_view word);
  void Expect(absl::string_view token);
  void ExpectWord(absl::string_view word);

  // Letters, digits and '_'. `what` is for the message where there is none.
  std::string Word(absl::string_view what);

  // The word that comes next, or nothing.
  absl::string_view PeekWord() const { return Rest().substr(0, WordSize()); }

  // A bare or a quoted name.
  std::string Name(absl::string_view what);
  bool AtName() const;
  bool AtQuote() const { return Peek() == '"'; }
  std::string Quoted();

  template <typename T>
  T Number() {
    const size_t start = position_;
    const absl::string_view token = NumberToken();
    T value{};
    const char* end = token.data() + token.size();
    if (ok() && std::from_chars(token.data(), end, value).ptr != end) {
      FailAt(start, absl::StrCat("expected a number of its type, found '", token, "'"));
    }
    return value;
  }

  // From '{' to the '}' that closes it, both included.
  std::string Braces();

  char Peek() const { return AtEnd() ? '\0' : text_[position_]; }

 private:
  void SkipBlanks();
  absl::string_view Rest() const { return text_.substr(position_); }
  absl::string_view Take(size_t size);
  absl::string_view NumberToken();
  size_t WordSize() const;

  absl::string_view text_;
  size_t position_ = 0;
  absl::Status status_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_TESTING_TEXT_CURSOR_H_
