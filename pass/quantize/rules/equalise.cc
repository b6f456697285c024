// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/equalise.h"

#include <algorithm>
#include <vector>

#include "ir/operators/fixed_output.h"
#include "ir/operators/operator_table.h"
#include "pass/numbers/choose_params.h"
#include "pass/numbers/constant_data.h"
#include "pass/quantize/plan/planned_constant.h"

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

bool Covers(const QuantParams& outer, const QuantParams& inner) {
  return outer.real_min() <= inner.real_min() && outer.real_max() >= inner.real_max();
}

// Parameters that cover every input: one's own where it covers the others.
ParamsPtr CoverAll(const std::vector<ParamsPtr*>& inputs) {
  ParamsPtr common;
  for (const ParamsPtr* input : inputs) {
    if (*input == nullptr || (common != nullptr && Covers(*common, **input))) continue;
    common = common == nullptr || Covers(**input, *common)
                 ? *input
                 : ChooseParams(common->dtype, std::min(common->real_min(), (*input)->real_min()),
                                std::max(common->real_max(), (*input)->real_max()));
  }
  return common;
}

void EqualiseSides(const std::vector<ParamsPtr*>& inputs, const std::vector<ParamsPtr*>& outputs,
                   bool fills) {
  ParamsPtr common;
  if (outputs.empty()) {
    common = CoverAll(inputs);
  } else {
    // A constant without parameters, as the only input, takes what comes out. What fills gaps need
    // not lie in the range of the data, but the output's was made for both.
    const bool output_follows = inputs.size() == 1 && *inputs.front() != nullptr && !fills;
    common = output_follows ? *inputs.front() : *outputs.front();
  }
  if (common == nullptr) return;
  for (ParamsPtr* input : inputs) *input = common;
  for (ParamsPtr* output : outputs) *output = common;
}

class Equaliser {
 public:
  Equaliser(const Model& model, const Graph& graph, GraphPlan& plan)
      : model_(model), graph_(graph), plan_(plan) {}

  void Run() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (plan_.nodes[n].forms_are_given) continue;
      if (plan_.nodes[n].integer) EqualiseNode(graph_.nodes[n], plan_.nodes[n]);
    }
  }

 private:
  void EqualiseNode(const Node& node, NodePlan& planned) const {
    const OperatorRow& row = RowOf(node);
    const std::vector<ParamsPtr*> inputs = DataInputs(node, row, planned);
    const std::vector<ParamsPtr*> outputs = DataOutputs(planned);
    const std::vector<ParamsPtr*>& typed = outputs.empty() ? inputs : outputs;
    const auto with_params =
        std::find_if(typed.begin(), typed.end(), [](const ParamsPtr* p) { return *p != nullptr; });
    if (with_params == typed.end()) return;
    const circle::TensorType dtype = (**with_params)->dtype;
    if (NeedsEqualSides(row, dtype, plan_.target) &&
        (!outputs.empty() || TakeRangesOfConstants(node, row, dtype, planned))) {
      EqualiseSides(inputs, outputs, FindInput(row, Role::kFill) >= 0);
    }
    const ParamsPtr fixed = FixedOutputParams(row.fixed_output, dtype);
    if (fixed != nullptr && !IsFixedOutput(row.fixed_output, **outputs.front())) {
      *outputs.front() = fixed;
    }
  }

  // Comparisons have no output to follow, so their constants count: cut off, x < 300 would no
  // longer be true for all x up to 255. False where one is not finite.
  bool TakeRangesOfConstants(const Node& node, const OperatorRow& row, circle::TensorType dtype,
                             NodePlan& planned) const {
    for (size_t slot = 0; slot < planned.in.size(); ++slot) {
      const TensorId id = node.inputs[slot];
      if (planned.in[slot] != nullptr || id == kNoTensor || InputRole(row, slot) != Role::kData) {
        continue;
      }
      const Bytes floats = FloatData(model_, graph_.tensor(id), plan_.tensor(id));
      float least = 0;
      float greatest = 0;
      if (!FiniteRange(floats.span(), least, greatest)) return false;
      planned.in[slot] = ChooseParams(dtype, least, greatest);
    }
    return true;
  }

  const Model& model_;
  const Graph& graph_;
  GraphPlan& plan_;
};

}  // namespace

void Equalise(const Model& model, Plan& plan) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    Equaliser(model, model.graphs[g], plan.graphs[g]).Run();
  }
}

}  // namespace q_implant
