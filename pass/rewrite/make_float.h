// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_REWRITE_MAKE_FLOAT_H_
#define Q_IMPLANT_PASS_REWRITE_MAKE_FLOAT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "ir/diagnostics.h"
#include "ir/model.h"
#include "ir/operators/target.h"
#include "ir/params.h"
#include "ir/quant_params.h"
#include "pass/graph/kept_nodes.h"

namespace q_implant {

// Makes a quantized model float32, so that QuantizeWithImportedParamsPass can quantize it anew by
// the rules of a target, and returns an entry for each tensor that was quantized: by position, with
// the integers of constants. With those entries, RunMode::model_params and Target::kAny the
// pass gives the same tensors and nodes again, in so far as some runtime computes them.
//
// Nothing is guessed from names, as ExtractParams has to. Quantize and Dequantize stay where they
// are, "idle" between float32 tensors: each side has an entry of its own or none, and gets its form
// back when the plan is carried out. So what was float32 stays so, and what was requantized is.
// Constants that only a Dequantize or a float32 kernel of the target ("hybrid") reads stay as they
// are, without an entry.
//
// Activations that the target can't convert to and from float32 become float32 without an entry,
// with a warning, and the conversions beside them go; `dropped` has what they were. With
// Target::kAny there are none.
//
// Operators of which nobody here knows what they compute from integers (custom ones, say), and
// those that write a quantized variable, are kept: their constants, variables and intermediates
// stay, and their activations become float32 like others, but the node takes and gives the forms it
// had.
//
// InvalidArgument, with diagnostics, where float32 numbers would not do: sparse, blockwise or
// custom quantization, biases computed at run time. The model must then not be used further.
struct FloatModel {
  Params params;
  std::vector<std::vector<KeptNode>> kept;      // by graph
  std::vector<std::vector<ParamsPtr>> dropped;  // by graph and tensor
};
absl::StatusOr<FloatModel> MakeFloat(Target target, Model& model, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_REWRITE_MAKE_FLOAT_H_
