// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/propagate.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <queue>
#include <vector>

#include "ir/operators/operator_table.h"
#include "pass/numbers/constant_data.h"
#include "pass/quantize/plan/planned_constant.h"
#include "pass/quantize/rules/crossings.h"

namespace q_implant {
namespace {

// Converters that have no infinity write the extreme float32 around what a pooling reads.
bool StandsForInfinity(float least, float greatest) {
  return std::max(-least, greatest) >= 0.99f * std::numeric_limits<float>::max();
}

bool MovesValues(const OperatorRow& row) {
  return row.kind == Kind::kMover || row.kind == Kind::kClamp;
}

class Propagator {
 public:
  Propagator(const Model& model, const Graph& graph, GraphPlan& plan)
      : model_(model),
        graph_(graph),
        plan_(plan),
        in_forward_(graph.nodes.size(), false),
        in_backward_(graph.nodes.size(), false),
        offered_(graph.tensors.size(), 0),
        sources_(graph.tensors.size()) {
    FindSources();
  }

  // Forward before backward, each in its order of nodes: the first to arrive wins. What one
  // direction finds is work for the other, until neither finds more; a node is looked at again only
  // when a neighbour got parameters.
  void Run() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      Queue(static_cast<NodeId>(n));
    }
    while (!forward_.empty() || !backward_.empty()) {
      while (!forward_.empty()) {
        const NodeId node = forward_.top();
        forward_.pop();
        in_forward_[static_cast<size_t>(node)] = false;
        Forward(node);
      }
      if (backward_.empty()) break;
      const NodeId node = backward_.top();
      backward_.pop();
      in_backward_[static_cast<size_t>(node)] = false;
      Backward(node);
    }
  }

 private:
  // A node waits once, however many of its neighbours got parameters meanwhile.
  void Queue(NodeId id) {
    const auto n = static_cast<size_t>(id);
    if (!in_forward_[n]) forward_.push(id);
    if (!in_backward_[n]) backward_.push(id);
    in_forward_[n] = in_backward_[n] = true;
  }

  const Node& NodeAt(NodeId id) const { return graph_.nodes[static_cast<size_t>(id)]; }
  bool IsConstant(TensorId id) const { return model_.IsConstant(graph_.tensor(id)); }

  bool MayReceive(TensorId id) const {
    return q_implant::MayReceive(model_, graph_, plan_, id) && !plan_.def_use.is_input(id) &&
           !plan_.def_use.is_output(id);
  }

  void Give(TensorId to, TensorId from) {
    TensorPlan& planned = plan_.tensor(to);
    planned.origin = Origin::kPropagated;
    planned.params = plan_.tensor(from).params;
    planned.from = from;
    for (const Use& use : plan_.def_use.uses(to)) {
      Queue(use.node);
    }
    if (const NodeId producer = plan_.def_use.producer(to); producer != kNoNode) {
      Queue(producer);
    }
  }

