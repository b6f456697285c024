// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_FUZZ_CHANGE_MODEL_H_
#define Q_IMPLANT_FUZZ_CHANGE_MODEL_H_

#include <random>

#include "ir/circle_generated.h"

namespace q_implant {

// One change to a model, of those that damaged writers and strange converters make: an operand,
// type, shape, name, operator, quantization, constant, option or the order of nodes.
void ChangeModel(circle::ModelT& model, std::minstd_rand& random);

}  // namespace q_implant

#endif  // Q_IMPLANT_FUZZ_CHANGE_MODEL_H_
