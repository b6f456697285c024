// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_NEEDED_FORMS_H_
#define Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_NEEDED_FORMS_H_

#include <vector>

#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// Which forms of a tensor a complete plan asks for. A form is float32 (null) or integer with
// parameters.
struct NeededForms {
  ParamsPtr own;                 // the form the tensor itself takes
  std::vector<ParamsPtr> forms;  // those that nodes read, each once, in the order of the nodes
  bool is_weights = false;       // an integer node reads it as weights
  bool is_bias = false;          // every node that reads it reads it as a bias
  // True if float32 readers need a separate float32 copy of this constant: the target cannot
  // dequantize it, or it is a graph output of another type.
  bool float_copy = false;
};

// For each tensor of the graph.
std::vector<NeededForms> FindNeededForms(const Model& model, const Graph& graph,
                                         const GraphPlan& plan);

// True for a Quantize of a model that MakeFloat made float32: its input and output are float32 now
// and may both become quantized; the node is then a requantization.
bool IsIdleQuantize(const GraphPlan& plan, const Node& node);

// The form in which a node reads input `slot`.
ParamsPtr WantedForm(const GraphPlan& plan, const Node& node, const NodePlan& planned, size_t slot);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_NEEDED_FORMS_H_
