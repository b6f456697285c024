// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_TARGET_DENSE_AS_CONV_H_
#define Q_IMPLANT_PASS_TARGET_DENSE_AS_CONV_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// onert's FullyConnected reads the first of its weights' scales for all channels; its Conv2D is
// right with a scale per channel. For onert, an annotated FullyConnected with such weights becomes
// a Reshape of its data to [rows, 1, 1, depth], a 1 x 1 Conv2D with the same weights, bias and
// activation, and a Reshape to its output's shape: the same sums. Weights that others read too stay
// what they are, and the Conv2D reads a tensor of its own on the same buffer.
void MakeDenseConvolutions(Model& model, Plan& plan, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_TARGET_DENSE_AS_CONV_H_
