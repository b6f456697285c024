// SPDX-License-Identifier: Apache-2.0
#include "ir/diagnostics.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "ir/utf8.h"

namespace q_implant {
namespace {

// Names in files may be of any length: what a line shows of one, and of one that is quoted in a
// text, and of a text.
constexpr size_t kMostOfName = 200;
constexpr size_t kMostOfText = 4000;

// The text with quoted names clipped. An apostrophe inside a word begins none.
std::string WithClippedNames(absl::string_view text) {
  std::string clipped;
  while (!text.empty()) {
    const size_t open = text.find('\'');
    const size_t begin = open == absl::string_view::npos ? text.size() : open + 1;
    const bool opens =
        open == 0 ||
        (begin < text.size() && !absl::ascii_isalnum(static_cast<unsigned char>(text[open - 1])));
    absl::StrAppend(&clipped, text.substr(0, begin));
    text.remove_prefix(begin);
    const size_t end = opens && begin > 0 ? text.find('\'') : absl::string_view::npos;
    if (end == absl::string_view::npos) continue;
    absl::StrAppend(&clipped, Clipped(text.substr(0, end), kMostOfName), "'");
    text.remove_prefix(end + 1);
  }
  return Clipped(clipped, kMostOfText);
}

}  // namespace

const char* SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kRemark:
      return "remark";
    case Severity::kNote:
      return "note";
  }
  return "";
}

std::string Diagnostic::ToString() const {
  std::string text = absl::StrCat(SeverityName(severity), ": ");
  if (!file.empty()) absl::StrAppend(&text, file, ": ");
  if (!tensor.empty()) absl::StrAppend(&text, "tensor '", Clipped(tensor, kMostOfName), "': ");
  absl::StrAppend(&text, WithClippedNames(problem));
  const char* separator = ": ";
  if (!expected.empty()) {
    absl::StrAppend(&text, separator, "expected ", WithClippedNames(expected));
    separator = ", ";
  }
  if (!found.empty()) absl::StrAppend(&text, separator, "found ", WithClippedNames(found));
  if (!advice.empty()) absl::StrAppend(&text, "; ", WithClippedNames(advice));
  return OneLineText(text);
}

void Diagnostics::Add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::kError && ++errors_ > kMostErrors) return;
  all_.push_back(std::move(diagnostic));
}

size_t Diagnostics::Count(Severity severity) const {
  if (severity == Severity::kError) return errors_;
  return static_cast<size_t>(std::count_if(
      all_.begin(), all_.end(), [=](const Diagnostic& d) { return d.severity == severity; }));
}

std::string Diagnostics::MoreErrors() const {
  if (errors_ <= kMostErrors) return "";
  const size_t more = errors_ - kMostErrors;
  return absl::StrCat("error: and ", more, more == 1 ? " more error" : " more errors");
}

absl::Status Diagnostics::ToStatus() const {
  std::vector<std::string> errors;
  for (const Diagnostic& diagnostic : all_) {
    if (diagnostic.severity == Severity::kError) errors.push_back(diagnostic.ToString());
  }
  if (errors.empty()) return absl::OkStatus();
  if (std::string more = MoreErrors(); !more.empty()) errors.push_back(std::move(more));
  return absl::InvalidArgumentError(absl::StrJoin(errors, "\n"));
}

}  // namespace q_implant
