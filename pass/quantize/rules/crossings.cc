// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/crossings.h"

#include <algorithm>

#include "pass/graph/calls.h"

namespace q_implant {
namespace {

bool IsActivationForm(const ParamsPtr& params) {
  if (params == nullptr || params->per_channel()) return false;
  return params->dtype == circle::TensorType_INT8 || params->dtype == circle::TensorType_UINT8 ||
         params->dtype == circle::TensorType_INT16;
}

// For each graph: whether something in it has parameters, or in a graph that its composites run.
std::vector<bool> FindAnnotatedGraphs(const Plan& plan, const std::vector<Crossing>& crossings) {
  std::vector<bool> annotated;
  for (const GraphPlan& graph : plan.graphs) {
    annotated.push_back(std::any_of(
        graph.tensors.begin(), graph.tensors.end(),
        [](const TensorPlan& tensor) { return tensor.params != nullptr && !tensor.unused; }));
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (const Crossing& crossing : crossings) {
      if (!annotated[crossing.called]) continue;
      for (const Crossing::Outer& outer : crossing.outer) {
        changed = changed || !annotated[outer.graph];
        annotated[outer.graph] = true;
      }
    }
  }
  return annotated;
}

class CrossingPropagator {
 public:
  CrossingPropagator(const Model& model, const std::vector<Crossing>& crossings, Plan& plan)
      : model_(model),
        crossings_(crossings),
        plan_(plan),
        annotated_(FindAnnotatedGraphs(plan, crossings)),
        changed_(model.graphs.size(), false) {}

  std::vector<size_t> Run() {
    for (const Crossing& crossing : crossings_) {
      GiveInwards(crossing);
      GiveOutwards(crossing);
    }
    std::vector<size_t> graphs;
    for (size_t g = 0; g < changed_.size(); ++g) {
      if (changed_[g]) graphs.push_back(g);
    }
    return graphs;
  }

 private:
  const TensorPlan& At(size_t graph, TensorId id) const { return plan_.graphs[graph].tensor(id); }
  bool MayReceive(size_t graph, TensorId id) const {
    return q_implant::MayReceive(model_, model_.graphs[graph], plan_.graphs[graph], id);
  }

  void Give(size_t graph, TensorId to, size_t from_graph, TensorId from) {
    TensorPlan& planned = plan_.graphs[graph].tensor(to);
    planned.origin = Origin::kPropagated;
    planned.params = At(from_graph, from).params;
    planned.from = from;
    planned.from_graph = from_graph;
    changed_[graph] = true;
  }

  void GiveInwards(const Crossing& crossing) {
    if (crossing.outer.empty() || !annotated_[crossing.called]) return;
    if (!MayReceive(crossing.called, crossing.inner)) return;
    if (crossing.output && !LeavesOnly(crossing)) return;
    const Crossing::Outer& first = crossing.outer.front();
    const ParamsPtr& params = At(first.graph, first.tensor).params;
    if (!IsActivationForm(params)) return;
    const bool agree = std::all_of(
        crossing.outer.begin(), crossing.outer.end(), [&](const Crossing::Outer& outer) {
          return SameParams(At(outer.graph, outer.tensor).params, params);
        });
    if (agree) Give(crossing.called, crossing.inner, first.graph, first.tensor);
  }

  // Whether an output is made inside, goes to one place, and is not read inside, where it would be
  // rounded too.
  bool LeavesOnly(const Crossing& crossing) const {
    const DefUse& def_use = plan_.graphs[crossing.called].def_use;
    const StoredVector<TensorId>& outputs = model_.graphs[crossing.called].outputs;
    return def_use.producer(crossing.inner) != kNoNode && def_use.uses(crossing.inner).empty() &&
           std::count(outputs.begin(), outputs.end(), crossing.inner) == 1;
  }

  void GiveOutwards(const Crossing& crossing) {
    if (!IsActivationForm(At(crossing.called, crossing.inner).params)) return;
    for (const Crossing::Outer& outer : crossing.outer) {
      const DefUse& def_use = plan_.graphs[outer.graph].def_use;
      if (!MayReceive(outer.graph, outer.tensor) || def_use.is_input(outer.tensor) ||
          def_use.is_output(outer.tensor)) {
        continue;
      }
      if (!crossing.output && !AllReadersAgree(crossing, outer)) continue;
      Give(outer.graph, outer.tensor, crossing.called, crossing.inner);
    }
  }

  // Whether all that reads a tensor are composites that take it in one form. Looked at from the
  // first of the readers only, for all of them would find the same.
  bool AllReadersAgree(const Crossing& crossing, const Crossing::Outer& outer) const {
    const auto uses = plan_.graphs[outer.graph].def_use.uses(outer.tensor);
    if (uses.empty() || static_cast<size_t>(uses.front().node) != outer.node ||
        static_cast<size_t>(uses.front().slot) != outer.slot) {
      return false;
    }
    const ParamsPtr& params = At(crossing.called, crossing.inner).params;
    return std::all_of(uses.begin(), uses.end(), [&](const Use& use) {
      const Node& reader = model_.graphs[outer.graph].nodes[static_cast<size_t>(use.node)];
      return SameParams(TakenBy(reader, static_cast<size_t>(use.slot)), params);
    });
  }

  // The parameters in which a composite takes an input; null for other nodes.
  ParamsPtr TakenBy(const Node& node, size_t slot) const {
    if (node.op() != circle::BuiltinOperator_STABLEHLO_COMPOSITE) return nullptr;
    const std::vector<int32_t> graphs = CalledGraphs(node);
    if (graphs.empty() || graphs[0] < 0) return nullptr;
    const auto called = static_cast<size_t>(graphs[0]);
    if (called >= plan_.graphs.size() || !plan_.graphs[called].composite) return nullptr;
    return At(called, model_.graphs[called].inputs[slot]).params;
  }

  const Model& model_;
  const std::vector<Crossing>& crossings_;
  Plan& plan_;
  std::vector<bool> annotated_;  // by graph
  std::vector<bool> changed_;    // by graph
};

}  // namespace

void MarkCalledGraphs(const Model& model, Plan& plan) {
  const std::vector<bool> called = FindCalledGraphs(model);
  for (size_t g = 0; g < called.size(); ++g) plan.graphs[g].called = called[g];
  for (const Crossing& crossing : FindCrossings(model)) {
    plan.graphs[crossing.called].composite = true;
  }
}

std::vector<size_t> PropagateAcrossCrossings(const Model& model, Plan& plan) {
  const std::vector<Crossing> crossings = FindCrossings(model);
  if (crossings.empty()) return {};
  return CrossingPropagator(model, crossings, plan).Run();
}

void PlanCrossings(const Model& model, Plan& plan) {
  for (const Crossing& crossing : FindCrossings(model)) {
    for (const Crossing::Outer& outer : crossing.outer) {
      GraphPlan& graph = plan.graphs[outer.graph];
      const TensorPlan& own = graph.tensor(outer.tensor);
      const ParamsPtr& form = own.origin == Origin::kExisting
                                  ? own.params
                                  : plan.graphs[crossing.called].tensor(crossing.inner).params;
      if (form == nullptr) continue;
      const Node& node = model.graphs[outer.graph].nodes[outer.node];
      NodePlan& planned = graph.nodes[outer.node];
      planned.integer = true;
      planned.reason.clear();
      planned.in.resize(node.inputs.size());
      planned.out.resize(node.outputs.size());
      (crossing.output ? planned.out : planned.in)[outer.slot] = form;
    }
  }
}

}  // namespace q_implant
