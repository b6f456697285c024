// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_KEPT_NODES_H_
#define Q_IMPLANT_PASS_GRAPH_KEPT_NODES_H_

#include <vector>

#include "ir/graph.h"
#include "ir/quant_params.h"
#include "pass/graph/def_use.h"

namespace q_implant {

// A node of a quantized model that stays as it came, since nobody knows what it makes of its
// integers: the form of each of its inputs and outputs, null for one without parameters.
struct KeptNode {
  NodeId node = kNoNode;
  std::vector<ParamsPtr> in = {};
  std::vector<ParamsPtr> out = {};
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_KEPT_NODES_H_
