// SPDX-License-Identifier: Apache-2.0
#include "pass/extract/find_io_types.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace q_implant {

IoTypes FindIoTypes(absl::Span<const FoundIoType> edges) {
  const auto asked = std::find_if(edges.begin(), edges.end(), [](const FoundIoType& edge) {
    return edge.annotated.has_value() && *edge.annotated != edge.type;
  });
  if (asked == edges.end()) return IoTypes();
  // What has no parameters stays float32, or is no matter of these options.
  const bool one_for_all = std::all_of(edges.begin(), edges.end(), [&](const FoundIoType& edge) {
    return edge.type == asked->type ||
           (!edge.annotated.has_value() && edge.type != circle::TensorType_FLOAT32);
  });
  if (one_for_all) return IoTypes({asked->type});
  std::vector<circle::TensorType> types;
  for (const FoundIoType& edge : edges) {
    if (edge.graph != 0) continue;
    const auto first = std::find_if(edges.begin(), edges.end(), [&](const FoundIoType& other) {
      return other.graph == 0 && other.original == edge.original;
    });
    const FoundIoType& told = edge.original == kNoTensor ? edge : *first;
    if (told.annotated.has_value() && !IsIoTypeChoice(told.type)) return IoTypes();
    types.push_back(told.type);
  }
  return IoTypes(std::move(types));
}

}  // namespace q_implant
