// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/quantize_with_imported_params_pass.h"

#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "ir/operators/operator_table.h"
#include "pass/graph/node_tensors.h"
#include "pass/graph/remove_tensors.h"
#include "pass/graph/unused_buffers.h"
#include "pass/graph/unused_tensors.h"
#include "pass/quantize/carry_out/boundaries.h"
#include "pass/quantize/carry_out/gone_tensors.h"
#include "pass/quantize/carry_out/needed_forms.h"
#include "pass/quantize/carry_out/noop_clamps.h"
#include "pass/quantize/plan_messages.h"
#include "pass/quantize/rules/bind.h"
#include "pass/quantize/rules/crossings.h"
#include "pass/quantize/rules/cut_constants.h"
#include "pass/quantize/rules/dead_channels.h"
#include "pass/quantize/rules/derive.h"
#include "pass/quantize/rules/equalise.h"
#include "pass/quantize/rules/fold_constant_movers.h"
#include "pass/quantize/rules/fold_dequantizes.h"
#include "pass/quantize/rules/fuse_clamps.h"
#include "pass/quantize/rules/graph_io.h"
#include "pass/quantize/rules/integer_nodes.h"
#include "pass/quantize/rules/limit_scales.h"
#include "pass/quantize/rules/propagate.h"
#include "pass/quantize/rules/resemblance.h"
#include "pass/quantize/rules/stateful_nodes.h"
#include "pass/quantize/rules/target_types.h"
#include "pass/quantize/rules/zero_biases.h"
#include "pass/quantize/weights_without_data.h"
#include "pass/target/copy_outputs.h"
#include "pass/target/dense_as_conv.h"
#include "pass/target/mend_faults.h"
#include "pass/target/target_file_forms.h"
#include "pass/target/target_node_forms.h"
#include "pass/verify/runtime_warnings.h"
#include "pass/verify/verify_change.h"

namespace q_implant {
namespace {

// Conversions are no operators that compute.
void CountNodes(const Graph& graph, const GraphPlan& plan, QuantizeSummary& summary) {
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const OperatorRow& row = RowOf(graph.nodes[n]);
    const NodePlan& planned = plan.nodes[n];
    if (row.kind == Kind::kConvert) continue;
    const bool possible =
        !IntegerTypes(row, plan.target).empty() && TouchesFloat(graph, graph.nodes[n]);
    summary.integer_nodes += planned.integer ? 1 : 0;
    summary.integer_possible += planned.integer || possible ? 1 : 0;
    summary.hybrid_nodes += planned.hybrid ? 1 : 0;
  }
}

void PlanKeptNodes(const std::vector<std::vector<KeptNode>>& kept, Plan& plan) {
  for (size_t g = 0; g < kept.size(); ++g) {
    for (const KeptNode& node : kept[g]) {
      plan.graphs[g].nodes[static_cast<size_t>(node.node)] = {
          .integer = true, .forms_are_given = true, .in = node.in, .out = node.out};
    }
  }
}

void PlanDropped(const std::vector<std::vector<ParamsPtr>>& dropped, Plan& plan) {
  for (size_t g = 0; g < dropped.size(); ++g) {
    for (size_t t = 0; t < dropped[g].size(); ++t) {
      plan.graphs[g].tensors[t].dropped = dropped[g][t];
    }
  }
}

QuantizeSummary Summarise(const Model& model, const Plan& plan) {
  QuantizeSummary summary;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    CountNodes(graph, plan.graphs[g], summary);
    const std::vector<NeededForms> demands = FindNeededForms(model, graph, plan.graphs[g]);
    for (size_t t = 0; t < graph.tensors.size(); ++t) {
      const Origin origin = plan.graphs[g].tensors[t].origin;
      if (origin == Origin::kAnnotated) {
        ++summary.annotated;
      } else if (graph.tensors[t].type != circle::TensorType_FLOAT32 ||
                 plan.graphs[g].tensors[t].unused) {
        continue;
      } else if (demands[t].own == nullptr) {
        ++summary.left_float;
      } else {
        ++(origin == Origin::kPropagated ? summary.propagated : summary.derived);
      }
    }
  }
  return summary;
}

void RemoveUnusedTensors(const Plan& plan, Model& model) {
  for (size_t g = 0; g < plan.graphs.size(); ++g) {
    // A constant may be an end of the graph too, or scales of blocks: then it stays where no node
    // reads it.
    const std::vector<bool> named = FindUsedTensors(model, g);
    std::vector<TensorId> unused;
    for (size_t t = 0; t < plan.graphs[g].tensors.size(); ++t) {
      if (plan.graphs[g].tensors[t].unused && !named[t]) unused.push_back(static_cast<TensorId>(t));
    }
    RemoveTensors(unused, g, model);
  }
}

}  // namespace

