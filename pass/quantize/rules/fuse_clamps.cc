// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/fuse_clamps.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/fused_activation.h"
#include "ir/operators/operator_table.h"
#include "pass/graph/moved_constants.h"
#include "pass/quantize/plan/remove_nodes.h"

namespace q_implant {
namespace {

class GraphFuser {
 public:
  GraphFuser(Model& model, size_t graph_index, GraphPlan& plan)
      : model_(model), graph_(model.graphs[graph_index]), plan_(plan) {}

  // How many clamps were fused.
  size_t Run() {
    std::vector<bool> gone(graph_.nodes.size(), false);
    size_t count = 0;
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      gone[n] = !IsKept(static_cast<NodeId>(n)) && Fuse(graph_.nodes[n]);
      count += gone[n] ? 1 : 0;
    }
    if (count > 0) RemoveNodes(gone, graph_, plan_);
    return count;
  }

 private:
  // It stays as it came.
  bool IsKept(NodeId node) const { return plan_.nodes[static_cast<size_t>(node)].forms_are_given; }

  bool Fuse(const Node& clamp) {
    const OperatorRow& row = RowOf(clamp);
    if (row.kind != Kind::kClamp || clamp.inputs.size() != 1 || clamp.outputs.size() != 1) {
      return false;
    }
    const TensorId middle = clamp.inputs[0];
    const TensorId out = clamp.outputs[0];
    if (middle == kNoTensor || out == kNoTensor || !IsOnlyLink(middle)) return false;
    const TensorPlan& annotated =
        plan_.tensor(out).params != nullptr ? plan_.tensor(out) : plan_.tensor(middle);
    // A graph output without parameters leaves as float32: the clamp is float32 then.
    if (plan_.tensor(out).params == nullptr && plan_.def_use.is_output(out)) return false;
    const bool stays_float =
        StaysFloat(plan_.tensor(out).origin) || StaysFloat(plan_.tensor(middle).origin);
    if (annotated.params == nullptr || stays_float) return false;
    if (CutsMoreOff(plan_.tensor(middle).params, plan_.tensor(out).params)) return false;
    const circle::TensorType type = annotated.params->dtype;
    const NodeId producer = ComputingNode(middle);
    if (IntegerTypes(row, plan_.target).has(type) || producer == kNoNode) return false;
    if (!Takes(graph_.nodes[static_cast<size_t>(producer)], type)) return false;
    return Merge(clamp.op(), producer, middle, out);
  }

  // True where what goes in has a narrower range than what comes out: rounding once would not cut
  // it off as annotated.
  static bool CutsMoreOff(const ParamsPtr& in, const ParamsPtr& out) {
    if (in == nullptr || out == nullptr) return false;
    const double step = static_cast<double>(out->scale.front());
    return in->real_max() < out->real_max() - step || in->real_min() > out->real_min() + step;
  }

  // The node whose values the tensor holds, moved at most: a clamp of moved values moves as well
  // before as behind it. kNoNode where others read what lies between.
  NodeId ComputingNode(TensorId tensor) const {
    NodeId producer = plan_.def_use.producer(tensor);
    while (producer != kNoNode && !IsKept(producer)) {
      const Node& node = graph_.nodes[static_cast<size_t>(producer)];
      if (!MoveOf(model_, graph_, node).has_value()) return producer;
      const TensorId from = node.inputs[0];
      if (!IsOnlyLink(from) || StaysFloat(plan_.tensor(from).origin)) return kNoNode;
      producer = plan_.def_use.producer(from);
    }
    return kNoNode;
  }

  // Made by a node, read by one, and no matter of callers.
  bool IsOnlyLink(TensorId id) const {
    return plan_.def_use.producer(id) != kNoNode && plan_.def_use.uses(id).size() == 1 &&
           !plan_.def_use.is_output(id);
  }

  bool Takes(const Node& producer, circle::TensorType type) const {
    const OperatorRow& row = RowOf(producer);
    return row.fuses_clamps && IntegerTypes(row, plan_.target).has(type) &&
           producer.outputs.size() == 1 &&
           FusedActivation(producer) == circle::ActivationFunctionType_NONE;
  }

  // What made `middle` makes `out` instead.
  bool Merge(circle::BuiltinOperator clamp, NodeId producer, TensorId middle, TensorId out) {
    const circle::ActivationFunctionType activation = ActivationOf(clamp);
    if (activation == circle::ActivationFunctionType_NONE) return false;
    if (!SetFusedActivation(activation, model_, graph_.nodes[static_cast<size_t>(producer)])) {
      return false;
    }
    TakeForm(producer, middle, out);
    graph_.nodes[static_cast<size_t>(plan_.def_use.producer(middle))].outputs[0] = out;
    if (plan_.tensor(out).params == nullptr) {
      plan_.tensor(out).origin = Origin::kPropagated;
      plan_.tensor(out).params = plan_.tensor(middle).params;
      plan_.tensor(out).from = middle;
    }
    plan_.tensor(middle).unused = true;
    plan_.merged.push_back({middle, out,
                            absl::StrCat("the ", circle::EnumNameBuiltinOperator(clamp),
                                         " behind it became part of the operator before")});
    return true;
  }

  // Between the producer and `middle` movers want equal sides. What the model brought quantized no
  // rule converts, so it takes the form of what comes out.
  void TakeForm(NodeId producer, TensorId middle, TensorId out) {
    const ParamsPtr& form = plan_.tensor(out).params;
    if (form == nullptr) return;
    for (NodeId mover = plan_.def_use.producer(middle); mover != producer;) {
      const TensorId from = graph_.nodes[static_cast<size_t>(mover)].inputs[0];
      if (plan_.tensor(from).origin == Origin::kExisting) {
        SetParams(*form, graph_.tensor(from));
        plan_.tensor(from).params = form;
      }
      mover = plan_.def_use.producer(from);
    }
  }

  Model& model_;
  Graph& graph_;
  GraphPlan& plan_;
};

}  // namespace

bool FuseClamps(Model& model, Plan& plan, Diagnostics& diagnostics) {
  if (plan.target == Target::kAny) return false;
  size_t count = 0;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    count += GraphFuser(model, g, plan.graphs[g]).Run();
  }
  if (count == 0) return false;
  diagnostics.Add({.severity = Severity::kRemark,
                   .file = model.path,
                   .problem = absl::StrCat("for ", TargetName(plan.target), ": ", count,
                                           count == 1 ? " clamp became" : " clamps became",
                                           " part of the operator before (--verbose names "
                                           "them)")});
  return true;
}

}  // namespace q_implant
