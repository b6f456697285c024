// SPDX-License-Identifier: Apache-2.0
#include "pass/rewrite/undo_eight_bit.h"

#include <utility>

#include "pass/rewrite/convert_eight_bit_pass.h"
#include "pass/verify/verify_kernels.h"

namespace q_implant {
namespace {

// False where the model can't be converted, and is as it was.
bool Convert(circle::TensorType to, Model& model) {
  Diagnostics ignored;  // ExtractParams refuses the same tensors
  return ConvertEightBitPass(to).Run(model, ignored).ok();
}

}  // namespace

circle::TensorType UndoEightBit(Model& model) {
  for (const auto& [made, other] : {std::pair(circle::TensorType_UINT8, circle::TensorType_INT8),
                                    std::pair(circle::TensorType_INT8, circle::TensorType_UINT8)}) {
    if (CountConvertible(model, made) == 0 || CountConvertible(model, other) > 0) continue;
    const size_t misread = FindWrongNodes(model).size();
    if (misread == 0 || !Convert(other, model)) continue;
    if (FindWrongNodes(model).size() < misread) return made;
    Convert(made, model);
  }
  return circle::TensorType_FLOAT32;
}

}  // namespace q_implant
