// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_TARGET_TARGET_NODE_FORMS_H_
#define Q_IMPLANT_PASS_TARGET_TARGET_NODE_FORMS_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// Part of --target. Nodes in a form that the target refuses or gets wrong
// (ir/operators/node_forms.h), and operators that it lacks, become other nodes that compute the
// same there; of a model with parameters also movers that it has no integers of. Tensors keep their
// names; those between have the parameters of the one they lead to or come from. A remark tells how
// many, notes which.
void WriteTargetForms(Model& model, Plan& plan, Diagnostics& diagnostics);

// The same of nodes whose float32 kernel is too coarse for what their sides are annotated with
// (ir/operators/float_precision.h). After parameters have gone as far as they go: tensors between
// have none.
void WritePreciseForms(Model& model, Plan& plan, Diagnostics& diagnostics);

// True where the target does not compute the node and WriteTargetForms() may know another form.
bool MayHaveTargetForm(const Model& model, const Graph& graph, const Node& node, Target target);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_TARGET_TARGET_NODE_FORMS_H_
