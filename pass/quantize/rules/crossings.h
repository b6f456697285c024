// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_CROSSINGS_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_CROSSINGS_H_

#include <cstddef>
#include <vector>

#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// docs/rules.md#calls. What crosses into graphs that nodes run, and out of them. It is float32,
// unless nothing but composites runs the graph: then its inputs and outputs have the form that they
// have inside, and each composite takes and gives that one. Where its own tensors have another, a
// conversion stands beside it.

// Fills GraphPlan::called and GraphPlan::composite.
void MarkCalledGraphs(const Model& model, Plan& plan);

// docs/rules.md#propagate. Gives parameters across crossings, where one side has none and nothing
// contradicts: inwards where all composites that run the graph agree (and something in it has
// parameters, else the graph is to be float32), outwards to what nothing but composites reads.
// Returns the graphs in which a tensor got some.
std::vector<size_t> PropagateAcrossCrossings(const Model& model, Plan& plan);

// Makes integer nodes of the composites across which integers go. When all parameters are final.
void PlanCrossings(const Model& model, Plan& plan);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_CROSSINGS_H_
