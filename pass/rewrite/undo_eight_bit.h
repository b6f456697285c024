// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_REWRITE_UNDO_EIGHT_BIT_H_
#define Q_IMPLANT_PASS_REWRITE_UNDO_EIGHT_BIT_H_

#include "ir/model.h"

namespace q_implant {

// Takes ConvertEightBitPass back where the model must have gone through it: all its 8-bit tensors
// are of one type, and it has fewer nodes that no known runtime computes as they are written
// (FindWrongNodes) where they are of the other. Such nodes show that the model was converted
// afterwards; undoing it gives ExtractParams the model as it was first written. Returns the type
// that the pass had made, uint8 or int8; float32 where the model stays as it is.
circle::TensorType UndoEightBit(Model& model);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_REWRITE_UNDO_EIGHT_BIT_H_
