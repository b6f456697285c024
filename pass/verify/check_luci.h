// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_VERIFY_CHECK_LUCI_H_
#define Q_IMPLANT_PASS_VERIFY_CHECK_LUCI_H_

#include "ir/diagnostics.h"
#include "ir/model.h"

namespace q_implant {

// The conditions that the quantizer of ONE's compiler holds its own results to (luci's
// QuantizedModelVerifier), and that its tools further on count on: types are uint8 with int32
// biases or int16 with int64 biases, weights have the type of the data, int16 is symmetric,
// Softmax, Logistic and Tanh put out luci's parameters, Split, SplitV, StridedSlice and Unpack have
// equal ones on all sides, and a bias has scale = data scale x weights scale. A warning for each
// place where the model does not meet them.
void CheckLuci(const Model& model, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_VERIFY_CHECK_LUCI_H_
