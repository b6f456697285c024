// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_UNUSED_TENSORS_H_
#define Q_IMPLANT_PASS_GRAPH_UNUSED_TENSORS_H_

#include <cstddef>
#include <vector>

#include "ir/model.h"

namespace q_implant {

// By position: true where something of the model names the tensor: a node, an input or output of
// the graph or of a signature, the blockwise quantization of a tensor that is used.
std::vector<bool> FindUsedTensors(const Model& model, size_t graph_index);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_UNUSED_TENSORS_H_
