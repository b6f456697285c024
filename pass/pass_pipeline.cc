// SPDX-License-Identifier: Apache-2.0
#include "pass/pass_pipeline.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "pass/verify/verify_change.h"

namespace q_implant {

void PassPipeline::Add(std::unique_ptr<Pass> pass, std::string label) {
  if (label.empty()) label = std::string(pass->name());
  steps_.push_back({std::move(pass), std::move(label)});
}

absl::StatusOr<bool> PassPipeline::RunOne(Pass& pass, Model& model,
                                          Diagnostics& diagnostics) const {
  std::optional<Verification> verification;
  if (verify_each_) verification.emplace(model, std::nullopt);
  const size_t errors = diagnostics.Count(Severity::kError);
  absl::StatusOr<bool> changed = pass.Run(model, diagnostics);
  if (changed.ok() && diagnostics.Count(Severity::kError) > errors) return diagnostics.ToStatus();
  if (!changed.ok() || !verify_each_) return changed;
  const std::vector<std::string> problems = verification->Problems(model);
  if (problems.empty()) return changed;
  return absl::InternalError(absl::StrCat("the pass left a model that is not sound:\n  ",
                                          absl::StrJoin(problems, "\n  ")));
}

absl::StatusOr<bool> PassPipeline::Run(Model& model, Diagnostics& diagnostics) {
  bool changed = false;
  for (const auto& [pass, label] : steps_) {
    if (before_each_) before_each_(*pass, model);
    absl::StatusOr<bool> result = RunOne(*pass, model, diagnostics);
    if (!result.ok()) {
      return absl::Status(result.status().code(),
                          absl::StrCat(label, ": ", result.status().message()));
    }
    changed = changed || *result;
    if (after_each_) after_each_(*pass, model, *result);
  }
  return changed;
}

}  // namespace q_implant
