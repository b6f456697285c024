// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_REWRITE_FLOAT_FORMS_H_
#define Q_IMPLANT_PASS_REWRITE_FLOAT_FORMS_H_

#include <cstddef>
#include <vector>

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "ir/operators/target.h"
#include "ir/quant_params.h"
#include "pass/graph/kept_nodes.h"

namespace q_implant {

// What MakeFloat does to a graph of a quantized model.
struct FloatForms {
  std::vector<ParamsPtr> tensors;  // by tensor: its parameters, null where it stays as it is
  std::vector<KeptNode> kept;
};

// Where float32 numbers would not do, an error says why.
FloatForms FindFloatForms(Target target, const Model& model, size_t graph_index,
                          Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_REWRITE_FLOAT_FORMS_H_
