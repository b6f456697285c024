// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_FUZZ_CHANGE_MODEL_H_
#define Q_IMPLANT_FUZZ_CHANGE_MODEL_H_

#include <cstdint>
#include <random>
#include <vector>

#include "absl/types/span.h"

namespace q_implant {

// The model in the file, whose tables are sound, with one to three changes of those that damaged
// writers and strange converters make: an operand, type, shape, name, operator, quantization,
// constant, option, a node more or less, or their order.
std::vector<uint8_t> ChangedModel(absl::Span<const uint8_t> file, std::minstd_rand& random);

}  // namespace q_implant

#endif  // Q_IMPLANT_FUZZ_CHANGE_MODEL_H_
