// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_NODE_VERDICT_H_
#define Q_IMPLANT_IR_OPERATORS_NODE_VERDICT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ir/graph.h"
#include "ir/operators/operator_table.h"
#include "ir/operators/target.h"
#include "ir/operators/verdict.h"
#include "ir/quant_params.h"

namespace q_implant {

// What a runtime does with one node of a model.
struct NodeVerdict {
  Verdict verdict = Verdict::kRight;
  std::string why = {};        // where it is not right: what of the node the runtime can't do
  std::string advice = {};     // where --target would not help: what does
  bool beyond_limits = false;  // it is a matter of scales: see scale_limits.h
  bool crashes = false;        // of a refused node: it takes the process down
};

// "computes wrong values for", "does not run", "crashes on".
absl::string_view VerdictText(const NodeVerdict& verdict);

// True where the target's float32 kernel of this operator reads weights of these parameters, in
// input 1, as they are ("hybrid"). Of a BatchMatMul, scales along an axis were measured for three
// dimensions, not transposed.
bool TakesHybridWeights(const Graph& graph, const Node& node, const QuantParams& weights,
                        Target target);

// False for a comparison whose sides LiteRT's 8-bit kernels take for others: see
// OperatorRow::litert_compares.
bool LiteRtCompares(const OperatorRow& row, const std::vector<ParamsPtr>& sides);

// Judges a node by what was measured of its operator, types, parameters and weights. Integers of a
// type in which nobody measured the operator are kUnmeasured; what else nobody measured, operators
// in float32 above all, counts as right. `target` is a runtime.
NodeVerdict JudgeNode(const Graph& graph, const Node& node, Target target);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_NODE_VERDICT_H_
