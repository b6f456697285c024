// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_TESTING_CONSTANT_READER_H_
#define Q_IMPLANT_IR_TESTING_CONSTANT_READER_H_

#include "ir/bytes.h"
#include "ir/tensor.h"
#include "ir/testing/text_cursor.h"

namespace q_implant {

// What stands behind the '=' of a constant: its elements "{1, 2}", "fill(0.5)" for all elements,
// "ramp(start, step)", or "12 bytes" of zero whatever the shape. `tensor` gives type and shape.
Bytes ReadConstant(const Tensor& tensor, TextCursor& cursor);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_TESTING_CONSTANT_READER_H_
