// SPDX-License-Identifier: Apache-2.0
#include "ir/diagnostics.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace q_implant {
namespace {

// A diagnostic is one line, whatever characters a name in a damaged file has.
std::string OneLine(absl::string_view text) {
  std::string line;
  for (char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      absl::StrAppend(&line, "\\x", absl::Hex(c, absl::kZeroPad2));
    } else {
      line.push_back(c);
    }
  }
  return line;
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
  if (!tensor.empty()) absl::StrAppend(&text, "tensor '", tensor, "': ");
  absl::StrAppend(&text, problem);
  const char* separator = ": ";
  if (!expected.empty()) {
    absl::StrAppend(&text, separator, "expected ", expected);
    separator = ", ";
  }
  if (!found.empty()) absl::StrAppend(&text, separator, "found ", found);
  if (!advice.empty()) absl::StrAppend(&text, "; ", advice);
  return OneLine(text);
}

size_t Diagnostics::Count(Severity severity) const {
  return static_cast<size_t>(std::count_if(
      all_.begin(), all_.end(), [=](const Diagnostic& d) { return d.severity == severity; }));
}

absl::Status Diagnostics::ToStatus() const {
  std::vector<std::string> errors;
  for (const Diagnostic& diagnostic : all_) {
    if (diagnostic.severity == Severity::kError) errors.push_back(diagnostic.ToString());
  }
  if (errors.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(errors, "\n"));
}

}  // namespace q_implant
