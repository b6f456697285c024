// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_EXTRACT_EXTRACT_PARAMS_H_
#define Q_IMPLANT_PASS_EXTRACT_EXTRACT_PARAMS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ir/bytes.h"
#include "ir/diagnostics.h"
#include "ir/model.h"
#include "ir/params.h"
#include "ir/quant_params.h"
#include "pass/quantize/plan/io_types.h"

namespace q_implant {

// What was taken out of a quantized model, and how to put it into the float32 model again.
struct ExtractedParams {
  Params params;  // an entry for each tensor that the float32 model has under that name

  // The options of QuantizeWithImportedParamsPass under which it gives this model again.
  IoTypes input_types = {};   // of graph inputs that have their parameters on a twin inside
  IoTypes output_types = {};  // likewise of outputs
  bool keep_bias = false;     // a bias has another scale than data x weights
  bool hybrid = false;        // integer weights beside float32 data
  bool weight_only = false;   // weights behind a Dequantize, beside data without parameters

  // Names and positions of entries that the float32 model may not have: what a clamp left that
  // went, what the converter named while it quantized, tensors without a name of their own.
  std::vector<std::string> unsure = {};
};

// The inverse of QuantizeWithImportedParamsPass: the quantization parameters of a circle or TFLite
// model, with the integers of its constants (views into the model, which must outlive them).
//
// - Of the forms that Quantize and Dequantize make of one tensor (tensor_forms.h) one has an entry:
//   that which has the float32 model's name.
// - Tensors that only a quantized model has give none: duplicated constants (`<name>_dup`,
//   `<name>_duplicated`), and biases of zeros that were added (`<output>_bias`). A constant whose
//   duplicates have other integers than its own would give has no value, a bias no entry: all were
//   made from the float32 data.
// - A bias that became float32 again has an entry that gives its numbers: with the scale that its
//   data and weights give where they are multiples of it, else with powers of two (exact_params.h).
// - float32 tensors beside movers get an entry that pins them where parameters would else spread to
//   them.
//
// InvalidArgument, with diagnostics, where a tensor has parameters that the format can't say:
// blockwise or custom quantization, sparse constants. What other tools computed in float32 between
// quantized tensors though kernels exist has no entry: the pass would make it integer. A name that
// repeats or is empty gives a key by position, which must be the float32 model's too.
absl::StatusOr<ExtractedParams> ExtractParams(const Model& model, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_EXTRACT_EXTRACT_PARAMS_H_
