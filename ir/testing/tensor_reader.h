// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_TESTING_TENSOR_READER_H_
#define Q_IMPLANT_IR_TESTING_TENSOR_READER_H_

#include "ir/model.h"
#include "ir/tensor.h"
#include "ir/testing/options_reader.h"
#include "ir/testing/text_cursor.h"

namespace q_implant {

// What stands behind the ':' of a tensor: "uint8[1,?,8] q(0.25, 128) variable". The tensor has no
// name and no buffer yet. `model` keeps details of the quantization alive.
Tensor ReadTensorType(Model& model, OptionsReader& options, TextCursor& cursor);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_TESTING_TENSOR_READER_H_
