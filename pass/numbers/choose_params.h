// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_NUMBERS_CHOOSE_PARAMS_H_
#define Q_IMPLANT_PASS_NUMBERS_CHOOSE_PARAMS_H_

#include "ir/circle_generated.h"
#include "ir/quant_params.h"

namespace q_implant {

// Per-tensor parameters for values between `least` and `greatest`, widened to hold 0 exactly.
// Symmetric with zero point 0 for int16, whose kernels know no other; asymmetric over the whole
// range of any other type.
ParamsPtr ChooseParams(circle::TensorType dtype, double least, double greatest);

// The same values in another type: exact between uint8 and int8 (the zero point moves by 128), else
// parameters chosen for the range that `params` covers. Per-tensor parameters only.
ParamsPtr ParamsInType(const ParamsPtr& params, circle::TensorType dtype);

// The parameters kernels assume of a bias of this type (BiasType): scale = float32(data scale *
// weights scale) for each channel, zero point 0. `axis` is the bias's channel axis.
ParamsPtr BiasParams(const QuantParams& data, const QuantParams& weights, circle::TensorType type,
                     int32_t axis);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_NUMBERS_CHOOSE_PARAMS_H_
