// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/zero_biases.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "ir/operators/operator_table.h"
#include "pass/graph/unique_names.h"

namespace q_implant {
namespace {

// The number of output channels, or 0 where it is not known.
size_t Channels(const Graph& graph, const Node& node, const OperatorRow& row) {
  const auto slot = static_cast<size_t>(FindInput(row, Role::kWeights));
  if (slot >= node.inputs.size() || node.inputs[slot] == kNoTensor) return 0;
  const auto& shape = graph.tensor(node.inputs[slot]).shape;
  const auto axis = static_cast<size_t>(row.channel_axis);
  return axis < shape.size() && shape[axis] > 0 ? static_cast<size_t>(shape[axis]) : 0;
}

bool LacksBias(const Graph& graph, const GraphPlan& plan, const Node& node,
               const OperatorRow& row) {
  if (!row.needs_bias || node.outputs.empty() || node.outputs[0] == kNoTensor) return false;
  // Integers that the model came with have a bias of integers: not this rule's matter.
  if (graph.tensor(node.outputs[0]).type != circle::TensorType_FLOAT32) return false;
  const auto weights = static_cast<size_t>(FindInput(row, Role::kWeights));
  const bool quantized = weights < node.inputs.size() && node.inputs[weights] != kNoTensor &&
                         plan.tensor(node.inputs[weights]).params != nullptr;
  if (!quantized && plan.target == Target::kAny) return false;
  const auto slot = static_cast<size_t>(FindInput(row, Role::kBias));
  return slot >= node.inputs.size() || node.inputs[slot] == kNoTensor;
}

// onert refuses a FullyConnected of two inputs, but takes one whose third is not given.
void NameMissingBias(Node& node, const OperatorRow& row) {
  const int slot = FindInput(row, Role::kBias);
  if (node.op() == circle::BuiltinOperator_FULLY_CONNECTED &&
      node.inputs.size() == static_cast<size_t>(slot)) {
    node.inputs.push_back(kNoTensor);
  }
}

}  // namespace

void AddZeroBiases(Model& model, Plan& plan, Diagnostics& diagnostics) {
  UniqueNames names(model);
  absl::flat_hash_map<size_t, uint32_t> zeros;  // by channels: their buffer
  size_t count = 0;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    Graph& graph = model.graphs[g];
    bool changed = false;
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      if (plan.graphs[g].nodes[n].forms_are_given) continue;  // it stays as it came
      Node& node = graph.nodes[n];
      const OperatorRow& row = RowOf(node);
      if (plan.target != Target::kAny) NameMissingBias(node, row);
      if (!LacksBias(graph, plan.graphs[g], node, row)) continue;
      const size_t channels = Channels(graph, node, row);
      if (channels == 0) continue;
      Tensor bias;
      bias.name = names.Make(graph.tensor(node.outputs[0]).name, "_bias");
      bias.shape = std::vector<int32_t>{static_cast<int32_t>(channels)};
      bias.has_rank = true;
      uint32_t& buffer = zeros[channels];
      if (buffer == 0) {
        buffer = model.AddBuffer(Bytes::Own(std::vector<uint8_t>(channels * sizeof(float), 0)));
      }
      bias.buffer = buffer;
      const auto slot = static_cast<size_t>(FindInput(row, Role::kBias));
      node.inputs.resize(std::max(node.inputs.size(), slot + 1), kNoTensor);
      node.inputs[slot] = graph.AddTensor(std::move(bias));
      plan.graphs[g].tensors.emplace_back();
      changed = true;
      ++count;
    }
    if (changed) plan.graphs[g].def_use = DefUse(graph);
  }
  if (count == 0) return;
  diagnostics.Add({.severity = plan.target == Target::kAny ? Severity::kNote : Severity::kRemark,
                   .file = model.path,
                   .problem = absl::StrCat(count, count == 1 ? " convolution" : " convolutions",
                                           " without a bias got one of zeros, for runtimes "
                                           "refuse them")});
}

}  // namespace q_implant
