// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_REWRITE_CONVERT_EIGHT_BIT_PASS_H_
#define Q_IMPLANT_PASS_REWRITE_CONVERT_EIGHT_BIT_PASS_H_

#include "ir/circle_generated.h"
#include "pass/pass.h"

namespace q_implant {

// Makes every quantized int8 tensor of a model uint8, or the other way round: activations, weights,
// the graphs' inputs and outputs. Integers and zero points move by 128 and scales stay, so every
// tensor holds the same real numbers as before, exactly. PyTorch writes int8, ONE's tools want
// uint8. Biases, weights beside int16 or float32 data, other types and 8-bit tensors
// without parameters stay as they are. InvalidArgument for a sparse constant.
//
// Kernels are another matter: weights with zero point 0 become weights with zero point 128, and the
// output of a Softmax keeps its scale (docs/targets.md).
class ConvertEightBitPass : public Pass {
 public:
  // `to` is uint8 or int8.
  explicit ConvertEightBitPass(circle::TensorType to) : to_(to) {}

  absl::string_view name() const override {
    return to_ == circle::TensorType_UINT8 ? "int8_to_uint8" : "uint8_to_int8";
  }
  absl::StatusOr<bool> Run(Model& model, Diagnostics& diagnostics) override;

 private:
  circle::TensorType to_;
};

// How many tensors of this type (uint8 or int8) the pass would change.
size_t CountConvertible(const Model& model, circle::TensorType from);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_REWRITE_CONVERT_EIGHT_BIT_PASS_H_
