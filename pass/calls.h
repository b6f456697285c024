// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_CALLS_H_
#define Q_IMPLANT_PASS_CALLS_H_

#include <cstdint>
#include <vector>

#include "ir/model.h"

namespace q_implant {

// The graphs that a node runs (While, If, CallOnce, composites, Call), as positions in
// Model::graphs.
std::vector<int32_t> CalledGraphs(const Node& node);

// For each graph: whether some node runs it.
std::vector<bool> FindCalledGraphs(const Model& model);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_CALLS_H_
