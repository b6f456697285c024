// SPDX-License-Identifier: Apache-2.0
#include "import/name_map.h"

#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "import/json_reader.h"

namespace q_implant {

NameMap NameMap::Read(const std::string& path, Diagnostics& diagnostics) {
  NameMap map;
  map.path_ = path;
  const std::optional<Json::Value> root = ReadJsonObject(path, diagnostics);
  if (!root) return map;
  for (const auto& [name, value] : MembersOf(*root)) {
    if (name.empty() || !value->isString() || value->asString().empty()) {
      diagnostics.Add({.file = path,
                       .tensor = name,
                       .problem = name.empty() ? "the name is empty" : "not mapped to a name",
                       .expected = "\"name in the param file\": \"name in the model\"",
                       .found = name.empty() ? "" : DescribeJson(*value)});
      continue;
    }
    map.index_.emplace(name, map.names_.size());
    map.names_.emplace_back(name, value->asString());
  }
  return map;
}

const std::string& NameMap::TargetOf(const std::string& key) const {
  const auto found = index_.find(key);
  return found == index_.end() ? key : names_[found->second].second;
}

void NameMap::NoteUnused(absl::Span<const std::string> keys, Diagnostics& diagnostics) const {
  constexpr size_t kShown = 3;
  const absl::flat_hash_set<absl::string_view> used(keys.begin(), keys.end());
  std::vector<absl::string_view> shown;
  size_t count = 0;
  for (const auto& [name, target] : names_) {
    if (used.contains(name)) continue;
    if (++count <= kShown) shown.push_back(name);
  }
  if (count == 0) return;
  diagnostics.Add({.severity = Severity::kNote,
                   .file = path_,
                   .problem = absl::StrCat(count, " of ", names_.size(),
                                           " names in the name map are not in the param file"),
                   .found = absl::StrCat("'", absl::StrJoin(shown, "', '"), "'",
                                         count > kShown ? ", ..." : "")});
}

}  // namespace q_implant
