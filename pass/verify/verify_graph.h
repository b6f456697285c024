// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_VERIFY_VERIFY_GRAPH_H_
#define Q_IMPLANT_PASS_VERIFY_VERIFY_GRAPH_H_

#include <string>
#include <vector>

#include "ir/model.h"

namespace q_implant {

// docs/rules.md#verify. An independent check, which shares no code with the rules: every reference
// exists, nodes stand in order, each tensor is made once, constants have the size of their shape
// and type, quantization is complete (as many zero points as scales, as many scales as channels, in
// range), and the types at each operator fit together. Returns what is wrong, one sentence each;
// nothing for a sound model.
std::vector<std::string> VerifyModel(const Model& model);

// Whether data of a node, which computes or moves values, is of types that no kernel takes
// together.
bool MixesTypes(const Graph& graph, const Node& node);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_VERIFY_VERIFY_GRAPH_H_
