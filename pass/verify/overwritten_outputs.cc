// SPDX-License-Identifier: Apache-2.0
#include "pass/verify/overwritten_outputs.h"

#include "absl/container/flat_hash_set.h"
#include "pass/graph/def_use.h"

namespace q_implant {

std::vector<TensorId> OverwrittenOutputs(const Model& model) {
  std::vector<TensorId> found;
  if (model.graphs.empty()) return found;
  const DefUse def_use(model.graphs[0]);
  absl::flat_hash_set<TensorId> seen;
  for (TensorId id : model.graphs[0].outputs) {
    if (def_use.producer(id) == kNoNode || def_use.uses(id).empty()) continue;
    if (seen.insert(id).second) found.push_back(id);
  }
  return found;
}

}  // namespace q_implant
