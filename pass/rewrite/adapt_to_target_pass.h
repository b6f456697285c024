// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_REWRITE_ADAPT_TO_TARGET_PASS_H_
#define Q_IMPLANT_PASS_REWRITE_ADAPT_TO_TARGET_PASS_H_

#include "ir/operators/target.h"
#include "pass/pass.h"

namespace q_implant {

// Rewrites a quantized model so that a runtime computes it rightly: what --target of q-implant does
// while quantizing, for models that are quantized already. MakeFloat takes it apart, and
// QuantizeWithImportedParamsPass puts it together by the rules of the target (docs/targets.md),
// with the same integers for constants. A bias of another scale than kernels assume is rescaled.
//
// What other writers got wrong for certain is mended (mend_faults.h). A model in which every node
// is right for the target stays as it is otherwise, but for the form of its file
// (target_file_forms.h). Where the target has nothing right for a node, a warning says so.
// InvalidArgument for models that MakeFloat refuses.
class AdaptToTargetPass : public Pass {
 public:
  // `target` is a runtime.
  explicit AdaptToTargetPass(Target target) : target_(target) {}

  absl::string_view name() const override {
    return target_ == Target::kOnert ? "adapt_to_onert" : "adapt_to_litert";
  }
  absl::StatusOr<bool> Run(Model& model, Diagnostics& diagnostics) override;

 private:
  Target target_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_REWRITE_ADAPT_TO_TARGET_PASS_H_
