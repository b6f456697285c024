// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_WEIGHTS_KERNELS_H_
#define Q_IMPLANT_IR_WEIGHTS_KERNELS_H_

#include "absl/types/span.h"
#include "ir/circle_generated.h"
#include "ir/quant_params.h"

namespace q_implant {

// What runtimes compute rightly of an operator with weights, by the types of data and weights. What
// no row names is refused or wrong on both. Measured: testdata/operator_claims/claims.json.
struct WeightsKernel {
  circle::BuiltinOperator op;
  circle::TensorType data;
  circle::TensorType weights;
  bool litert_per_tensor = false;
  bool litert_per_channel = false;
  bool onert_per_tensor = false;
  bool onert_per_channel = false;
};

absl::Span<const WeightsKernel> AllWeightsKernels();

// Which known runtimes are right with these weights.
struct WeightsSupport {
  bool litert = false;
  bool onert = false;

  // A recipe of other toolchains that no known runtime computes as it stands: uint8 data beside
  // int8 weights (PyTorch's X86Inductor), int16 beside int16 (ONE's own).
  bool recipe = false;
};
WeightsSupport WeightsSupportOf(circle::BuiltinOperator op, circle::TensorType data,
                                const QuantParams& weights);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_WEIGHTS_KERNELS_H_
