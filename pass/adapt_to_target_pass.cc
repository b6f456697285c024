// SPDX-License-Identifier: Apache-2.0
#include "pass/adapt_to_target_pass.h"

#include <utility>

#include "ir/node_verdict.h"
#include "ir/operator_table.h"
#include "ir/params.h"
#include "ir/quant_params.h"
#include "pass/copy_outputs.h"
#include "pass/general_scales.h"
#include "pass/make_float.h"
#include "pass/mend_faults.h"
#include "pass/node_tensors.h"
#include "pass/quantize_with_imported_params_pass.h"
#include "pass/target_file_forms.h"
#include "pass/target_node_forms.h"
#include "pass/tell.h"
#include "pass/unused_buffers.h"
#include "pass/verification.h"

namespace q_implant {
namespace {

bool TouchesParams(const Graph& graph, const Node& node) {
  return AnyTensor(node, [&](TensorId id) { return ParamsOf(graph.tensor(id)) != nullptr; });
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
      if (MayHaveTargetForm(model, graph, node, target)) return true;
      const Verdict verdict = JudgeNode(graph, node, target).verdict;
      const bool faulty = verdict != Verdict::kRight && verdict != Verdict::kUnmeasured;
      if (faulty && CanBeMended(graph, node)) return true;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<bool> AdaptToTargetPass::Run(Model& model, Diagnostics& diagnostics) {
  bool mended = MendFaults(model, diagnostics);
  if (target_ == Target::kLiteRt) mended |= UseGeneralScales(model, diagnostics);
  const Verification verification(model);
  verification.WarnOfFaults(model, diagnostics);
  const UsedParts used(model);
  if (!IsToBeAdapted(model, target_)) {
    const bool copied =
        target_ == Target::kOnert && !CopyOutputsForOnert(model, diagnostics).empty();
    const bool changed = TakeTargetFileForms(target_, model, diagnostics) || copied;
    used.RemoveWhatFellOutOfUse(model);
    WarnOfMisreadNodes(target_, model, diagnostics);
    return changed || mended;
  }
  absl::StatusOr<FloatModel> made = MakeFloat(target_, model, diagnostics);
  if (!made.ok()) return made.status();
  QuantizeWithImportedParamsPass pass(std::move(made->params), {.full_weights_range = true,
                                                                .target = target_,
                                                                .check_values = CheckValues::kOff,
                                                                .model_params = true});
  pass.KeepNodes(std::move(made->kept));
  const absl::StatusOr<bool> changed = pass.Run(model, diagnostics);
  if (!changed.ok()) return changed.status();
  used.RemoveWhatFellOutOfUse(model);
  const absl::Status status = verification.Check(model, "the adapted model");
  if (!status.ok()) return status;
  return true;
}

}  // namespace q_implant
