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
#include "pass/quantize/decide_plan.h"
#include "pass/quantize/plan_messages.h"
#include "pass/quantize/rules/graph_io.h"
#include "pass/quantize/weights_without_data.h"
#include "pass/target/copy_outputs.h"
#include "pass/target/mend_faults.h"
#include "pass/target/target_file_forms.h"
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
      const TensorPlan& planned = plan.graphs[g].tensors[t];
      // Also where nothing came of it: the types that a target does not convert.
      const bool lost =
          StaysFloat(planned.origin) && planned.entry != nullptr && !planned.entry->pinned();
      summary.annotated += planned.origin == Origin::kAnnotated || lost ? 1 : 0;
      if (planned.origin == Origin::kAnnotated) continue;
      if (graph.tensors[t].type != circle::TensorType_FLOAT32 || planned.unused) {
        continue;
      } else if (demands[t].own == nullptr) {
        ++summary.left_float;
      } else {
        ++(planned.origin == Origin::kPropagated ? summary.propagated : summary.derived);
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

void QuantizeWithImportedParamsPass::ReportEmptyImport(const Model& model, const Plan& plan,
                                                       Diagnostics& diagnostics) {
  summary_ = Summarise(model, plan);
  if (mode_.report) ReportUnchanged(model, plan);
  if (mode_.warn_of_runtimes) WarnOfRuntimes(Target::kAny, model, diagnostics);
}

void QuantizeWithImportedParamsPass::Explain(const Model& model, const Plan& plan,
                                             Diagnostics& diagnostics) const {
  NoteIslands(model, plan, diagnostics);
  if (!mode_.model_params && !options_.hybrid && !options_.weight_only) {
    WarnOfWeightsWithoutData(model, plan, diagnostics);
  }
  NoteAdaptations(model, plan, diagnostics);
  if (options_.require_all) RequireAll(model, plan, diagnostics);
}

bool QuantizeWithImportedParamsPass::CarryOut(Plan& plan, Model& model, Diagnostics& diagnostics) {
  QuantizeReporter reporter;
  if (mode_.report) reporter.Plan(model, plan);
  const std::vector<std::vector<NodeId>> origins =
      MakeBoundaries(options_, plan, model, diagnostics);
  if (diagnostics.has_errors()) return false;
  if (mode_.report) reporter.Carried(model, origins);
  GoneTensors gone(model, plan, !mode_.model_params);
  RemoveUnusedTensors(plan, model);
  const std::vector<RemovedClamp> removed_clamps = RemoveNoopClamps(model);
  gone.Add(removed_clamps);
  gone.Tell(model.path, diagnostics);
  std::vector<std::string> copied_outputs;
  if (options_.target == Target::kOnert) copied_outputs = CopyOutputsForOnert(model, diagnostics);
  if (options_.target != Target::kAny) TakeTargetFileForms(options_.target, model, diagnostics);
  if (mode_.report) {
    reporter.Finish(model, removed_clamps, gone, copied_outputs);
    report_ = reporter.Take();
  }
  return true;
}

absl::StatusOr<bool> QuantizeWithImportedParamsPass::Run(Model& model, Diagnostics& diagnostics) {
  summary_ = {};
  if (options_.target != Target::kAny) MendFaults(model, diagnostics);
  Plan plan(model, options_.target);
  PlanKeptNodes(kept_, plan);
  PlanDropped(dropped_, plan);
  const PlanContext context = {model, params_, options_, mode_, plan, diagnostics};
  if (!RunSteps(BindSteps(), context)) return diagnostics.ToStatus();
  if (params_.entries.empty() && !options_.require_all && options_.target == Target::kAny) {
    PlanIoForms(context);
    if (diagnostics.has_errors()) return diagnostics.ToStatus();
    ReportEmptyImport(model, plan, diagnostics);
    return false;
  }
  std::optional<Verification> verification;
  if (!mode_.model_params) {
    verification.emplace(model, KernelChecks{.bias_scales = !options_.keep_bias});
    verification->WarnOfFaults(model, diagnostics);
  }
  const UsedParts used(model);
  if (!RunSteps(DecideSteps(), context)) return diagnostics.ToStatus();
  Explain(model, plan, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  summary_ = Summarise(model, plan);
  const IoCheck io_check(model, plan);
  if (!CarryOut(plan, model, diagnostics)) return diagnostics.ToStatus();
  used.RemoveWhatFellOutOfUse(model);
  if (options_.target != Target::kAny || mode_.warn_of_runtimes) {
    WarnOfRuntimes(options_.target, model, diagnostics);
  }
  absl::Status status;
  if (verification.has_value()) status = verification->Check(model, "the quantized model");
  if (status.ok()) status = io_check.Check(model);
  if (!status.ok()) return status;
  return true;
}

}  // namespace q_implant
