// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_QUANTIZE_WRAPS_H_
#define Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_QUANTIZE_WRAPS_H_

#include <cstddef>

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "ir/operators/target.h"
#include "ir/quant_params.h"
#include "pass/numbers/real_range.h"

// Quantize of float32 values converts value / scale to an int32 before it cuts off at the range of
// the integers. A value of 2^31 steps or more comes out at the wrong end: on LiteRT, but for
// XNNPACK's kernels of 8 bits, and on onert, where it is greater than 0.

namespace q_implant {

// Whether a Quantize of such values to this form may wrap; with some room, for float32 rounds.
bool MayWrap(const RealRange& values, const QuantParams& form);

// Whether a Minimum and a Maximum can cut off this float32 tensor on the target. Without a target
// nothing is added to a model.
bool CanCutOff(Target target, const Tensor& tensor);

// Where they cannot: names the tensor that the Quantize makes.
Diagnostic WrapWarning(const Model& model, size_t graph_index, TensorId id, const QuantParams& form,
                       const RealRange& values, Target target);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_QUANTIZE_WRAPS_H_
