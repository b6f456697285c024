// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_QUANTIZATION_DETAILS_H_
#define Q_IMPLANT_IR_QUANTIZATION_DETAILS_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "ir/circle_generated.h"

namespace q_implant {

// The members of the union QuantizationDetails, the one place where circle and TFLite number
// something differently:
//
//              circle  TFLite
//   Custom          1       1
//   MX              2
//   Blockwise       3       2
//   MultiAxis               3
//
// A Model has circle's numbers, whatever its identifier. Each function gives nothing where the
// other side has no such member; an empty union is 0 for both.
std::optional<circle::QuantizationDetails> DetailsFromFile(uint8_t number,
                                                           absl::string_view identifier);
std::optional<uint8_t> DetailsInFile(circle::QuantizationDetails details,
                                     absl::string_view identifier);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_QUANTIZATION_DETAILS_H_
