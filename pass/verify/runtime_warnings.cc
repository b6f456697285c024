// SPDX-License-Identifier: Apache-2.0
#include "pass/verify/runtime_warnings.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "ir/operators/node_verdict.h"
#include "ir/operators/operator_table.h"
#include "ir/quant_params.h"
#include "ir/value_text.h"
#include "pass/graph/display_names.h"
#include "pass/graph/resource_variables.h"
#include "pass/verify/overwritten_outputs.h"

namespace q_implant {
namespace {

void WarnOfNode(const Model& model, size_t graph, const Node& node, std::string problem,
                std::string advice, Diagnostics& diagnostics) {
  diagnostics.Add({.severity = Severity::kWarning,
                   .file = model.path,
                   .tensor = OutputName(model, graph, node),
                   .problem = std::move(problem),
                   .advice = std::move(advice)});
}

// Those that CopyOutputsForOnert() has nothing for.
void WarnOfOverwrittenOutputs(const Model& model, Diagnostics& diagnostics) {
  for (TensorId id : OverwrittenOutputs(model)) {
    diagnostics.Add({.severity = Severity::kWarning,
                     .file = model.path,
                     .tensor = DisplayName(model, 0, id),
                     .problem = "onert may overwrite this graph output, for nodes inside read it",
                     .advice = "let a node of its own make it, which no other node reads, and "
                               "compare it with another runtime"});
  }
}

// Remarks on nodes of operators that nobody measured in the types they have: one for all nodes of
// an operator.
class UnmeasuredTeller {
 public:
  explicit UnmeasuredTeller(Target target) : target_(target) {}

  void Add(const Model& model, size_t graph, const Node& node, absl::string_view why) {
    auto [told, is_new] = told_.try_emplace(absl::StrCat(OpName(node), " ", why));
    if (is_new) {
      order_.push_back(told->first);
      told->second.name = OutputName(model, graph, node);
    }
    ++told->second.count;
  }

  void Tell(const Model& model, Diagnostics& diagnostics) const {
    for (const std::string& what : order_) {
      const Told& told = told_.at(what);
      diagnostics.Add(
          {.severity = Severity::kRemark,
           .file = model.path,
           .tensor = told.name,
           .problem = absl::StrCat(
               "q-implant has not measured ", what, " on ",
               target_ == Target::kAny ? "any runtime" : TargetName(target_),
               told.count == 1 ? "" : absl::StrCat(" (and ", told.count - 1, " more of them)"),
               "; it is written as it came"),
           .advice = "compare what the runtime computes with the float32 model"});
    }
  }

 private:
  struct Told {
    std::string name;  // the output of the first node
    size_t count = 0;
  };
  Target target_;
  absl::flat_hash_map<std::string, Told> told_;  // by what is told
  std::vector<std::string> order_;
};

// Of what runtimes misread, and of what none of them runs.
void WarnOfAnyRuntime(const Model& model, size_t graph, const Node& node,
                      UnmeasuredTeller& unmeasured, Diagnostics& diagnostics) {
  bool all_refuse = true;
  std::string why;
  for (Target runtime : kTargets) {
    const NodeVerdict verdict = JudgeNode(model.graphs[graph], node, runtime);
    all_refuse = all_refuse && verdict.verdict == Verdict::kRefused && !verdict.beyond_limits;
    why = verdict.why;
    if (verdict.verdict == Verdict::kUnmeasured) {
      unmeasured.Add(model, graph, node, why);  // what is measured is measured on all of them
      return;
    }
    if (verdict.verdict != Verdict::kWrong && !verdict.beyond_limits) continue;
    WarnOfNode(model, graph, node,
               absl::StrCat(TargetName(runtime), " ", VerdictText(verdict), " ", OpName(node), " ",
                            verdict.why),
               !verdict.advice.empty()
                   ? verdict.advice
                   : absl::StrCat("--target ", TargetOption(runtime),
                                  " adapts the model to it; where it is for another runtime, name "
                                  "that one"),
               diagnostics);
  }
  if (all_refuse) {
    WarnOfNode(model, graph, node, absl::StrCat("no known runtime runs ", OpName(node), " ", why),
               "--target adapts the model to one", diagnostics);
  }
}

// Runtimes keep the bytes of a resource variable: who reads it must mean what its writers meant.
void WarnOfMisreadVariables(const Model& model, Diagnostics& diagnostics) {
  for (const ResourceVariable& variable : FindResourceVariables(model)) {
    if (!variable.is_known) continue;
    const auto params_of = [&](const VariableAccess& access) {
      return ParamsOf(model.graphs[access.graph].tensor(access.value));
    };
    const VariableAccess& first = variable.accesses.front();
    const auto other = std::find_if(variable.accesses.begin(), variable.accesses.end(),
                                    [&](const VariableAccess& access) {
                                      return !SameParams(params_of(access), params_of(first));
                                    });
    if (other == variable.accesses.end()) continue;
    const auto text = [&](const VariableAccess& access) {
      const ParamsPtr params = params_of(access);
      return absl::StrCat("'", DisplayName(model, access.graph, access.value), "' is ",
                          params == nullptr ? "without parameters" : DescribeParams(*params));
    };
    diagnostics.Add({.severity = Severity::kWarning,
                     .file = model.path,
                     .tensor = DisplayName(model, other->graph, other->value),
                     .problem = absl::StrCat("LiteRT takes the bytes of variable '", variable.name,
                                             "' for other numbers than were written"),
                     .expected = "the same parameters where it is read and written",
                     .found = absl::StrCat(text(first), ", ", text(*other)),
                     .advice = "quantize all of them alike"});
  }
}

}  // namespace

void WarnOfRuntimes(Target target, const Model& model, Diagnostics& diagnostics) {
  if (target == Target::kOnert) WarnOfOverwrittenOutputs(model, diagnostics);
  if (target != Target::kOnert) WarnOfMisreadVariables(model, diagnostics);
  UnmeasuredTeller unmeasured(target);
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    for (const Node& node : model.graphs[g].nodes) {
      if (target == Target::kAny) {
        WarnOfAnyRuntime(model, g, node, unmeasured, diagnostics);
        continue;
      }
      const NodeVerdict verdict = JudgeNode(model.graphs[g], node, target);
      if (verdict.verdict == Verdict::kRight) continue;
      if (verdict.verdict == Verdict::kUnmeasured) {
        unmeasured.Add(model, g, node, verdict.why);
        continue;
      }
      WarnOfNode(model, g, node,
                 absl::StrCat(TargetName(target), " ", VerdictText(verdict), " ", OpName(node), " ",
                              verdict.why),
                 verdict.advice.empty() ? "q-implant has no replacement for it" : verdict.advice,
                 diagnostics);
    }
  }
  unmeasured.Tell(model, diagnostics);
}

}  // namespace q_implant
