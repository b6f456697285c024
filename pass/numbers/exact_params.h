// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_NUMBERS_EXACT_PARAMS_H_
#define Q_IMPLANT_PASS_NUMBERS_EXACT_PARAMS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "ir/quant_params.h"

namespace q_implant {

// Parameters under which int32 holds these float32 numbers (their bytes) exactly: a power of two as
// scale, one for each number along axis 0 where one for all will not do. Null where a number is not
// finite or there is none.
ParamsPtr ExactParams(absl::Span<const uint8_t> floats);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_NUMBERS_EXACT_PARAMS_H_
