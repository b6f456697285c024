// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_FLOAT_PRECISION_H_
#define Q_IMPLANT_IR_OPERATORS_FLOAT_PRECISION_H_

#include "ir/node.h"
#include "ir/operators/target.h"
#include "ir/quant_params.h"

namespace q_implant {

// True where the target's float32 kernel of a node is off by more than a sixteenth of a step of
// what it makes: kernels whose error does not shrink with the values. Measured on both runtimes,
// from 1e-44 to 3e38: only onert's ELU is one, which takes 1 from exp(x).
//
// `input` and `output` are the parameters of the values that the node reads and makes; null where
// these have none. With none at all nothing is asked of the node.
bool LacksPrecision(const Node& node, const ParamsPtr& input, const ParamsPtr& output,
                    Target target);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_FLOAT_PRECISION_H_
