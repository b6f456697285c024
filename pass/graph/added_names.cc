// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/added_names.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/strip.h"

namespace q_implant {
namespace {

// Whether a name ends here, or with the "_1" that made it unique.
bool EndsOrCounts(absl::string_view rest) {
  if (rest.empty()) return true;
  return absl::ConsumePrefix(&rest, "_") && !rest.empty() &&
         std::all_of(rest.begin(), rest.end(), [](char c) { return '0' <= c && c <= '9'; });
}

}  // namespace

bool IsNamedAfter(absl::string_view name, absl::string_view base, absl::string_view suffix) {
  return !base.empty() && absl::ConsumePrefix(&name, base) && absl::ConsumePrefix(&name, suffix) &&
         EndsOrCounts(name);
}

absl::string_view BaseOfName(absl::string_view name, absl::string_view suffix) {
  const size_t at = name.rfind(suffix);
  if (at == name.npos || !EndsOrCounts(name.substr(at + suffix.size()))) return "";
  return name.substr(0, at);
}

}  // namespace q_implant
