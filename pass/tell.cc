// SPDX-License-Identifier: Apache-2.0
#include "pass/tell.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/operator_table.h"
#include "ir/tensor_type.h"
#include "ir/weights_kernels.h"
#include "pass/names.h"

namespace q_implant {
namespace {

// The weights of a node, where parameters came for them.
TensorId ImportedWeights(const Node& node, const GraphPlan& plan) {
  const int slot = FindInput(RowOf(node), Role::kWeights);
  if (slot < 0 || static_cast<size_t>(slot) >= node.inputs.size()) return kNoTensor;
  const TensorId id = node.inputs[static_cast<size_t>(slot)];
  return id != kNoTensor && plan.tensor(id).params != nullptr ? id : kNoTensor;
}

bool DataHasParams(const Node& node, const GraphPlan& plan) {
  const OperatorRow& row = RowOf(node);
  const int slot = FindInput(row, Role::kData);
  return slot >= 0 && static_cast<size_t>(slot) < node.inputs.size() &&
         node.inputs[static_cast<size_t>(slot)] != kNoTensor &&
         plan.tensor(node.inputs[static_cast<size_t>(slot)]).params != nullptr &&
         !node.outputs.empty() && node.outputs[0] != kNoTensor &&
         plan.tensor(node.outputs[0]).params != nullptr;
}

}  // namespace

void TellOfIslands(const Model& model, const Plan& plan, Diagnostics& diagnostics) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const std::vector<Node>& nodes = model.graphs[g].nodes;
    for (size_t n = 0; n < nodes.size(); ++n) {
      const NodePlan& planned = plan.graphs[g].nodes[n];
      if (planned.reason.empty() || RowOf(nodes[n]).kind == Kind::kConvert) continue;
      const bool surprising = !planned.hybrid && DataHasParams(nodes[n], plan.graphs[g]) &&
                              ImportedWeights(nodes[n], plan.graphs[g]) != kNoTensor;
      diagnostics.Add({.severity = surprising ? Severity::kWarning : Severity::kNote,
                       .file = model.path,
                       .tensor = OutputName(model, g, nodes[n]),
                       .problem = absl::StrCat(
                           circle::EnumNameBuiltinOperator(nodes[n].op()),
                           planned.hybrid ? " is hybrid: " : " stays float32: ", planned.reason)});
    }
  }
}

void WarnOfRecipes(const Model& model, const Plan& plan, Diagnostics& diagnostics) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const std::vector<Node>& nodes = model.graphs[g].nodes;
    for (size_t n = 0; n < nodes.size(); ++n) {
      const TensorId weights = ImportedWeights(nodes[n], plan.graphs[g]);
      const NodePlan& planned = plan.graphs[g].nodes[n];
      if (!planned.integer || weights == kNoTensor || planned.out.empty() ||
          planned.out[0] == nullptr) {
        continue;
      }
      const QuantParams& params = *plan.graphs[g].tensor(weights).params;
      const WeightsSupport support = WeightsSupportOf(nodes[n].op(), planned.out[0]->dtype, params);
      if (support.litert || support.onert) continue;
      diagnostics.Add(
          {.severity = Severity::kWarning,
           .file = model.path,
           .tensor = DisplayName(model, g, weights),
           .problem = absl::StrCat("LiteRT and onert refuse or misread ", TypeName(params.dtype),
                                   " weights beside ", TypeName(planned.out[0]->dtype), " data in ",
                                   circle::EnumNameBuiltinOperator(nodes[n].op())),
           .advice = "for these runtimes quantize both to int8, or int16 data beside int8 "
                     "weights"});
    }
  }
}

void RequireAll(const Model& model, const Plan& plan, Diagnostics& diagnostics) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    const auto is_float = [&](TensorId id) {
      return id != kNoTensor && graph.tensor(id).type == circle::TensorType_FLOAT32;
    };
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      const Node& node = graph.nodes[n];
      const NodePlan& planned = plan.graphs[g].nodes[n];
      const bool touches_float = std::any_of(node.inputs.begin(), node.inputs.end(), is_float) ||
                                 std::any_of(node.outputs.begin(), node.outputs.end(), is_float);
      if (planned.integer || !touches_float || RowOf(node).kind == Kind::kConvert) continue;
      diagnostics.Add(
          {.file = model.path,
           .tensor = OutputName(model, g, node),
           .problem = absl::StrCat(circle::EnumNameBuiltinOperator(node.op()), " is left float32"),
           .expected = "an integer operator, for --require_all is given",
           .found = planned.reason.empty() ? "no parameters on any of its tensors" : planned.reason,
           .advice = "give its tensors parameters, or leave out --require_all"});
    }
  }
}

}  // namespace q_implant
