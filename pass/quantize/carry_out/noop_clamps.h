// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_NOOP_CLAMPS_H_
#define Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_NOOP_CLAMPS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "ir/model.h"

namespace q_implant {

struct RemovedClamp {
  size_t graph;
  std::string op;
  std::string output;  // the name its output had
  std::string goes;    // the name of the tensor that went, of its two
  std::string stays;   // and of the other, which may go with another clamp
};

// Removes clamps on integers that cut nothing off: both sides have the same parameters, and the
// bounds cover all that the type can hold (Relu where the zero point is the least integer). The
// tensor that stays is the clamp's output, which is the one that external tools annotate; its input
// where the output can't replace it.
std::vector<RemovedClamp> RemoveNoopClamps(Model& model);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_NOOP_CLAMPS_H_
