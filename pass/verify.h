// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_VERIFY_H_
#define Q_IMPLANT_PASS_VERIFY_H_

#include <string>
#include <vector>

#include "ir/model.h"

namespace q_implant {

// Rule 11. Looks at a model with fresh eyes, sharing nothing with the rules: every reference
// exists, nodes stand in order, each tensor is made once, constants have the size of their shape
// and type, quantization is complete (as many zero points as scales, as many scales as channels, in
// range), and the types at each operator fit together. Returns what is wrong, one sentence each;
// nothing for a sound model.
std::vector<std::string> VerifyModel(const Model& model);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_VERIFY_H_
