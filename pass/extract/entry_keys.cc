// SPDX-License-Identifier: Apache-2.0
#include "pass/extract/entry_keys.h"

#include "absl/strings/str_cat.h"
#include "ir/utf8.h"

namespace q_implant {
namespace {

// JSON is UTF-8, and a name in it can't have a zero byte here.
bool IsText(const std::string& name) {
  return !name.empty() && FindInvalidUtf8(name) == name.size() &&
         name.find('\0') == std::string::npos;
}

size_t CountOf(const absl::flat_hash_map<std::string, size_t>& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

EntryKeys::EntryKeys(const Model& model, const std::vector<Changes>& changes) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    Counts& counts = by_graph_.emplace_back();
    std::vector<TensorId>& positions = positions_.emplace_back();
    TensorId next = 0;
    for (size_t t = 0; t < model.graphs[g].tensors.size(); ++t) {
      ++counts[model.graphs[g].tensors[t].name];
      positions.push_back(next);
      next += changes[g].extra[t] ? 0 : 1;
    }
    for (const std::string& name : changes[g].former) counts.try_emplace(name, 1);
    for (const auto& [name, count] : counts) counts_[name] += count;
  }
}

std::string EntryKeys::KeyOf(size_t graph, TensorId id, const std::string& name) const {
  if (IsText(name)) {
    if (CountOf(counts_, name) <= 1) return name;
    std::string key = absl::StrCat(graph, ":", name);
    // An exact name wins over what a key means.
    if (CountOf(by_graph_[graph], name) == 1 && CountOf(counts_, key) == 0) return key;
  }
  return absl::StrCat("#", graph, "/", positions_[graph][static_cast<size_t>(id)]);
}

bool EntryKeys::IsPosition(const std::string& key, const std::string& name) {
  return key != name && key[0] == '#';
}

}  // namespace q_implant
