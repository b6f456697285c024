// SPDX-License-Identifier: Apache-2.0
#include "pass/noop_clamps.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/quant_params.h"
#include "pass/def_use.h"
#include "pass/names.h"
#include "pass/remove_tensors.h"

namespace q_implant {
namespace {

struct Bounds {
  double least;
  double greatest;
};

std::optional<Bounds> ClampBounds(circle::BuiltinOperator op) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  switch (op) {
    case circle::BuiltinOperator_RELU:
      return Bounds{0, kInfinity};
    case circle::BuiltinOperator_RELU6:
      return Bounds{0, 6};
    case circle::BuiltinOperator_RELU_N1_TO_1:
      return Bounds{-1, 1};
    case circle::BuiltinOperator_RELU_0_TO_1:
      return Bounds{0, 1};
    default:
      return std::nullopt;
  }
}

bool CutsNothingOff(const Graph& graph, const Node& node) {
  const std::optional<Bounds> bounds = ClampBounds(node.op());
  if (!bounds.has_value() || node.inputs.size() != 1 || node.outputs.size() != 1) return false;
  if (node.inputs[0] == kNoTensor || node.outputs[0] == kNoTensor) return false;
  const ParamsPtr in = ParamsOf(graph.tensor(node.inputs[0]));
  const ParamsPtr out = ParamsOf(graph.tensor(node.outputs[0]));
  if (in == nullptr || !SameParams(in, out) || in->per_channel()) return false;
  // Kernels round a bound to the nearest integer, so half a step beyond it is still inside.
  const double half_step = 0.5 * static_cast<double>(in->scale.front());
  return in->real_min() >= bounds->least - half_step * 0.999 &&
         in->real_max() <= bounds->greatest + half_step * 0.999;
}

class GraphCleaner {
 public:
  GraphCleaner(const Model& model, size_t graph_index, Graph& graph,
               std::vector<RemovedClamp>& clamps, Diagnostics& diagnostics)
      : model_(model),
        graph_index_(graph_index),
        graph_(graph),
        clamps_(clamps),
        diagnostics_(diagnostics),
        def_use_(graph),
        replaced_by_(graph.tensors.size(), kNoTensor) {}

  // The tensors that nothing touches any more.
  std::vector<TensorId> Run() {
    std::vector<bool> gone(graph_.nodes.size(), false);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (CutsNothingOff(graph_, graph_.nodes[n])) gone[n] = Merge(graph_.nodes[n]);
    }
    if (removed_.empty()) return removed_;
    StoredVector<Node> nodes = std::exchange(graph_.nodes, {});
    for (size_t n = 0; n < nodes.size(); ++n) {
      if (gone[n]) continue;
      for (TensorId& id : nodes[n].inputs) id = Final(id);
      for (TensorId& id : nodes[n].outputs) id = Final(id);
      graph_.nodes.push_back(std::move(nodes[n]));
    }
    return removed_;
  }

 private:
  TensorId Final(TensorId id) const {
    while (id != kNoTensor && replaced_by_[static_cast<size_t>(id)] != kNoTensor) {
      id = replaced_by_[static_cast<size_t>(id)];
    }
    return id;
  }

  bool IsFixed(TensorId id) const {
    return def_use_.is_input(id) || def_use_.is_output(id) || def_use_.producer(id) == kNoNode;
  }

  // Makes one tensor of a clamp's two; false where neither may go.
  bool Merge(const Node& clamp) {
    const TensorId in = Final(clamp.inputs[0]);
    const TensorId out = clamp.outputs[0];
    TensorId goes = in;
    TensorId stays = out;
    if (IsFixed(in)) {
      if (def_use_.is_output(out)) return false;
      std::swap(goes, stays);
    }
    replaced_by_[static_cast<size_t>(goes)] = stays;
    removed_.push_back(goes);
    clamps_.push_back({graph_index_, OutputName(model_, graph_index_, clamp)});
    diagnostics_.Add({.severity = Severity::kNote,
                      .file = model_.path,
                      .tensor = DisplayName(model_, graph_index_, goes),
                      .problem = absl::StrCat("a ", OpName(clamp), " that cut nothing off went; '",
                                              DisplayName(model_, graph_index_, stays),
                                              "' stands for both its sides")});
    return true;
  }

  const Model& model_;
  size_t graph_index_;
  Graph& graph_;
  std::vector<RemovedClamp>& clamps_;
  Diagnostics& diagnostics_;
  DefUse def_use_;
  std::vector<TensorId> replaced_by_;
  std::vector<TensorId> removed_;
};

}  // namespace

std::vector<RemovedClamp> RemoveNoopClamps(Model& model, Diagnostics& diagnostics) {
  std::vector<RemovedClamp> removed;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    RemoveTensors(GraphCleaner(model, g, model.graphs[g], removed, diagnostics).Run(), g, model);
  }
  return removed;
}

}  // namespace q_implant
