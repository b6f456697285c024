// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_FUSED_ACTIVATION_H_
#define Q_IMPLANT_IR_FUSED_ACTIVATION_H_

#include "ir/circle_generated.h"
#include "ir/model.h"
#include "ir/node.h"

namespace q_implant {

// The activation that a node's options apply to its output; NONE for operators whose options have
// no such field.
circle::ActivationFunctionType FusedActivation(const Node& node);

// The activation that does what a clamp does; NONE for any other operator.
circle::ActivationFunctionType ActivationOf(circle::BuiltinOperator clamp);

// Gives a node another fused activation: in a new options table, for nodes share tables. False
// where the operator's options have no such field, or none that integer kernels honour.
bool SetFusedActivation(circle::ActivationFunctionType activation, Model& model, Node& node);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_FUSED_ACTIVATION_H_
