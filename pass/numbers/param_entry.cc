// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/param_entry.h"

#include <utility>

#include "ir/tensor_type.h"
#include "pass/numbers/constant_data.h"

namespace q_implant {

ParamEntry MakeEntry(const QuantParams& params, absl::Span<const int32_t> shape,
                     const Bytes& integers) {
  ParamEntry entry{.dtype = params.dtype,
                   .scale = params.scale,
                   .zero_point = params.zero_point,
                   .quantized_dimension = params.quantized_dimension};
  if (integers.data() == nullptr) return entry;
  const bool packed = BitsPerElement(params.dtype) == 4;
  Array value;
  value.type = !packed                                   ? params.dtype
               : params.dtype == circle::TensorType_INT4 ? circle::TensorType_INT8
                                                         : circle::TensorType_UINT8;
  value.shape.assign(shape.begin(), shape.end());
  value.data = packed ? Bytes::Own(UnpackNibbles(integers.span(), ElementCount(shape).value_or(0),
                                                 params.dtype == circle::TensorType_INT4))
                      : integers;
  entry.value = std::move(value);
  return entry;
}

}  // namespace q_implant
