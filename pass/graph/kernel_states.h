// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_KERNEL_STATES_H_
#define Q_IMPLANT_PASS_GRAPH_KERNEL_STATES_H_

#include "ir/graph.h"
#include "ir/operators/stateful_forms.h"
#include "pass/graph/def_use.h"

namespace q_implant {

// True for the operands that a stateful kernel writes in place.
bool IsState(Operand operand);

// True for a variable of which an entry may say the parameters: the state of one node that has int8
// kernels. Sets `operand`, by which ir/operators/stateful_forms.h tells what it may be.
bool IsStateOfKernel(const Graph& graph, const DefUse& def_use, TensorId id, Operand& operand);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_KERNEL_STATES_H_
