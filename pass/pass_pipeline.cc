// SPDX-License-Identifier: Apache-2.0
#include "pass/pass_pipeline.h"

#include "absl/strings/str_cat.h"

namespace q_implant {

absl::StatusOr<bool> PassPipeline::Run(Model& model, Diagnostics& diagnostics) {
  bool changed = false;
  for (const auto& pass : passes_) {
    if (before_each_) before_each_(*pass, model);
    absl::StatusOr<bool> result = pass->Run(model, diagnostics);
    if (!result.ok()) {
      return absl::Status(result.status().code(),
                          absl::StrCat(pass->name(), ": ", result.status().message()));
    }
    changed = changed || *result;
    if (after_each_) after_each_(*pass, model);
  }
  return changed;
}

}  // namespace q_implant
