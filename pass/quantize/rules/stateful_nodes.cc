// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/stateful_nodes.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/operators/operator_table.h"
#include "ir/operators/stateful_forms.h"
#include "ir/tensor_type.h"
#include "pass/graph/display_names.h"
#include "pass/graph/graph_view.h"
#include "pass/graph/kernel_states.h"
#include "pass/graph/node_tensors.h"
#include "pass/graph/resource_variables.h"
#include "pass/quantize/plan/why_float.h"

namespace q_implant {
namespace {

class Planner : private GraphView {
 public:
  Planner(const Model& model, size_t graph_index, GraphPlan& plan, Diagnostics& diagnostics)
      : GraphView(model, graph_index), plan_(plan), diagnostics_(diagnostics) {}

  void Run() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const Node& node = graph_.nodes[n];
      if (!HasStatefulKernels(node.op()) || plan_.nodes[n].forms_are_given) continue;
      if (TouchesFloat(graph_, node) && TouchesParams(plan_, node)) PlanNode(node, plan_.nodes[n]);
    }
  }

 private:
  void PlanNode(const Node& node, NodePlan& planned) {
    StatefulForms forms;
    std::string reason = WhyNotInteger(node, forms);
    if (!reason.empty()) {
      planned.reason = std::move(reason);
      LeaveStates(node);
      return;
    }
    TakeStates(node, forms);
    planned = {.integer = true,
               .forms_are_given = true,
               .in = std::move(forms.in),
               .out = std::move(forms.out),
               .intermediates = std::move(forms.intermediates)};
  }

  std::string WhyNotInteger(const Node& node, StatefulForms& forms) const {
    if (plan_.target == Target::kOnert) return "onert has no integer kernel";
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      const TensorId id = node.inputs[slot];
      if (id == kNoTensor) continue;
      const Operand operand = OperandAt(node.op(), slot);
      if (const std::string why = WhyFloat(plan_.tensor(id), plan_.target); !why.empty()) {
        return absl::StrCat(Quoted(id), " ", why);
      }
      const bool constant = model_.IsConstant(graph_.tensor(id));
      if (IsState(operand)) {
        Operand found;
        if (!IsStateOfKernel(graph_, plan_.def_use, id, found) || constant) {
          return absl::StrCat("its state ", Quoted(id),
                              " is no variable of its own that starts at 0");
        }
      } else if (operand != Operand::kInput && !constant) {
        return absl::StrCat(Quoted(id), " is computed at run time");
      }
    }
    return FindStatefulForms(
        graph_, node, [&](TensorId id) { return plan_.tensor(id).params; }, forms);
  }

  void LeaveStates(const Node& node) {
    const auto leave = [&](TensorId id) {
      TensorPlan& planned = plan_.tensor(id);
      if (planned.origin == Origin::kExisting) return;
      planned.origin = planned.params == nullptr ? planned.origin : Origin::kLeftFloat;
      planned.params = nullptr;
    };
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      const TensorId id = node.inputs[slot];
      if (id != kNoTensor && graph_.tensor(id).is_variable) leave(id);
    }
    for (TensorId id : node.intermediates) {
      if (id != kNoTensor) leave(id);
    }
  }

  // Kernels write a state in place, so it has one form, whatever was annotated.
  void TakeStates(const Node& node, const StatefulForms& forms) {
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      const TensorId id = node.inputs[slot];
      const Operand operand = OperandAt(node.op(), slot);
      if (id == kNoTensor) continue;
      if (operand == Operand::kBias) WarnOfRescaledBias(id, *forms.in[slot]);
      if (!IsState(operand)) continue;
      Take(id, forms.in[slot], node.outputs[0]);
      if (operand == Operand::kCellState && plan_.tensor(id).origin == Origin::kPropagated) {
        TellOfDefault(id, *forms.in[slot]);
      }
    }
    for (size_t i = 0; i < node.intermediates.size() && i < forms.intermediates.size(); ++i) {
      const TensorId id = node.intermediates[i];
      if (id != kNoTensor && forms.intermediates[i] != nullptr) {
        Take(id, forms.intermediates[i], node.outputs[0]);
      }
    }
  }

  void Take(TensorId id, const ParamsPtr& form, TensorId from) {
    TensorPlan& planned = plan_.tensor(id);
    if (SameParams(planned.params, form)) return;
    if (planned.params != nullptr) {
      diagnostics_.Add({.severity = Severity::kWarning,
                        .file = model_.path,
                        .tensor = Name(id),
                        .problem = "its kernels read other parameters here than were annotated; "
                                   "those were written",
                        .expected = DescribeParams(*form),
                        .found = absl::StrCat("the annotation ", DescribeParams(*planned.params))});
    } else {
      planned.origin = Origin::kPropagated;
      planned.from = from;
    }
    planned.params = form;
  }

  // Its own parameters stay in the plan, for its integers mean numbers by them.
  void WarnOfRescaledBias(TensorId id, const QuantParams& form) {
    const ParamsPtr& given = plan_.tensor(id).params;
    if (given == nullptr || SameParams(*given, form)) return;
    diagnostics_.Add(
        {.severity = Severity::kWarning,
         .file = model_.path,
         .tensor = Name(id),
         .problem = "the bias has other parameters than kernels assume; it was rescaled",
         .expected = DescribeParams(form),
         .found = DescribeParams(*given),
         .advice = "export the bias with that scale"});
  }

  void TellOfDefault(TensorId id, const QuantParams& form) {
    diagnostics_.Add({.severity = Severity::kRemark,
                      .file = model_.path,
                      .tensor = Name(id),
                      .problem = absl::StrCat("the cell state has no entry; it is ",
                                              DescribeParams(form), ", which holds -16 to 16"),
                      .advice = "give it an entry: int16, zero point 0, a power of two"});
  }

  GraphPlan& plan_;
  Diagnostics& diagnostics_;
};

