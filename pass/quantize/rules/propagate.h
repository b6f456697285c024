// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_PROPAGATE_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_PROPAGATE_H_

#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// docs/rules.md#propagate. Gives float32 tensors without parameters those of their neighbours,
// through operators that only move or clamp values: forward from inputs to outputs, backward from
// outputs to an input that nobody reads otherwise. Graph inputs and outputs, constants, and pinned
// tensors get none; those of graphs that composites run get them from there. Linear in the size of
// the graph.
void Propagate(const Model& model, Plan& plan);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_PROPAGATE_H_
