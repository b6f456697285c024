// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_NOOP_CLAMPS_H_
#define Q_IMPLANT_PASS_NOOP_CLAMPS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "ir/diagnostics.h"
#include "ir/model.h"

namespace q_implant {

struct RemovedClamp {
  size_t graph;
  std::string output;  // the name its output had
};

// Removes clamps on integers that cut nothing off: both sides have the same parameters, and the
// bounds cover all that the type can hold (Relu where the zero point is the least integer). The
// tensor that stays is the clamp's output, which is the one that external tools annotate; its input
// where the output can't replace it. A note names the tensor that went.
std::vector<RemovedClamp> RemoveNoopClamps(Model& model, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_NOOP_CLAMPS_H_
