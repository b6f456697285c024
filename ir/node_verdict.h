// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_NODE_VERDICT_H_
#define Q_IMPLANT_IR_NODE_VERDICT_H_

#include <string>

#include "ir/graph.h"
#include "ir/target.h"
#include "ir/verdict.h"

namespace q_implant {

// What a runtime does with one node of a model.
struct NodeVerdict {
  Verdict verdict = Verdict::kRight;
  std::string why = {};  // where it is not right: what of the node the runtime can't do
};

// Judges a node by what was measured of its operator, types, parameters and weights. What nobody
// measured, operators in float32 above all, counts as right. `target` is a runtime.
NodeVerdict JudgeNode(const Graph& graph, const Node& node, Target target);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_NODE_VERDICT_H_