void QuantizeWithImportedParamsPass::ReportUnchanged(const Model& model, const Plan& plan) {
  QuantizeReporter reporter;
  std::vector<std::vector<NodeId>> origins;
  for (const Graph& graph : model.graphs) {
    origins.emplace_back(graph.nodes.size());
    std::iota(origins.back().begin(), origins.back().end(), 0);
  }
  reporter.Plan(model, plan);
  reporter.Carried(model, origins);
  reporter.Finish(model, {}, GoneTensors(model, plan, true), {});
  report_ = reporter.Take();
}

absl::StatusOr<bool> QuantizeWithImportedParamsPass::Run(Model& model, Diagnostics& diagnostics) {
  if (options_.target != Target::kAny) MendFaults(model, diagnostics);
  Plan plan(model, options_.target);
  MarkCalledGraphs(model, plan);
  PlanKeptNodes(kept_, plan);
  PlanDropped(dropped_, plan);
  Bind(model, params_, options_, plan, diagnostics);
  AskForIoTypes(model, options_, plan, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  summary_ = {};
  if (params_.entries.empty() && !options_.require_all && options_.target == Target::kAny) {
    PlanIoForms(model, options_, plan, diagnostics);
    if (diagnostics.has_errors()) return diagnostics.ToStatus();
    summary_ = Summarise(model, plan);
    if (options_.report) ReportUnchanged(model, plan);
    if (options_.warn_of_runtimes) WarnOfRuntimes(Target::kAny, model, diagnostics);
    return false;
  }
  if (options_.check_values != CheckValues::kOff) {
    CheckResemblance(
        model, plan,
        options_.check_values == CheckValues::kError ? Severity::kError : Severity::kWarning,
        params_.path, diagnostics);
    if (diagnostics.has_errors()) return diagnostics.ToStatus();
  }
  std::optional<Verification> verification;
  if (!options_.model_params) {
    verification.emplace(model, KernelChecks{.bias_scales = !options_.keep_bias});
    verification->WarnOfFaults(model, diagnostics);
  }
  const UsedParts used(model);
  FoldConstantMovers(model, plan, diagnostics);
  TakeTargetTypes(model, plan, diagnostics);
  PlanIoForms(model, options_, plan, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  FoldDequantizes(model, plan, diagnostics);
  WriteTargetForms(model, plan, diagnostics);
  AddZeroBiases(model, plan, diagnostics);
  Propagate(model, plan);
  if (FuseClamps(model, plan, diagnostics)) Propagate(model, plan);
  MakeDenseConvolutions(model, plan, diagnostics);
  WritePreciseForms(model, plan, diagnostics);
  MendDeadChannels(model, plan, diagnostics);
  PlanStatefulNodes(model, plan, diagnostics);
  SelectIntegerNodes(model, options_, plan);
  CutConstants(model, plan, diagnostics);
  Equalise(model, plan);
  Derive(model, options_, plan, diagnostics);
  LimitScales(model, plan);
  PlanCrossings(model, plan);
  NoteIslands(model, plan, diagnostics);
  if (!options_.model_params && !options_.hybrid && !options_.weight_only) {
    WarnOfWeightsWithoutData(model, plan, diagnostics);
  }
  NoteAdaptations(model, plan, diagnostics);
  if (options_.require_all) RequireAll(model, plan, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  summary_ = Summarise(model, plan);
  QuantizeReporter reporter;
  if (options_.report) reporter.Plan(model, plan);
  const IoCheck io_check(model, plan);
  const std::vector<std::vector<NodeId>> origins =
      MakeBoundaries(options_, plan, model, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  if (options_.report) reporter.Carried(model, origins);
  GoneTensors gone(model, plan, !options_.model_params);
  RemoveUnusedTensors(plan, model);
  const std::vector<RemovedClamp> removed_clamps = RemoveNoopClamps(model);
  gone.Add(removed_clamps);
  gone.Tell(model.path, diagnostics);
  std::vector<std::string> copied_outputs;
  if (options_.target == Target::kOnert) copied_outputs = CopyOutputsForOnert(model, diagnostics);
  if (options_.target != Target::kAny) TakeTargetFileForms(options_.target, model, diagnostics);
  used.RemoveWhatFellOutOfUse(model);
  if (options_.report) {
    reporter.Finish(model, removed_clamps, gone, copied_outputs);
    report_ = reporter.Take();
  }
  if (options_.target != Target::kAny || options_.warn_of_runtimes) {
    WarnOfRuntimes(options_.target, model, diagnostics);
  }
  absl::Status status;
  if (verification.has_value()) status = verification->Check(model, "the quantized model");
  if (status.ok()) status = io_check.Check(model);
  if (!status.ok()) return status;
  return true;
}

}  // namespace q_implant
