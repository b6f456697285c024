// SPDX-License-Identifier: Apache-2.0
#include "pass/equalise.h"

#include <algorithm>
#include <vector>

#include "ir/fixed_output.h"
#include "ir/operator_table.h"
#include "pass/choose_params.h"

namespace q_implant {
namespace {

// The slots of a node's plan that hold data.
std::vector<ParamsPtr*> DataInputs(const Node& node, const OperatorRow& row, NodePlan& planned) {
  std::vector<ParamsPtr*> slots;
  for (size_t i = 0; i < planned.in.size(); ++i) {
    if (node.inputs[i] != kNoTensor && InputRole(row, i) == Role::kData) {
      slots.push_back(&planned.in[i]);
    }
  }
  return slots;
}

std::vector<ParamsPtr*> DataOutputs(NodePlan& planned) {
  std::vector<ParamsPtr*> slots;
  for (ParamsPtr& params : planned.out) {
    if (params != nullptr) slots.push_back(&params);
  }
  return slots;
}

// Comparisons have no output to follow: parameters that cover every input, theirs where they are
// equal.
ParamsPtr CoverAll(const std::vector<ParamsPtr*>& inputs) {
  ParamsPtr common;
  for (const ParamsPtr* input : inputs) {
    if (*input == nullptr || SameParams(common, *input)) continue;
    common = common == nullptr
                 ? *input
                 : ChooseParams(common->dtype, std::min(common->real_min(), (*input)->real_min()),
                                std::max(common->real_max(), (*input)->real_max()));
  }
  return common;
}

void EqualiseSides(const std::vector<ParamsPtr*>& inputs, const std::vector<ParamsPtr*>& outputs) {
  ParamsPtr common;
  if (inputs.size() == 1) {
    common = *inputs.front();
  } else {
    common = outputs.empty() ? CoverAll(inputs) : *outputs.front();
  }
  if (common == nullptr) return;
  for (ParamsPtr* input : inputs) *input = common;
  for (ParamsPtr* output : outputs) *output = common;
}

void EqualiseNode(const Node& node, NodePlan& planned) {
  const OperatorRow& row = RowOf(node);
  const std::vector<ParamsPtr*> inputs = DataInputs(node, row, planned);
  const std::vector<ParamsPtr*> outputs = DataOutputs(planned);
  const std::vector<ParamsPtr*>& typed = outputs.empty() ? inputs : outputs;
  const auto with_params =
      std::find_if(typed.begin(), typed.end(), [](const ParamsPtr* p) { return *p != nullptr; });
  if (with_params == typed.end()) return;
  const circle::TensorType dtype = (**with_params)->dtype;
  if (NeedsEqualSides(row, dtype)) EqualiseSides(inputs, outputs);
  if (const ParamsPtr fixed = FixedOutputParams(row.fixed_output, dtype)) *outputs.front() = fixed;
}

}  // namespace

void Equalise(const Model& model, Plan& plan) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    for (size_t n = 0; n < model.graphs[g].nodes.size(); ++n) {
      NodePlan& planned = plan.graphs[g].nodes[n];
      if (planned.integer) EqualiseNode(model.graphs[g].nodes[n], planned);
    }
  }
}

}  // namespace q_implant
