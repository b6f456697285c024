// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_PLAN_REMOVE_NODES_H_
#define Q_IMPLANT_PASS_QUANTIZE_PLAN_REMOVE_NODES_H_

#include <vector>

#include "ir/graph.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// Takes the nodes marked in `gone` out of a graph and its plan, in which no node may be decided
// yet, but for kept ones, which do not go; GraphPlan::removed has them. The tensors stay where they
// are.
void RemoveNodes(const std::vector<bool>& gone, Graph& graph, GraphPlan& plan);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_PLAN_REMOVE_NODES_H_
