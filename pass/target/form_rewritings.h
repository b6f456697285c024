// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_TARGET_FORM_REWRITINGS_H_
#define Q_IMPLANT_PASS_TARGET_FORM_REWRITINGS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "ir/node.h"
#include "pass/target/form_writer.h"

namespace q_implant {

// When a rewriting is tried.
enum class RewriteWhen : uint8_t {
  kOdd,      // the target does not compute this form of the node, or no form of it in float32
  kInteger,  // or has no integer kernel for it, of a model that has parameters
  kPrecise   // its float32 kernel is too coarse for the parameters around the node, and no else
};

// Writes the nodes that stand for one node, of other operators or in another form, and compute the
// same: exactly where they only move values. To be added in a row of the files below.
struct FormRewriting {
  circle::BuiltinOperator op;
  RewriteWhen when;
  bool open;  // also where sizes are left open
  // False where it has nothing to put in the node's place: what it began is dropped.
  bool (*write)(const Node& node, FormWriter& writer);
};

absl::Span<const FormRewriting> OptionForms();     // option_forms.cc: inputs and options
absl::Span<const FormRewriting> ReductionForms();  // reduction_forms.cc
absl::Span<const FormRewriting> CollapsedForms();  // collapsed_forms.cc: fewer dimensions
absl::Span<const FormRewriting> LayerForms();      // layer_forms.cc: operators with weights
absl::Span<const FormRewriting> MoverForms();  // mover_forms.cc: by Slice, Concatenation, Gather
absl::Span<const FormRewriting> FloatForms();  // arithmetic_forms.cc: in float32 only

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_TARGET_FORM_REWRITINGS_H_
