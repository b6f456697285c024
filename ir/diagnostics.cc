// SPDX-License-Identifier: Apache-2.0
#include "ir/diagnostics.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
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

// Errors inside a status: under this name, each field as its length and its text. The first number
// counts errors that were not kept.
constexpr char kPayload[] = "q-implant/errors";

constexpr std::string Diagnostic::*kFields[] = {&Diagnostic::file,    &Diagnostic::tensor,
                                                &Diagnostic::problem, &Diagnostic::expected,
                                                &Diagnostic::found,   &Diagnostic::advice};

void AppendTo(std::string& payload, const Diagnostic& error) {
  for (const auto field : kFields)
    absl::StrAppend(&payload, (error.*field).size(), ":", error.*field);
}

// Takes a number that a colon follows off the front.
size_t TakeNumber(absl::string_view& payload) {
  const size_t colon = payload.find(':');
  size_t number = 0;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(payload.substr(0, colon), &number)) {
    payload = {};
    return 0;
  }
  payload.remove_prefix(colon + 1);
  return number;
}

Diagnostic TakeError(absl::string_view& payload) {
  Diagnostic error;
  for (const auto field : kFields) {
    const size_t size = TakeNumber(payload);
    error.*field = std::string(payload.substr(0, size));
    payload.remove_prefix(std::min(size, payload.size()));
  }
  return error;
}

// The problems in a message of which each line is one; what is indented belongs to the line before.
std::vector<std::string> ProblemsIn(absl::string_view message) {
  std::vector<std::string> problems;
  for (absl::string_view line : absl::StrSplit(message, '\n')) {
    if (absl::StartsWith(line, "  ") && !problems.empty()) {
      const bool first = absl::EndsWith(problems.back(), ":");
      absl::StrAppend(&problems.back(), first ? " " : "; ", absl::StripPrefix(line, "  "));
    } else {
      problems.emplace_back(absl::StripPrefix(line, "error: "));
    }
  }
  return problems;
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
  std::vector<std::string> lines;
  std::string payload = absl::StrCat(errors_ - std::min(errors_, kMostErrors), ":");
  for (const Diagnostic& diagnostic : all_) {
    if (diagnostic.severity != Severity::kError) continue;
    lines.push_back(diagnostic.ToString());
    AppendTo(payload, diagnostic);
  }
  if (lines.empty()) return absl::OkStatus();
  if (std::string more = MoreErrors(); !more.empty()) lines.push_back(std::move(more));
  absl::Status status = absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
  status.SetPayload(kPayload, absl::Cord(payload));
  return status;
}

void Diagnostics::AddStatus(const absl::Status& status) {
  if (status.ok()) return;
  const absl::optional<absl::Cord> carried = status.GetPayload(kPayload);
  if (!carried.has_value()) {
    for (std::string& problem : ProblemsIn(status.message())) Add({.problem = std::move(problem)});
    return;
  }
  const std::string text(*carried);
  absl::string_view payload = text;
  const size_t more = TakeNumber(payload);
  while (!payload.empty()) Add(TakeError(payload));
  errors_ += more;
}

absl::Status ErrorStatus(absl::StatusCode code, Diagnostic error) {
  absl::Status status(code, error.ToString());
  std::string payload = "0:";
  AppendTo(payload, error);
  status.SetPayload(kPayload, absl::Cord(payload));
  return status;
}

Diagnostic ErrorOf(const absl::Status& status) {
  Diagnostics errors;
  errors.AddStatus(status);
  return errors.all().empty() ? Diagnostic() : errors.all().front();
}

}  // namespace q_implant
