// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_GRAPH_IO_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_GRAPH_IO_H_

#include <vector>

#include "absl/status/status.h"
#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"
#include "pass/quantize/plan/plan_context.h"

namespace q_implant {

// docs/rules.md#graph-inputs-and-outputs. Which forms callers see of graph inputs and outputs.
// Those of a graph that others call are float32, or of composites what they are inside; those of
// any other that hold float32 values are what QuantizeOptions asks for.

// Fills IoPlan::types. Errors where the asked types are not as many as there are inputs or
// outputs, or not those of what is not float32. The called graphs must be known.
void AskForIoTypes(const Model& model, const QuantizeOptions& options, Plan& plan,
                   Diagnostics& diagnostics);

// Fills IoPlan::forms, when the parameters of inputs and outputs are final. Errors where an
// integer type was asked for and there are no parameters, or no way to convert.
void PlanIoForms(const PlanContext& context);

// docs/rules.md#verify. Whether graph inputs and outputs came out as planned.
class IoCheck {
 public:
  // Looks at the graphs before the plan is carried out.
  IoCheck(const Model& before, const Plan& plan);

  // Internal where an input or output has another form.
  absl::Status Check(const Model& after) const;

 private:
  struct Expected {
    size_t graph;
    bool output;
    size_t position;  // in Graph::inputs or Graph::outputs
    ParamsPtr form;   // null: float32
  };
  std::vector<Expected> expected_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_GRAPH_IO_H_