  // The input whose parameters all of the node's data has, or kNoTensor.
  TensorId CommonInput(const Node& node, const OperatorRow& row) const {
    TensorId common = kNoTensor;
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      const TensorId id = node.inputs[slot];
      if (id == kNoTensor || InputRole(row, slot) != Role::kData || IsConstant(id)) continue;
      if (plan_.tensor(id).params == nullptr) return kNoTensor;
      if (common != kNoTensor &&
          !SameParams(plan_.tensor(common).params, plan_.tensor(id).params)) {
        return kNoTensor;
      }
      if (common == kNoTensor) common = id;
    }
    return common;
  }

  // True where no constant that passes through would be cut off by these parameters, but for values
  // that make no difference: below the data of a Maximum, above that of a Minimum. A fill that
  // stands for infinity becomes the extreme integer.
  bool ConstantsFit(const Node& node, const OperatorRow& row, const QuantParams& params) const {
    const double half_step = 0.5 * static_cast<double>(params.scale.front());
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      const TensorId id = node.inputs[slot];
      const Role role = InputRole(row, slot);
      if (id == kNoTensor || !IsConstant(id) || (role != Role::kData && role != Role::kFill)) {
        continue;
      }
      const Bytes floats = FloatData(model_, graph_.tensor(id), plan_.tensor(id));
      float least = 0;
      float greatest = 0;
      if (!FiniteRange(floats.span(), least, greatest)) {
        if (role == Role::kFill) continue;
        return false;
      }
      if (role == Role::kFill && StandsForInfinity(least, greatest)) continue;
      if (node.op() != circle::BuiltinOperator_MAXIMUM &&
          static_cast<double>(least) < params.real_min() - half_step) {
        return false;
      }
      if (node.op() != circle::BuiltinOperator_MINIMUM &&
          static_cast<double>(greatest) > params.real_max() + half_step) {
        return false;
      }
    }
    return true;
  }

  void Forward(NodeId id) {
    const Node& node = NodeAt(id);
    const OperatorRow& row = RowOf(node);
    if (!MovesValues(row)) return;
    const TensorId from = CommonInput(node, row);
    if (from == kNoTensor || !IntegerTypes(row, plan_.target).has(plan_.tensor(from).params->dtype))
      return;
    if (!ConstantsFit(node, row, *plan_.tensor(from).params)) return;
    for (size_t slot = 0; slot < node.outputs.size(); ++slot) {
      const TensorId to = node.outputs[slot];
      if (to != kNoTensor && OutputRole(row, slot) == Role::kData && MayReceive(to)) Give(to, from);
    }
  }

  // The output whose parameters a node would give to each of its data inputs, or kNoTensor: the
  // first of those with equal ones. Every part of a Split must have them that somebody reads: what
  // goes in lies in the range of all, not of one.
  TensorId CommonOutput(const Node& node, const OperatorRow& row) const {
    TensorId common = kNoTensor;
    for (size_t slot = 0; slot < node.outputs.size(); ++slot) {
      const TensorId id = node.outputs[slot];
      if (id == kNoTensor || OutputRole(row, slot) != Role::kData) continue;
      if (plan_.tensor(id).params == nullptr) {
        if (plan_.def_use.uses(id).empty() && !plan_.def_use.is_output(id)) continue;
        return kNoTensor;
      }
      if (common != kNoTensor &&
          !SameParams(plan_.tensor(common).params, plan_.tensor(id).params)) {
        return kNoTensor;
      }
      if (common == kNoTensor) common = id;
    }
    return common;
  }

  // What a use would give the tensor it reads, or kNoTensor.
  TensorId Offer(TensorId tensor, const Use& use) const {
    const Node& node = NodeAt(use.node);
    const OperatorRow& row = RowOf(node);
    if (!MovesValues(row) || InputRole(row, static_cast<size_t>(use.slot)) != Role::kData) {
      return kNoTensor;
    }
    const TensorId from = CommonOutput(node, row);
    if (from == kNoTensor || !IntegerTypes(row, plan_.target).has(plan_.tensor(from).params->dtype))
      return kNoTensor;
    // A clamp cuts values off, so what goes in covers more than what comes out: only a node that
    // computes may take its parameters, for it would clamp to the output's range at no loss.
    if (row.kind == Kind::kClamp && !ComputedInIntegers(tensor, plan_.tensor(from).params->dtype)) {
      return kNoTensor;
    }
    return from;
  }

  // Converters put a Transpose between a convolution and its clamp.
  bool ComputedInIntegers(TensorId tensor, circle::TensorType dtype) const {
    const NodeId producer = plan_.def_use.producer(sources_[static_cast<size_t>(tensor)]);
    if (producer == kNoNode) return false;
    const OperatorRow& row = RowOf(NodeAt(producer));
    return row.kind == Kind::kCompute && IntegerTypes(row, plan_.target).has(dtype);
  }

  // Nodes stand in execution order, so each finds those before it done.
  void FindSources() {
    for (size_t t = 0; t < sources_.size(); ++t) sources_[t] = static_cast<TensorId>(t);
    for (const Node& node : graph_.nodes) {
      const OperatorRow& row = RowOf(node);
      const int slot = FindInput(row, Role::kData);
      if (row.kind != Kind::kMover || slot < 0 || static_cast<size_t>(slot) >= node.inputs.size() ||
          node.inputs[static_cast<size_t>(slot)] == kNoTensor) {
        continue;
      }
      const TensorId from = node.inputs[static_cast<size_t>(slot)];
      for (TensorId to : node.outputs) {
        if (to != kNoTensor)
          sources_[static_cast<size_t>(to)] = sources_[static_cast<size_t>(from)];
      }
    }
  }

  void Backward(NodeId id) {
    for (TensorId input : NodeAt(id).inputs) {
      if (input == kNoTensor || !MayReceive(input)) continue;
      // An offer stays once it is made, so the uses that made one need not be asked again: a tensor
      // with many uses costs no more than their number.
      const absl::Span<const Use> uses = plan_.def_use.uses(input);
      size_t& offered = offered_[static_cast<size_t>(input)];
      while (offered < uses.size() && Offer(input, uses[offered]) != kNoTensor) ++offered;
      if (offered < uses.size()) continue;
      if (const TensorId from = CommonOffer(input, uses); from != kNoTensor) Give(input, from);
    }
  }

  // What all uses offer alike, or kNoTensor.
  TensorId CommonOffer(TensorId tensor, absl::Span<const Use> uses) const {
    const TensorId first = Offer(tensor, uses.front());
    for (const Use& use : uses) {
      const TensorId offer = Offer(tensor, use);
      if (first == kNoTensor || offer == kNoTensor ||
          !SameParams(plan_.tensor(first).params, plan_.tensor(offer).params)) {
        return kNoTensor;
      }
    }
    return first;
  }

  const Model& model_;
  const Graph& graph_;
  GraphPlan& plan_;
  std::priority_queue<NodeId, std::vector<NodeId>, std::greater<>> forward_;
  std::priority_queue<NodeId> backward_;
  std::vector<bool> in_forward_;
  std::vector<bool> in_backward_;
  std::vector<size_t> offered_;    // how many of a tensor's uses, from the first on, made an offer
  std::vector<TensorId> sources_;  // by tensor: the one whose values movers brought there
};

}  // namespace

void Propagate(const Model& model, Plan& plan) {
  std::vector<size_t> graphs(model.graphs.size());
  std::iota(graphs.begin(), graphs.end(), size_t{0});
  while (!graphs.empty()) {
    for (size_t g : graphs) Propagator(model, model.graphs[g], plan.graphs[g]).Run();
    graphs = PropagateAcrossCrossings(model, plan);
  }
}

}  // namespace q_implant
