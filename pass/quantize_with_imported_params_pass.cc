// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize_with_imported_params_pass.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "pass/bind.h"
#include "pass/boundaries.h"
#include "pass/calls.h"
#include "pass/demands.h"
#include "pass/derive.h"
#include "pass/equalise.h"
#include "pass/fold_constant_movers.h"
#include "pass/integer_nodes.h"
#include "pass/noop_clamps.h"
#include "pass/propagate.h"
#include "pass/remove_tensors.h"
#include "pass/resemblance.h"
#include "pass/tell.h"
#include "pass/verify.h"

namespace q_implant {
namespace {

void MarkCalledGraphs(const Model& model, Plan& plan) {
  const std::vector<bool> called = FindCalledGraphs(model);
  for (size_t g = 0; g < called.size(); ++g) plan.graphs[g].called = called[g];
}

QuantizeSummary Summarise(const Model& model, const Plan& plan, bool float_outputs) {
  QuantizeSummary summary;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    const std::vector<TensorDemands> demands =
        FindDemands(model, graph, plan.graphs[g], float_outputs || plan.graphs[g].called);
    for (size_t t = 0; t < graph.tensors.size(); ++t) {
      const Origin origin = plan.graphs[g].tensors[t].origin;
      if (origin == Origin::kAnnotated) {
        ++summary.annotated;
      } else if (graph.tensors[t].type != circle::TensorType_FLOAT32) {
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
    std::vector<TensorId> unused;
    for (size_t t = 0; t < plan.graphs[g].tensors.size(); ++t) {
      if (plan.graphs[g].tensors[t].unused) unused.push_back(static_cast<TensorId>(t));
    }
    RemoveTensors(unused, g, model);
  }
}

// Faults that the model came with are its own; what is found afterwards is this program's.
bool WarnOfFaults(const Model& model, Diagnostics& diagnostics) {
  constexpr size_t kMost = 5;
  const std::vector<std::string> problems = VerifyModel(model);
  for (size_t i = 0; i < std::min(problems.size(), kMost); ++i) {
    diagnostics.Add({.severity = Severity::kWarning,
                     .file = model.path,
                     .problem = absl::StrCat("the model came with a fault: ", problems[i]),
                     .advice = "mend it first: what comes out will have it too"});
  }
  return !problems.empty();
}

// An error of this program, not of its input: the result is wrong and must not be written.
absl::Status CheckResult(const Model& model) {
  const std::vector<std::string> problems = VerifyModel(model);
  if (problems.empty()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(
      "the quantized model is not sound, please report this as a bug of q-implant:\n  ",
      absl::StrJoin(problems, "\n  ")));
}

}  // namespace

absl::StatusOr<bool> QuantizeWithImportedParamsPass::Run(Model& model, Diagnostics& diagnostics) {
  Plan plan(model);
  Bind(model, params_, options_, plan, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  summary_ = {};
  if (params_.entries.empty() && !options_.require_all) {
    summary_ = Summarise(model, plan, options_.float_outputs);
    return false;
  }
  if (options_.check_values != CheckValues::kOff) {
    CheckResemblance(
        model, plan,
        options_.check_values == CheckValues::kError ? Severity::kError : Severity::kWarning,
        params_.path, diagnostics);
    if (diagnostics.has_errors()) return diagnostics.ToStatus();
  }
  const bool came_with_faults = WarnOfFaults(model, diagnostics);
  MarkCalledGraphs(model, plan);
  FoldConstantMovers(model, plan);
  Propagate(model, plan);
  SelectIntegerNodes(model, options_, plan);
  Equalise(model, plan);
  Derive(model, options_, plan, diagnostics);
  TellOfIslands(model, plan, diagnostics);
  WarnOfRecipes(model, plan, diagnostics);
  if (options_.require_all) RequireAll(model, plan, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  summary_ = Summarise(model, plan, options_.float_outputs);
  QuantizeReporter reporter;
  if (options_.report) reporter.Plan(model, plan);
  MakeBoundaries(options_, plan, model, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  if (options_.report) reporter.Carried(model);
  RemoveUnusedTensors(plan, model);
  RemoveNoopClamps(model);
  if (options_.report) {
    reporter.Finish(model);
    report_ = reporter.Take();
  }
  if (came_with_faults) return true;
  if (absl::Status status = CheckResult(model); !status.ok()) return status;
  return true;
}

}  // namespace q_implant
