// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_PLAN_PLANNED_CONSTANT_H_
#define Q_IMPLANT_PASS_QUANTIZE_PLAN_PLANNED_CONSTANT_H_

#include "absl/status/statusor.h"
#include "ir/bytes.h"
#include "ir/model.h"
#include "pass/numbers/constant_data.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// docs/rules.md#implant. The integers of a constant as `params` want them, as a buffer holds them:
// the imported value where the entry has one and the parameters are the entry's (or differ by no
// more than rounding), its meaning in other parameters where they are not, and the model's own
// float values, quantized, where there is no value. InvalidArgument for a NaN.
absl::StatusOr<QuantizedData> ImplantConstant(const Model& model, const Tensor& tensor,
                                              const TensorPlan& planned, const QuantParams& params,
                                              WeightsRange range);

// The float32 values that a constant stands for under the plan: what its integers mean where it has
// some, else the model's float32 or float16 data.
Bytes FloatData(const Model& model, const Tensor& tensor, const TensorPlan& planned);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_PLAN_PLANNED_CONSTANT_H_
