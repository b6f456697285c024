// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/carry_out/needed_forms.h"

#include <algorithm>

#include "ir/operators/conversion_kernels.h"
#include "ir/operators/operator_table.h"

namespace q_implant {
namespace {

bool Contains(const std::vector<ParamsPtr>& forms, const ParamsPtr& form) {
  return std::any_of(forms.begin(), forms.end(),
                     [&](const ParamsPtr& other) { return SameParams(other, form); });
}

bool NeedsFloatCopy(const TensorPlan& planned, const NeededForms& demand, Target target) {
  const bool told = planned.origin == Origin::kAnnotated || planned.origin == Origin::kPropagated;
  return target != Target::kAny && told && planned.params != nullptr &&
         Contains(demand.forms, nullptr) &&
         ConversionVerdict(planned.params, nullptr, target) != Verdict::kRight;
}

// A constant can be converted on the spot, so it takes a form that its readers want.
// One that leaves the graph takes the form in which it does: `leaves_as`.
ParamsPtr OwnFormOfConstant(const TensorPlan& planned, const NeededForms& demand, bool is_output,
                            const ParamsPtr& leaves_as) {
  const bool wants_float = Contains(demand.forms, nullptr);
  const auto integer = std::find_if(demand.forms.begin(), demand.forms.end(),
                                    [](const ParamsPtr& form) { return form != nullptr; });
  switch (planned.origin) {
    case Origin::kExisting:  // unless nobody reads it as it came
      if (wants_float || is_output || integer == demand.forms.end() ||
          Contains(demand.forms, planned.params)) {
        return planned.params;
      }
      return *integer;
    case Origin::kAnnotated:
    case Origin::kPropagated:  // through folded movers
      if (is_output && !SameParams(leaves_as, planned.params)) return leaves_as;
      if (demand.is_bias && wants_float) return nullptr;
      if (demand.float_copy && !is_output && !Contains(demand.forms, planned.params)) {
        return integer == demand.forms.end() ? nullptr : *integer;
      }
      if (wants_float || is_output || integer == demand.forms.end() ||
          Contains(demand.forms, planned.params)) {
        return planned.params;
      }
      return *integer;
    default:
      if (wants_float || is_output || integer == demand.forms.end()) return nullptr;
      return *integer;
  }
}

// Parameters that only passed through are dropped where no integer node has a use for them.
ParamsPtr OwnFormOfActivation(const TensorPlan& planned, const NeededForms& demand,
                              const ParamsPtr& made) {
  if (planned.origin != Origin::kPropagated) return planned.params;
  const bool wanted = std::any_of(demand.forms.begin(), demand.forms.end(),
                                  [](const ParamsPtr& form) { return form != nullptr; });
  return wanted || made != nullptr ? planned.params : nullptr;
}

bool HoldsFloats(const Tensor& tensor) {
  return tensor.type == circle::TensorType_FLOAT32 || tensor.type == circle::TensorType_FLOAT16;
}

}  // namespace

bool IsIdleQuantize(const GraphPlan& plan, const Node& node) {
  return node.op() == circle::BuiltinOperator_QUANTIZE && node.outputs.size() == 1 &&
         node.outputs[0] != kNoTensor && plan.tensor(node.outputs[0]).origin == Origin::kAnnotated;
}

ParamsPtr WantedForm(const GraphPlan& plan, const Node& node, const NodePlan& planned,
                     size_t slot) {
  const TensorPlan& tensor = plan.tensor(node.inputs[slot]);
  // Old writers give shapes and axes a scale, which means nothing there.
  if (tensor.origin == Origin::kExisting && InputRole(RowOf(node), slot) == Role::kControl) {
    return tensor.params;
  }
  if (planned.integer) return planned.in[slot];
  if (planned.hybrid && planned.in[slot] != nullptr) return planned.in[slot];
  if (tensor.origin == Origin::kExisting) return tensor.params;
  // It read a float16 constant; it reads integers just as well.
  if (node.op() == circle::BuiltinOperator_DEQUANTIZE) return tensor.params;
  if (IsIdleQuantize(plan, node)) return tensor.params;
  return nullptr;
}

std::vector<NeededForms> FindNeededForms(const Model& model, const Graph& graph,
                                         const GraphPlan& plan) {
  std::vector<NeededForms> demands(graph.tensors.size());
  for (NeededForms& demand : demands) demand.is_bias = true;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    const OperatorRow& row = RowOf(node);
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      if (node.inputs[slot] == kNoTensor) continue;
      NeededForms& demand = demands[static_cast<size_t>(node.inputs[slot])];
      const ParamsPtr form = WantedForm(plan, node, plan.nodes[n], slot);
      if (!Contains(demand.forms, form)) demand.forms.push_back(form);
      const Role role = InputRole(row, slot);
      demand.is_weights = demand.is_weights || role == Role::kWeights;
      demand.is_bias = demand.is_bias && role == Role::kBias;
    }
  }
  for (size_t t = 0; t < demands.size(); ++t) {
    const auto id = static_cast<TensorId>(t);
    if (plan.tensor(id).params == nullptr && !HoldsFloats(graph.tensor(id))) {
      demands[t].forms.clear();  // nobody knows what its integers stand for: it stays
      continue;
    }
    const NodeId producer = plan.def_use.producer(id);
    // What composites outside give and take.
    const bool crosses =
        plan.composite && (plan.def_use.is_input(id) || plan.def_use.is_output(id));
    if (producer == kNoNode && model.IsConstant(graph.tensor(id))) {
      const ParamsPtr& params = plan.tensor(id).params;
      const ParamsPtr leaves_as = plan.outputs.FormOf(id, params);
      demands[t].float_copy =
          NeedsFloatCopy(plan.tensor(id), demands[t], plan.target) ||
          (!SameParams(leaves_as, params) && Contains(demands[t].forms, nullptr));
      demands[t].own = crosses ? params
                               : OwnFormOfConstant(plan.tensor(id), demands[t],
                                                   plan.def_use.is_output(id), leaves_as);
      if (demands[t].own == nullptr) demands[t].float_copy = false;
      continue;
    }
    ParamsPtr made;
    if (crosses || (producer != kNoNode && plan.nodes[static_cast<size_t>(producer)].integer)) {
      made = plan.tensor(id).params;
    }
    demands[t].own = OwnFormOfActivation(plan.tensor(id), demands[t], made);
  }
  return demands;
}

}  // namespace q_implant
