// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/tensor_index.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "pass/graph/edit_distance.h"

namespace q_implant {
namespace {

// Where tools differ only in how they write a name: "conv1.weight" and "conv1/weight".
std::string Canonical(absl::string_view name) {
  std::string canonical = absl::AsciiStrToLower(name);
  for (char& c : canonical) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return canonical;
}

size_t CommonSuffix(absl::string_view a, absl::string_view b) {
  size_t n = 0;
  while (n < a.size() && n < b.size() && a[a.size() - 1 - n] == b[b.size() - 1 - n]) ++n;
  return n;
}

// How unlike two canonical names are; above 100 they have nothing to do with each other.
size_t Unlikeness(absl::string_view key, absl::string_view name) {
  constexpr size_t kUnrelated = 101;
  if (key == name) return 0;
  const size_t shorter = std::min(key.size(), name.size());
  if (shorter == 0) return kUnrelated;
  const size_t limit = std::min(std::max<size_t>(2, shorter / 4), shorter - 1);
  const size_t distance = EditDistance(key, name, limit);
  if (distance <= limit) return distance;
  const size_t suffix = CommonSuffix(key, name);
  if (suffix >= 4 && suffix * 2 >= shorter) return 50 - std::min<size_t>(suffix, 40);
  return kUnrelated;
}

}  // namespace

TensorIndex::TensorIndex(const Model& model) : model_(model) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const auto& tensors = model.graphs[g].tensors;
    for (size_t t = 0; t < tensors.size(); ++t) {
      by_name_[tensors[t].name].push_back({g, static_cast<TensorId>(t)});
    }
  }
}

std::vector<TensorRef> TensorIndex::Find(absl::string_view key) const {
  if (const auto it = by_name_.find(key); it != by_name_.end() && !key.empty()) return it->second;

  const size_t separator = key.find_first_of(absl::StartsWith(key, "#") ? "/" : ":");
  if (separator == absl::string_view::npos) return {};
  const bool by_position = absl::ConsumePrefix(&key, "#");
  const size_t at = separator - (by_position ? 1 : 0);
  uint32_t graph = 0;
  if (!absl::SimpleAtoi(key.substr(0, at), &graph) || graph >= model_.graphs.size()) return {};
  const absl::string_view rest = key.substr(at + 1);
  if (by_position) {
    uint32_t tensor = 0;
    if (!absl::SimpleAtoi(rest, &tensor) || tensor >= model_.graphs[graph].tensors.size())
      return {};
    return {{graph, static_cast<TensorId>(tensor)}};
  }
  std::vector<TensorRef> found;
  if (const auto it = by_name_.find(rest); it != by_name_.end()) {
    for (const TensorRef& ref : it->second) {
      if (ref.graph == graph) found.push_back(ref);
    }
  }
  return found;
}

std::vector<std::string> TensorIndex::Nearest(absl::string_view key, size_t limit) const {
  const std::string canonical_key = Canonical(key);
  // By unlikeness, then in model order, so that the answer never depends on a hash.
  std::vector<std::tuple<size_t, size_t, TensorId, absl::string_view>> candidates;
  for (const auto& [name, refs] : by_name_) {
    size_t unlikeness = Unlikeness(canonical_key, Canonical(name));
    if (absl::StrContains(name, ';')) {
      for (absl::string_view part : absl::StrSplit(name, ';')) {
        unlikeness = std::min(unlikeness, 1 + Unlikeness(canonical_key, Canonical(part)));
      }
    }
    if (unlikeness > 100 || name.empty()) continue;
    candidates.emplace_back(unlikeness, refs.front().graph, refs.front().tensor, name);
  }
  std::sort(candidates.begin(), candidates.end());
  std::vector<std::string> names;
  for (const auto& candidate : candidates) {
    if (names.size() == limit) break;
    names.emplace_back(std::get<absl::string_view>(candidate));
  }
  return names;
}

}  // namespace q_implant
