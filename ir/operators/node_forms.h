// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_NODE_FORMS_H_
#define Q_IMPLANT_IR_OPERATORS_NODE_FORMS_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "ir/graph.h"
#include "ir/operators/target.h"
#include "ir/operators/verdict.h"

namespace q_implant {

// A form of a node that a runtime refuses or gets wrong whatever the type of its data: a rank, an
// axis, an option, a missing input. Measured: testdata/operator_claims/forms.json, and a test there
// holds this table against it.
struct NodeForm {
  circle::BuiltinOperator op;
  Target runtime;  // kAny: every known one
  bool (*holds)(const Graph& graph, const Node& node);
  Verdict verdict;
  absl::string_view why;  // goes on from "onert does not run MEAN"
};

// The first form of the table that the node has and the runtime does not compute; null where there
// is none.
const NodeForm* FindOddForm(const Graph& graph, const Node& node, Target runtime);

// The dimensions of a node's input, or output; 0 where it is not given.
size_t InputRank(const Graph& graph, const Node& node, size_t slot);
size_t OutputRank(const Graph& graph, const Node& node, size_t slot);

// True where input `slot` is given and has this type.
bool InputIs(const Graph& graph, const Node& node, size_t slot, circle::TensorType type);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_NODE_FORMS_H_
