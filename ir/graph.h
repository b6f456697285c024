// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_GRAPH_H_
#define Q_IMPLANT_IR_GRAPH_H_

#include <cstdint>
#include <vector>

#include "ir/node.h"
#include "ir/stored.h"
#include "ir/tensor.h"

namespace q_implant {

// A function of the model (table SubGraph). Nodes stand in execution order: each after those that
// make its inputs.
struct Graph {
  StoredString name;
  StoredVector<Tensor> tensors;
  StoredVector<Node> nodes;
  StoredVector<TensorId> inputs;
  StoredVector<TensorId> outputs;
  int8_t data_format = 0;  // deprecated, no reader uses it: in files of circle before revision 0.7
  int32_t debug_metadata_index = -1;

  const Tensor& tensor(TensorId id) const { return tensors[static_cast<size_t>(id)]; }
  Tensor& tensor(TensorId id) { return tensors[static_cast<size_t>(id)]; }

  TensorId AddTensor(Tensor tensor) {
    tensors.push_back(std::move(tensor));
    return static_cast<TensorId>(tensors.size() - 1);
  }
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_GRAPH_H_
