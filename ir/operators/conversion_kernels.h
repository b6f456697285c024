// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_CONVERSION_KERNELS_H_
#define Q_IMPLANT_IR_OPERATORS_CONVERSION_KERNELS_H_

#include <vector>

#include "absl/types/span.h"
#include "ir/circle_generated.h"
#include "ir/operators/target.h"
#include "ir/operators/verdict.h"
#include "ir/quant_params.h"

namespace q_implant {

// What the runtimes do with a Quantize (from float32, or from integers to others: "requantize") or
// a Dequantize (to float32), by the types of its sides. What no row names is refused by both.
// Measured: testdata/operator_claims/claims.json.
struct ConversionKernel {
  circle::TensorType from;
  circle::TensorType to;
  Verdict litert = Verdict::kRefused;
  Verdict onert = Verdict::kRefused;

  // Of a Dequantize: with a scale per channel, which only constants have.
  Verdict litert_per_channel = Verdict::kRefused;
  Verdict onert_per_channel = Verdict::kRefused;
};

absl::Span<const ConversionKernel> AllConversionKernels();

// What a target does with a conversion between these forms (null: float32). Of kAny: right where
// some runtime is.
Verdict ConversionVerdict(const ParamsPtr& from, const ParamsPtr& to, Target target);

// The same by types alone, with one scale.
Verdict ConversionVerdict(circle::TensorType from, circle::TensorType to, Target target);

// The forms between two different ones that a conversion the target computes rightly has to pass
// through, in order: none where the direct one is right. For int16 to uint8 it is int8 (the same
// real numbers as the uint8 form); for onert, between equal types, float32; forms of scales in
// between where the scales are too far apart (scale_limits.h). Where no way is right
// there is none in between either, and `*right` is false.
std::vector<ParamsPtr> ConversionPath(const ParamsPtr& from, const ParamsPtr& to, Target target,
                                      bool* right = nullptr);

// True where the target gets values into this form and out of it again.
bool ConvertsBothWays(const ParamsPtr& form, Target target);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_CONVERSION_KERNELS_H_
