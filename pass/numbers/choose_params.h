// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_NUMBERS_CHOOSE_PARAMS_H_
#define Q_IMPLANT_PASS_NUMBERS_CHOOSE_PARAMS_H_

#include "ir/circle_generated.h"
#include "ir/operators/bias.h"
#include "ir/quant_params.h"

namespace q_implant {

// Per-tensor parameters for values between `least` and `greatest`, widened to hold 0 exactly.
// Symmetric with zero point 0 for int16, whose kernels know no other; asymmetric over the whole
// range of any other type.
ParamsPtr ChooseParams(circle::TensorType dtype, double least, double greatest);

// The same values in another type: exact between uint8 and int8 (the zero point moves by 128), else
// parameters chosen for the range that `params` covers. Per-tensor parameters only.
ParamsPtr ParamsInType(const ParamsPtr& params, circle::TensorType dtype);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_NUMBERS_CHOOSE_PARAMS_H_
