// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_NUMBERS_VALUES_PARAMS_H_
#define Q_IMPLANT_PASS_NUMBERS_VALUES_PARAMS_H_

#include "ir/graph.h"
#include "ir/quant_params.h"
#include "pass/graph/conversion_node.h"
#include "pass/graph/def_use.h"

namespace q_implant {

// The parameters of the values that a tensor holds: its own, those of what a Dequantize makes it
// of, or those that a Quantize of it has. Null where none of them has any. `params_of` gives a
// tensor's own.
template <typename ParamsOfTensor>
ParamsPtr ParamsOfValues(const Graph& graph, const DefUse& def_use, TensorId id,
                         ParamsOfTensor params_of) {
  if (id == kNoTensor) return nullptr;
  if (ParamsPtr own = params_of(id)) return own;
  const auto node_at = [&](NodeId n) -> const Node& { return graph.nodes[static_cast<size_t>(n)]; };
  const NodeId producer = def_use.producer(id);
  if (producer != kNoNode && IsConversion(node_at(producer))) {
    if (ParamsPtr before = params_of(node_at(producer).inputs[0])) return before;
  }
  for (const Use& use : def_use.uses(id)) {
    if (!IsConversion(node_at(use.node))) continue;
    if (ParamsPtr behind = params_of(node_at(use.node).outputs[0])) return behind;
  }
  return nullptr;
}

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_NUMBERS_VALUES_PARAMS_H_
