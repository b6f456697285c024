// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_RESOURCE_VARIABLES_H_
#define Q_IMPLANT_PASS_GRAPH_RESOURCE_VARIABLES_H_

#include <string>
#include <vector>

#include "ir/model.h"
#include "pass/graph/def_use.h"

namespace q_implant {

// What a READ_VARIABLE makes, or an ASSIGN_VARIABLE reads.
struct VariableAccess {
  size_t graph = 0;
  NodeId node = kNoNode;
  TensorId value = kNoTensor;
  bool reads = false;
};

// A resource that outlives a call, of which runtimes keep the bytes only: every node that reads or
// writes it, in any graph, must mean the same by them.
struct ResourceVariable {
  std::string name;  // VAR_HANDLE's container and shared name
  std::vector<VariableAccess> accesses;
  bool is_known = true;  // false where a handle comes from elsewhere than a VAR_HANDLE
};

// In the order of the first access.
std::vector<ResourceVariable> FindResourceVariables(const Model& model);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_RESOURCE_VARIABLES_H_
