// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/calls.h"

#include <algorithm>
#include <utility>

namespace q_implant {
namespace {

// The options table `T` of a node, from the second union; null where it has none or another's.
template <typename T>
const T* Options2As(const Node& node) {
  return node.options2_type == circle::BuiltinOptions2Traits<T>::enum_value
             ? reinterpret_cast<const T*>(node.options2)
             : nullptr;
}

}  // namespace

std::vector<int32_t> CalledGraphs(const Node& node) {
  if (const auto* o = node.OptionsAs<circle::CallOptions>()) {
    return {static_cast<int32_t>(o->subgraph())};
  }
  if (const auto* o = node.OptionsAs<circle::CallOnceOptions>()) return {o->init_subgraph_index()};
  if (const auto* o = node.OptionsAs<circle::IfOptions>()) {
    return {o->then_subgraph_index(), o->else_subgraph_index()};
  }
  if (const auto* o = node.OptionsAs<circle::WhileOptions>()) {
    return {o->cond_subgraph_index(), o->body_subgraph_index()};
  }
  if (const auto* o = Options2As<circle::StablehloReduceOptions>(node)) {
    return {o->body_subgraph_index()};
  }
  if (const auto* o = Options2As<circle::StablehloReduceWindowOptions>(node)) {
    return {o->body_subgraph_index()};
  }
  if (const auto* o = Options2As<circle::StablehloScatterOptions>(node)) {
    return {o->update_computation_subgraph_index()};
  }
  if (const auto* o = Options2As<circle::StablehloSortOptions>(node)) {
    return {o->comparator_subgraph_index()};
  }
  if (const auto* o = Options2As<circle::StablehloWhileOptions>(node)) {
    return {o->cond_subgraph_index(), o->body_subgraph_index()};
  }
  if (const auto* o = Options2As<circle::StableHLOCompositeOptions>(node)) {
    return {o->decomposition_subgraph_index()};
  }
  if (const auto* o = Options2As<circle::StablehloCustomCallOptions>(node)) {
    const auto* called = o->called_computations();
    return called == nullptr ? std::vector<int32_t>()
                             : std::vector<int32_t>(called->begin(), called->end());
  }
  if (const auto* o = Options2As<circle::StablehloCaseOptions>(node)) {
    const auto* branches = o->branch_subgraph_indices();
    return branches == nullptr ? std::vector<int32_t>()
                               : std::vector<int32_t>(branches->begin(), branches->end());
  }
  return {};
}

namespace {

bool IsComposite(const Node& node) {
  return node.op() == circle::BuiltinOperator_STABLEHLO_COMPOSITE;
}

// Whether every slot of the node is given and stands for an end of the graph.
bool Fits(const Node& node, const Graph& called) {
  const auto given = [](TensorId id) { return id != kNoTensor; };
  return node.inputs.size() == called.inputs.size() &&
         node.outputs.size() == called.outputs.size() &&
         std::all_of(node.inputs.begin(), node.inputs.end(), given) &&
         std::all_of(node.outputs.begin(), node.outputs.end(), given);
}

// For each graph: whether nothing but composites runs it.
std::vector<bool> FindGraphsOfComposites(const Model& model) {
  std::vector<bool> found = FindCalledGraphs(model);
  if (!found.empty()) found[0] = false;
  for (const SignatureDef& signature : model.signature_defs) {
    if (signature.graph < found.size()) found[signature.graph] = false;
  }
  for (const Graph& graph : model.graphs) {
    for (const Node& node : graph.nodes) {
      for (int32_t index : CalledGraphs(node)) {
        const auto called = static_cast<size_t>(index);
        if (index < 0 || called >= found.size()) continue;
        if (!IsComposite(node) || !Fits(node, model.graphs[called])) found[called] = false;
      }
    }
  }
  return found;
}

// Those of one graph, inputs before outputs, without their outer sides.
std::vector<Crossing> CrossingsInto(const Model& model, size_t called) {
  std::vector<Crossing> crossings;
  for (TensorId id : model.graphs[called].inputs) crossings.push_back({false, called, id, {}});
  for (TensorId id : model.graphs[called].outputs) crossings.push_back({true, called, id, {}});
  return crossings;
}

}  // namespace

std::vector<Crossing> FindCrossings(const Model& model) {
  const std::vector<bool> of_composites = FindGraphsOfComposites(model);
  std::vector<Crossing> crossings;
  std::vector<size_t> first(model.graphs.size());  // by graph: where its crossings start
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    first[g] = crossings.size();
    if (!of_composites[g]) continue;
    for (Crossing& crossing : CrossingsInto(model, g)) crossings.push_back(std::move(crossing));
  }
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const std::vector<Node>& nodes = model.graphs[g].nodes;
    for (size_t n = 0; n < nodes.size(); ++n) {
      if (!IsComposite(nodes[n])) continue;
      const std::vector<int32_t> graphs = CalledGraphs(nodes[n]);
      if (graphs.empty() || graphs[0] < 0) continue;
      const auto called = static_cast<size_t>(graphs[0]);
      if (called >= of_composites.size() || !of_composites[called]) continue;
      size_t at = first[called];
      for (const auto* ids : {&nodes[n].inputs, &nodes[n].outputs}) {
        for (size_t slot = 0; slot < ids->size(); ++slot) {
          crossings[at++].outer.push_back({g, n, slot, (*ids)[slot]});
        }
      }
    }
  }
  return crossings;
}

std::vector<bool> FindCalledGraphs(const Model& model) {
  std::vector<bool> called(model.graphs.size(), false);
  for (const Graph& graph : model.graphs) {
    for (const Node& node : graph.nodes) {
      for (int32_t index : CalledGraphs(node)) {
        if (index >= 0 && static_cast<size_t>(index) < called.size()) {
          called[static_cast<size_t>(index)] = true;
        }
      }
    }
  }
  return called;
}

}  // namespace q_implant
