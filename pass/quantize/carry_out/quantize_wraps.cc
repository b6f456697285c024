// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/carry_out/quantize_wraps.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "ir/value_text.h"
#include "pass/graph/display_names.h"

namespace q_implant {

bool MayWrap(const RealRange& values, const QuantParams& form) {
  const double most = std::ldexp(1.0, 30);
  for (float scale : form.scale) {
    if (!(values.magnitude() < most * double{scale})) return true;
  }
  return false;
}

bool CanCutOff(Target target, const Tensor& tensor) {
  constexpr size_t kMostDimensions = 4;  // of onert's Minimum and Maximum
  if (target == Target::kAny) return false;
  return target != Target::kOnert || tensor.shape.size() <= kMostDimensions;
}

Diagnostic WrapWarning(const Model& model, size_t graph_index, TensorId id, const QuantParams& form,
                       const RealRange& values, Target target) {
  const bool has_target = target != Target::kAny;
  const std::string most =
      std::isinf(values.magnitude())
          ? "infinite"
          : absl::StrCat("as large as ", NumberText(static_cast<float>(values.magnitude())));
  return {.severity = Severity::kWarning,
          .file = model.path,
          .tensor = DisplayName(model, graph_index, id),
          .problem = absl::StrCat(
              "the float32 values that become this tensor may be ", most,
              ", more than 2^30 steps of its scale ", NumberText(form.scale.front()),
              "; the QUANTIZE of ", has_target ? TargetName(target) : "LiteRT and onert",
              " turns values beyond 2^31 steps into the wrong end of the range"),
          .advice = has_target ? "give the tensor the range that its values have"
                               : "give the tensor the range that its values have, or name the "
                                 "runtime (--target), so that the values are cut off before"};
}

}  // namespace q_implant