// What passes through a resource variable. Runtimes keep its bytes, so every node that reads or
// writes it has the same parameters: those that its readers are annotated with, or else what is
// written.
class VariablePlanner {
 public:
  VariablePlanner(const Model& model, Plan& plan) : model_(model), plan_(plan) {}

  void Run() {
    for (const ResourceVariable& variable : FindResourceVariables(model_)) {
      if (!TouchesParams(variable)) continue;
      ParamsPtr form;
      const std::string reason = WhyNotInteger(variable, form);
      for (const VariableAccess& access : variable.accesses) {
        if (reason.empty()) {
          TakeForm(access, form);
        } else {
          PlanOf(access).reason = reason;
        }
      }
    }
  }

 private:
  NodePlan& PlanOf(const VariableAccess& access) {
    return plan_.graphs[access.graph].nodes[static_cast<size_t>(access.node)];
  }
  TensorPlan& ValueOf(const VariableAccess& access) {
    return plan_.graphs[access.graph].tensor(access.value);
  }
  const Tensor& TensorOf(const VariableAccess& access) const {
    return model_.graphs[access.graph].tensor(access.value);
  }

  bool TouchesParams(const ResourceVariable& variable) {
    return std::any_of(
        variable.accesses.begin(), variable.accesses.end(), [&](const VariableAccess& access) {
          return ValueOf(access).params != nullptr && !PlanOf(access).forms_are_given &&
                 TensorOf(access).type == circle::TensorType_FLOAT32;
        });
  }

  std::string WhyNotInteger(const ResourceVariable& variable, ParamsPtr& form) {
    if (plan_.target == Target::kOnert) return "onert has no variables";
    if (!variable.is_known) return "its variable comes from elsewhere";
    for (const bool of_readers : {true, false}) {
      for (const VariableAccess& access : variable.accesses) {
        const ParamsPtr& params = ValueOf(access).params;
        const bool constant = model_.IsConstant(TensorOf(access));
        if (access.reads != of_readers || params == nullptr || constant) continue;
        if (form == nullptr) form = params;
        if (of_readers && !SameParams(form, params)) {
          return "the readers of its variable have different parameters";
        }
      }
    }
    if (form == nullptr || form->per_channel()) return "its variable has no parameters";
    for (const VariableAccess& access : variable.accesses) {
      const TensorPlan& value = ValueOf(access);
      if (StaysFloat(value.origin) ||
          (access.reads && value.params == nullptr && !IsFree(access))) {
        return "a value of its variable stays float32";
      }
      if (!access.reads && value.params == nullptr && !model_.IsConstant(TensorOf(access))) {
        return "a value that is written to its variable has no parameters";
      }
    }
    const bool fits = form->dtype == circle::TensorType_UINT8 ||
                      form->dtype == circle::TensorType_INT8 ||
                      (form->dtype == circle::TensorType_INT16 && form->zero_point[0] == 0);
    return fits ? "" : "nobody measured variables of its parameters";
  }

  // Nothing else says what the tensor is.
  bool IsFree(const VariableAccess& access) {
    const DefUse& def_use = plan_.graphs[access.graph].def_use;
    return !def_use.is_output(access.value) && ValueOf(access).origin == Origin::kNone;
  }

  void TakeForm(const VariableAccess& access, const ParamsPtr& form) {
    NodePlan& planned = PlanOf(access);
    if (planned.forms_are_given) return;
    planned = {.integer = true, .forms_are_given = true};
    if (!access.reads) {
      planned.in = {nullptr, form};
      return;
    }
    planned.in = {nullptr};
    planned.out = {form};
    TensorPlan& value = ValueOf(access);
    if (value.params != nullptr) return;
    value.origin = Origin::kPropagated;
    value.params = form;
  }

  const Model& model_;
  Plan& plan_;
};

}  // namespace

void PlanStatefulNodes(const Model& model, Plan& plan, Diagnostics& diagnostics) {
  VariablePlanner(model, plan).Run();
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    Planner(model, g, plan.graphs[g], diagnostics).Run();
  }
}

}  // namespace q_implant
