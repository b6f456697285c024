// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_REMOVE_TENSORS_H_
#define Q_IMPLANT_PASS_GRAPH_REMOVE_TENSORS_H_

#include "absl/types/span.h"
#include "ir/model.h"

namespace q_implant {

// Takes tensors out of a graph. Nothing may use them any more; those behind them move up, and every
// reference to a tensor of the graph follows (nodes, inputs and outputs, signatures, the tables of
// blockwise quantization).
void RemoveTensors(absl::Span<const TensorId> tensors, size_t graph_index, Model& model);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_REMOVE_TENSORS_H_
