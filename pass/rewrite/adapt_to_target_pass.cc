// SPDX-License-Identifier: Apache-2.0
#include "pass/rewrite/adapt_to_target_pass.h"

#include <utility>

#include "ir/operators/float_precision.h"
#include "ir/operators/node_verdict.h"
#include "ir/operators/operator_table.h"
#include "ir/params.h"
#include "ir/quant_params.h"
#include "pass/graph/def_use.h"
#include "pass/graph/node_tensors.h"
#include "pass/graph/unused_buffers.h"
#include "pass/numbers/general_scales.h"
#include "pass/numbers/values_params.h"
#include "pass/quantize/plan_messages.h"
#include "pass/quantize/quantize_with_imported_params_pass.h"
#include "pass/rewrite/make_float.h"
#include "pass/target/copy_outputs.h"
#include "pass/target/mend_faults.h"
#include "pass/target/target_file_forms.h"
#include "pass/target/target_node_forms.h"
#include "pass/verify/runtime_warnings.h"
#include "pass/verify/verify_change.h"

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

// A float32 kernel that is too coarse for the parameters around it.
bool LacksPrecision(const Graph& graph, const DefUse& def_use, const Node& node, Target target) {
  if (node.inputs.empty() || node.outputs.empty()) return false;
  const auto params_of = [&](TensorId id) { return ParamsOf(graph.tensor(id)); };
  return LacksPrecision(node, ParamsOfValues(graph, def_use, node.inputs[0], params_of),
                        ParamsOfValues(graph, def_use, node.outputs[0], params_of), target);
}

bool IsToBeAdapted(const Model& model, Target target) {
  for (const Graph& graph : model.graphs) {
    const DefUse def_use(graph);
    for (const Node& node : graph.nodes) {
      if (MayHaveTargetForm(model, graph, node, target)) return true;
      if (LacksPrecision(graph, def_use, node, target)) return true;
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
    WarnOfRuntimes(target_, model, diagnostics);
    return changed || mended;
  }
  absl::StatusOr<FloatModel> made = MakeFloat(target_, model, diagnostics);
  if (!made.ok()) return made.status();
  QuantizeWithImportedParamsPass pass(
      std::move(made->params),
      {.full_weights_range = true, .target = target_, .check_values = CheckValues::kOff},
      {.model_params = true});
  pass.KeepNodes(std::move(made->kept));
  pass.NoteDropped(std::move(made->dropped));
  const absl::StatusOr<bool> changed = pass.Run(model, diagnostics);
  if (!changed.ok()) return changed.status();
  used.RemoveWhatFellOutOfUse(model);
  const absl::Status status = verification.Check(model, "the adapted model");
  if (!status.ok()) return status;
  return true;
}

}  // namespace q_implant
