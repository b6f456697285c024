// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_DISPLAY_NAMES_H_
#define Q_IMPLANT_PASS_GRAPH_DISPLAY_NAMES_H_

#include <cstddef>
#include <string>

#include "ir/model.h"
#include "ir/op_name.h"  // IWYU pragma: export

// What messages call tensors and nodes.

namespace q_implant {

// A tensor's name; "#0/7" where it has none.
std::string DisplayName(const Model& model, size_t graph, TensorId id);

// The name of a node's first output, by which messages tell it; empty where it has none.
std::string OutputName(const Model& model, size_t graph, const Node& node);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_DISPLAY_NAMES_H_
