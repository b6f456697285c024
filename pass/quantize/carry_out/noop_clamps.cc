// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/carry_out/noop_clamps.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "ir/quant_params.h"
#include "pass/graph/display_names.h"
#include "pass/graph/merge_tensors.h"

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
  GraphCleaner(Model& model, size_t graph_index, std::vector<RemovedClamp>& clamps)
      : model_(model),
        graph_index_(graph_index),
        clamps_(clamps),
        merger_(model.graphs[graph_index]) {}

  void Run() {
    const Graph& graph = model_.graphs[graph_index_];
    std::vector<bool> gone(graph.nodes.size(), false);
    bool any = false;
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      if (!CutsNothingOff(graph, graph.nodes[n])) continue;
      gone[n] = Remove(graph.nodes[n]);
      any = any || gone[n];
    }
    if (any) merger_.Apply(gone, graph_index_, model_);
  }

 private:
  // Makes one tensor of a clamp's two; false where neither may go.
  bool Remove(const Node& clamp) {
    const auto merged = merger_.Merge(clamp.outputs[0], clamp.inputs[0]);
    if (!merged.has_value()) return false;
    clamps_.push_back({graph_index_, OpName(clamp), OutputName(model_, graph_index_, clamp),
                       DisplayName(model_, graph_index_, merged->goes),
                       DisplayName(model_, graph_index_, merged->stays)});
    return true;
  }

  Model& model_;
  size_t graph_index_;
  std::vector<RemovedClamp>& clamps_;
  TensorMerger merger_;
};

}  // namespace

std::vector<RemovedClamp> RemoveNoopClamps(Model& model) {
  std::vector<RemovedClamp> removed;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    GraphCleaner(model, g, removed).Run();
  }
  return removed;
}

}  // namespace q_implant
