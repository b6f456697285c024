// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_NUMBERS_PARAM_ENTRY_H_
#define Q_IMPLANT_PASS_NUMBERS_PARAM_ENTRY_H_

#include <cstdint>

#include "absl/types/span.h"
#include "ir/bytes.h"
#include "ir/params.h"
#include "ir/quant_params.h"

namespace q_implant {

// What an entry says of a tensor with these parameters and, of a constant, these integers (null
// data: none), as a buffer holds them. Key and target are the caller's.
ParamEntry MakeEntry(const QuantParams& params, absl::Span<const int32_t> shape,
                     const Bytes& integers);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_NUMBERS_PARAM_ENTRY_H_
