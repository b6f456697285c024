// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_REWRITE_REMOVE_NEEDLESS_QUANTIZE_PASS_H_
#define Q_IMPLANT_PASS_REWRITE_REMOVE_NEEDLESS_QUANTIZE_PASS_H_

#include "pass/pass.h"

namespace q_implant {

// Takes out the Quantize and Dequantize nodes without which every tensor that stays holds the same
// numbers, to the last bit:
//
// - a Quantize between equal parameters;
// - a Quantize of what a Dequantize made of a tensor with the same parameters, up to 16 bits (a
//   float32 keeps such an integer times its scale exactly enough to round back to it);
// - a second Quantize or Dequantize that makes of a tensor what another one makes of it already;
// - one whose result nothing reads.
//
// A Dequantize behind a Quantize stays: the integers between round, which is what it is for.
// Where there are several outputs, one that nothing inside reads stays like that.
// Graph inputs, outputs and constants keep their names; a note tells what went.
class RemoveNeedlessQuantizePass : public Pass {
 public:
  absl::string_view name() const override { return "remove_needless_quantize"; }
  absl::StatusOr<bool> Run(Model& model, Diagnostics& diagnostics) override;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_REWRITE_REMOVE_NEEDLESS_QUANTIZE_PASS_H_
