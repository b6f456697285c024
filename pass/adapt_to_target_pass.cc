// SPDX-License-Identifier: Apache-2.0
#include "pass/adapt_to_target_pass.h"

#include <algorithm>
#include <utility>

#include "ir/node_verdict.h"
#include "ir/operator_table.h"
#include "ir/params.h"
#include "ir/quant_params.h"
#include "pass/make_float.h"
#include "pass/quantize_with_imported_params_pass.h"
#include "pass/target_node_forms.h"
#include "pass/tell.h"
#include "pass/unused_buffers.h"
#include "pass/verification.h"

namespace q_implant {
namespace {

bool TouchesParams(const Graph& graph, const Node& node) {
  const auto has_params = [&](TensorId id) {
    return id != kNoTensor && ParamsOf(graph.tensor(id)) != nullptr;
  };
  return std::any_of(node.inputs.begin(), node.inputs.end(), has_params) ||
         std::any_of(node.outputs.begin(), node.outputs.end(), has_params);
}

// Of float32 nodes, a missing bias can be added and a Dequantize of float16 be carried out; what
// else a runtime lacks in float32 no rule can mend, but for other forms.
bool CanBeMended(const Graph& graph, const Node& node) {
  return TouchesParams(graph, node) || RowOf(node).kind == Kind::kConvert ||
         FindInput(RowOf(node), Role::kBias) >= 0;
}

bool IsToBeAdapted(const Model& model, Target target) {
  for (const Graph& graph : model.graphs) {
    for (const Node& node : graph.nodes) {
      if (MayHaveTargetForm(model, graph, node, target) ||
          (JudgeNode(graph, node, target).verdict != Verdict::kRight && CanBeMended(graph, node))) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<bool> AdaptToTargetPass::Run(Model& model, Diagnostics& diagnostics) {
  if (!IsToBeAdapted(model, target_)) {
    WarnOfMisreadNodes(target_, model, diagnostics);
    return false;
  }
  const Verification verification(model);
  verification.WarnOfFaults(model, diagnostics);
  const UsedParts used(model);
  absl::StatusOr<Params> params = MakeFloat(target_, model, diagnostics);
  if (!params.ok()) return params.status();
  QuantizeWithImportedParamsPass pass(*std::move(params), {.full_weights_range = true,
                                                           .target = target_,
                                                           .check_values = CheckValues::kOff,
                                                           .model_params = true});
  const absl::StatusOr<bool> changed = pass.Run(model, diagnostics);
  if (!changed.ok()) return changed.status();
  used.RemoveWhatFellOutOfUse(model);
  const absl::Status status = verification.Check(model, "the adapted model");
  if (!status.ok()) return status;
  return true;
}

}  // namespace q_implant
