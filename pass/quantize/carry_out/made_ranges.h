// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_MADE_RANGES_H_
#define Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_MADE_RANGES_H_

#include <vector>

#include "ir/model.h"
#include "pass/numbers/real_range.h"
#include "pass/quantize/carry_out/needed_forms.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// The magnitude of float32 values that nothing is known of: graph inputs without parameters, and
// what operators without a rule here make. Activations of networks stay below it.
constexpr double kUsualMagnitude = 2048;

// For each tensor the range of the float32 values that its producer writes, before a Quantize
// behind it: interval arithmetic over stretches of float32 nodes, from the parameters of the
// tensors that go into a stretch and the values of its constants. Ranges are wide enough, not
// tight: what a node reads twice counts as two.
//
// Only of tensors that a float32 node writes for a Quantize, and of what lies before them; any
// other tensor has the usual range. `demands` are those of the plan.
std::vector<RealRange> FindMadeRanges(const Model& model, const Graph& graph, const GraphPlan& plan,
                                      const std::vector<NeededForms>& demands);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_MADE_RANGES_H_
