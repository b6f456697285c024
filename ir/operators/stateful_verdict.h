// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_STATEFUL_VERDICT_H_
#define Q_IMPLANT_IR_OPERATORS_STATEFUL_VERDICT_H_

#include <optional>

#include "ir/graph.h"
#include "ir/operators/node_verdict.h"
#include "ir/operators/target.h"

namespace q_implant {

// JudgeNode for operators with a state: LSTMs, RNNs, SVDF, and the reading and writing of
// variables. Nothing for a node of any other operator, or one without parameters. That all readers
// and writers of a variable agree is for the rules of pass/graph/resource_variables.h.
std::optional<NodeVerdict> JudgeStatefulNode(const Graph& graph, const Node& node, Target target);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_STATEFUL_VERDICT_H_
