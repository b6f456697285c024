// SPDX-License-Identifier: Apache-2.0
#include "pass/find_edge_types.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace q_implant {

EdgeTypes FindEdgeTypes(absl::Span<const FoundEdge> edges) {
  const auto asked = std::find_if(edges.begin(), edges.end(), [](const FoundEdge& edge) {
    return edge.annotated.has_value() && *edge.annotated != edge.type;
  });
  if (asked == edges.end()) return EdgeTypes();
  // What has no parameters stays float32, or is no matter of these options.
  const bool one_for_all = std::all_of(edges.begin(), edges.end(), [&](const FoundEdge& edge) {
    return edge.type == asked->type ||
           (!edge.annotated.has_value() && edge.type != circle::TensorType_FLOAT32);
  });
  if (one_for_all) return EdgeTypes({asked->type});
  std::vector<circle::TensorType> types;
  for (const FoundEdge& edge : edges) {
    if (edge.graph != 0) continue;
    const auto first = std::find_if(edges.begin(), edges.end(), [&](const FoundEdge& other) {
      return other.graph == 0 && other.original == edge.original;
    });
    const FoundEdge& told = edge.original == kNoTensor ? edge : *first;
    if (told.annotated.has_value() && !IsEdgeTypeChoice(told.type)) return EdgeTypes();
    types.push_back(told.type);
  }
  return EdgeTypes(std::move(types));
}

}  // namespace q_implant
