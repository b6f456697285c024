// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize_with_imported_params_pass.h"

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
#include "pass/integer_nodes.h"
#include "pass/noop_clamps.h"
#include "pass/propagate.h"
#include "pass/verify.h"

namespace q_implant {
namespace {

void MarkCalledGraphs(const Model& model, Plan& plan) {
  const std::vector<bool> called = FindCalledGraphs(model);
  for (size_t g = 0; g < called.size(); ++g) plan.graphs[g].called = called[g];
}

QuantizeSummary Summarise(const Model& model, const Plan& plan) {
  QuantizeSummary summary;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    const std::vector<TensorDemands> demands = FindDemands(model, graph, plan.graphs[g]);
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

// Why operators beside quantized tensors stay float32: for those who ask.
void NoteIslands(const Model& model, const Plan& plan, Diagnostics& diagnostics) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const std::vector<Node>& nodes = model.graphs[g].nodes;
    for (size_t n = 0; n < nodes.size(); ++n) {
      const std::string& reason = plan.graphs[g].nodes[n].reason;
      if (reason.empty()) continue;
      diagnostics.Add(
          {.severity = Severity::kNote,
           .file = model.path,
           .tensor = nodes[n].outputs.empty() ? "" : DisplayName(model, g, nodes[n].outputs[0]),
           .problem = absl::StrCat(circle::EnumNameBuiltinOperator(nodes[n].op()),
                                   " stays float32: ", reason)});
    }
  }
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
  Bind(model, params_, plan, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  summary_ = {};
  if (params_.entries.empty()) {
    summary_ = Summarise(model, plan);
    return false;
  }
  MarkCalledGraphs(model, plan);
  Propagate(model, plan);
  SelectIntegerNodes(model, plan);
  Equalise(model, plan);
  Derive(model, options_, plan, diagnostics);
  NoteIslands(model, plan, diagnostics);
  summary_ = Summarise(model, plan);
  MakeBoundaries(options_, plan, model, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  RemoveNoopClamps(model);
  if (absl::Status status = CheckResult(model); !status.ok()) return status;
  return true;
}

}  // namespace q_implant
