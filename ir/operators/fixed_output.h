// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_FIXED_OUTPUT_H_
#define Q_IMPLANT_IR_OPERATORS_FIXED_OUTPUT_H_

#include "ir/circle_generated.h"
#include "ir/operators/operator_table.h"
#include "ir/quant_params.h"

namespace q_implant {

// The only parameters that integer kernels of this kind put out in this type; null where they
// follow the tensor's.
ParamsPtr FixedOutputParams(FixedOutput kind, circle::TensorType dtype);

// True where kernels of this kind put out these parameters: the fixed ones, or others in use that
// are less than a step away over the whole range and that kernels were measured to take.
bool IsFixedOutput(FixedOutput kind, const QuantParams& made);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_FIXED_OUTPUT_H_
