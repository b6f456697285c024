// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_VERIFY_OVERWRITTEN_OUTPUTS_H_
#define Q_IMPLANT_PASS_VERIFY_OVERWRITTEN_OUTPUTS_H_

#include <vector>

#include "ir/model.h"

namespace q_implant {

// onert 0.1.0 gives the memory of what a node makes to others once the last node inside has read
// it, also where it is an output of the first graph: of 410 such outputs of random graphs 281 were
// wrong, in float32 too, and none of those that no node reads, nor of the graphs of If and While.

// The outputs of the first graph that this happens to, each once.
std::vector<TensorId> OverwrittenOutputs(const Model& model);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_VERIFY_OVERWRITTEN_OUTPUTS_H_
