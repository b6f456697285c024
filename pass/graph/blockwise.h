// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_BLOCKWISE_H_
#define Q_IMPLANT_PASS_GRAPH_BLOCKWISE_H_

#include "ir/tensor.h"

namespace q_implant {

// A tensor's blockwise quantization, whose scales and zero points are tensors themselves; null
// where it has none.
inline const circle::BlockwiseQuantization* BlockwiseOf(const Tensor& tensor) {
  if (!tensor.quantization.has_value() ||
      tensor.quantization->details_type != circle::QuantizationDetails_BlockwiseQuantization) {
    return nullptr;
  }
  return reinterpret_cast<const circle::BlockwiseQuantization*>(tensor.quantization->details);
}

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_BLOCKWISE_H_
