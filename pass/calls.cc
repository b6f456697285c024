// SPDX-License-Identifier: Apache-2.0
#include "pass/calls.h"

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
