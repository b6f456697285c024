// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_EXTRACT_ENTRY_CHECK_H_
#define Q_IMPLANT_PASS_EXTRACT_ENTRY_CHECK_H_

#include <string>

#include "ir/model.h"
#include "ir/quant_params.h"

namespace q_implant {

// Why the import would refuse an entry that says what a quantized tensor has
// (docs/param-format.md): a sentence without a full stop; empty where it takes it. `params` are the
// tensor's own.
std::string WhyNoEntry(const Model& model, const Tensor& tensor, const QuantParams& params,
                       bool is_constant);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_EXTRACT_ENTRY_CHECK_H_
