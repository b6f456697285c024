// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/warn_of_all.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace q_implant {
namespace {

std::string Others(size_t count) {
  if (count == 0) return "";
  return absl::StrCat(" (likewise ", count, " more ", count == 1 ? "tensor" : "tensors",
                      ", which --verbose and --report name)");
}

}  // namespace

void WarnOfAll(absl::Span<const std::string> names, const std::string& file, absl::string_view what,
               absl::string_view why, std::string advice, Diagnostics& diagnostics) {
  if (names.empty()) return;
  diagnostics.Add({.severity = Severity::kWarning,
                   .file = file,
                   .tensor = names.front(),
                   .problem = absl::StrCat(what, ", since ", why, Others(names.size() - 1)),
                   .advice = std::move(advice)});
  for (const std::string& name : names.subspan(1)) {
    diagnostics.Add({.severity = Severity::kNote,
                     .file = file,
                     .tensor = name,
                     .problem = absl::StrCat(what, ", like '", names.front(), "'")});
  }
}

}  // namespace q_implant
