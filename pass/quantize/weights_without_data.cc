// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/weights_without_data.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ir/operators/operator_table.h"
#include "pass/graph/display_names.h"

namespace q_implant {
namespace {

// The slot of a node's weights; of a BatchMatMul its second operand, which is data where it is
// computed.
int WeightsSlot(const Node& node) {
  return node.op() == circle::BuiltinOperator_BATCH_MATMUL ? 1
                                                           : FindInput(RowOf(node), Role::kWeights);
}

bool LacksParams(const TensorPlan& planned) {
  return planned.params == nullptr && !StaysFloat(planned.origin);
}

// The annotated weights of a float32 node that wants parameters on its data; else kNoTensor.
TensorId IdleWeights(const Model& model, const Graph& graph, const GraphPlan& plan, size_t n) {
  const Node& node = graph.nodes[n];
  const int slot = WeightsSlot(node);
  const auto at = static_cast<size_t>(slot);
  if (plan.nodes[n].integer || slot < 0 || at >= node.inputs.size()) return kNoTensor;
  const TensorId weights = node.inputs[at];
  if (weights == kNoTensor || !model.IsConstant(graph.tensor(weights))) return kNoTensor;
  const TensorPlan& planned = plan.tensor(weights);
  if (planned.entry == nullptr || planned.params == nullptr) return kNoTensor;
  const OperatorRow& row = RowOf(node);
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const TensorId id = node.inputs[i];
    const bool data = i != at && id != kNoTensor && InputRole(row, i) == Role::kData;
    if (data && LacksParams(plan.tensor(id))) return weights;
  }
  const bool made = !node.outputs.empty() && node.outputs[0] != kNoTensor;
  return made && LacksParams(plan.tensor(node.outputs[0])) ? weights : kNoTensor;
}

// True where the target took parameters away, of types that it does not convert: a warning says so
// already.
bool LostTypes(const GraphPlan& plan) {
  return std::any_of(plan.tensors.begin(), plan.tensors.end(), [](const TensorPlan& planned) {
    return planned.origin == Origin::kUnsupported;
  });
}

}  // namespace

void WarnOfWeightsWithoutData(const Model& model, const Plan& plan, Diagnostics& diagnostics) {
  constexpr size_t kNamed = 3;
  std::vector<std::string> names;
  absl::flat_hash_set<std::pair<size_t, TensorId>> seen;  // weights may have several readers
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    if (LostTypes(plan.graphs[g])) continue;
    for (size_t n = 0; n < model.graphs[g].nodes.size(); ++n) {
      const TensorId id = IdleWeights(model, model.graphs[g], plan.graphs[g], n);
      if (id == kNoTensor) continue;
      if (seen.insert({g, id}).second) names.push_back(DisplayName(model, g, id));
    }
  }
  if (names.empty()) return;
  const size_t named = std::min(names.size(), kNamed);
  const std::string list = absl::StrJoin(absl::MakeConstSpan(names).subspan(0, named), "', '");
  const bool one = names.size() == 1;
  diagnostics.Add(
      {.severity = Severity::kWarning,
       .file = plan.params_path,
       .problem = absl::StrCat(
           one ? "1 annotated weights tensor stands"
               : absl::StrCat(names.size(), " annotated weights tensors stand"),
           " beside float32 data, since what ",
           one ? "its operator reads or makes has" : "their operators read or make has",
           " no parameters: '", list, "'", names.size() > named ? ", ..." : ""),
       .expected = "parameters for the activations too",
       .advice =
           "annotate the activations; if the weights alone are intended, give --weight_only, or "
           "--hybrid for kernels that read integer weights"});
}

}  // namespace q_implant
