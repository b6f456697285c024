// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_WEIGHTS_KERNELS_H_
#define Q_IMPLANT_IR_OPERATORS_WEIGHTS_KERNELS_H_

#include "absl/types/span.h"
#include "ir/circle_generated.h"
#include "ir/operators/target.h"
#include "ir/operators/verdict.h"
#include "ir/quant_params.h"

namespace q_implant {

// What runtimes compute rightly of an operator with weights, by the types of data and weights. What
// no row names is refused by both. Measured: testdata/operator_claims/claims.json.
struct WeightsKernel {
  circle::BuiltinOperator op;
  circle::TensorType data;
  circle::TensorType weights;
  Verdict litert_per_tensor = Verdict::kRefused;
  Verdict litert_per_channel = Verdict::kRefused;
  Verdict onert_per_tensor = Verdict::kRefused;
  Verdict onert_per_channel = Verdict::kRefused;
};

absl::Span<const WeightsKernel> AllWeightsKernels();

// What the known runtimes do with these weights.
struct WeightsSupport {
  Verdict litert = Verdict::kRefused;
  Verdict onert = Verdict::kRefused;

  // A recipe of other toolchains that no known runtime computes as it stands: uint8 data beside
  // int8 weights (PyTorch's X86Inductor), int16 beside int16 (ONE's own).
  bool recipe = false;

  // True where an integer operator for this target may have them.
  bool fits(Target target) const {
    if (target == Target::kLiteRt) return litert == Verdict::kRight;
    if (target == Target::kOnert) return onert == Verdict::kRight;
    return litert == Verdict::kRight || onert == Verdict::kRight || recipe;
  }
};
WeightsSupport WeightsSupportOf(circle::BuiltinOperator op, circle::TensorType data,
                                const QuantParams& weights);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_WEIGHTS_KERNELS_H_
