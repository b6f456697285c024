// SPDX-License-Identifier: Apache-2.0
#include "ir/testing/long_chain.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace q_implant {
namespace {

constexpr circle::BuiltinOperator kOperators[] = {
    circle::BuiltinOperator_ADD, circle::BuiltinOperator_RELU, circle::BuiltinOperator_RESHAPE,
    circle::BuiltinOperator_COS, circle::BuiltinOperator_MAXIMUM};

Tensor Activation(std::string name) {
  Tensor tensor;
  tensor.name = std::move(name);
  tensor.shape = std::vector<int32_t>{4};
  tensor.has_rank = true;
  return tensor;
}

}  // namespace

Model LongChain(size_t nodes) {
  Model model;
  model.path = "long.circle";
  model.AddBuffer(Bytes());
  model.graphs.emplace_back();
  Graph& graph = model.graphs.back();
  const TensorId input = graph.AddTensor(Activation("input"));
  graph.inputs.push_back(input);
  TensorId last = input;
  for (size_t n = 0; n < nodes; ++n) {
    Node node;
    const circle::BuiltinOperator op = kOperators[n % std::size(kOperators)];
    node.code = model.FindOrAddOperatorCode(op, 1);
    node.inputs.push_back(last);
    if (op == circle::BuiltinOperator_ADD) node.inputs.push_back(input);
    if (op == circle::BuiltinOperator_MAXIMUM) node.inputs.push_back(last);
    last = graph.AddTensor(Activation(absl::StrCat("t", n)));
    node.outputs.push_back(last);
    graph.nodes.push_back(std::move(node));
  }
  graph.outputs.push_back(last);
  return model;
}

Params LongChainParams(size_t nodes) {
  Params params;
  params.path = "params.json";
  for (size_t n = 0; n < nodes; n += 2) {
    params.entries.push_back({.key = absl::StrCat("t", n),
                              .target = absl::StrCat("t", n),
                              .dtype = circle::TensorType_INT8,
                              .scale = {n % 3 == 0 ? 0.5f : 0.25f},
                              .zero_point = {0}});
  }
  return params;
}

}  // namespace q_implant
