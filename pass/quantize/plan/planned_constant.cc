// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/plan/planned_constant.h"

#include <cmath>

#include "ir/tensor_type.h"

namespace q_implant {
namespace {

// Toolchains multiply scales in float32 or in double, so the same bias scale comes with different
// last bits.
bool DifferByRoundingOnly(const QuantParams& a, const QuantParams& b) {
  if (a.dtype != b.dtype || a.scale.size() != b.scale.size() || a.zero_point != b.zero_point) {
    return false;
  }
  if (a.per_channel() && a.quantized_dimension != b.quantized_dimension) return false;
  for (size_t i = 0; i < a.scale.size(); ++i) {
    if (!q_implant::DifferByRoundingOnly(a.scale[i], b.scale[i])) return false;
  }
  return true;
}

// The integers that the constant comes with: imported, or the model's. Null data where it comes
// with floats only.
Bytes ImportedIntegers(const Model& model, const Tensor& tensor, const TensorPlan& planned) {
  if (planned.origin == Origin::kExisting) return model.ConstantData(tensor);
  if (planned.params == nullptr || planned.entry == nullptr || !planned.entry->value.has_value()) {
    return Bytes();
  }
  const Bytes& value = planned.entry->value->data;
  return BitsPerElement(planned.params->dtype) == 4 ? PackNibbles(value.span()) : value;
}

Bytes ModelFloats(const Model& model, const Tensor& tensor) {
  const Bytes& data = model.ConstantData(tensor);
  return tensor.type == circle::TensorType_FLOAT16 ? WidenFloat16(data.span()) : data;
}

}  // namespace

absl::StatusOr<QuantizedData> ImplantConstant(const Model& model, const Tensor& tensor,
                                              const TensorPlan& planned, const QuantParams& params,
                                              WeightsRange range) {
  const Bytes integers = ImportedIntegers(model, tensor, planned);
  if (integers.data() == nullptr) {
    return QuantizeFloats(ModelFloats(model, tensor).span(), tensor.shape, params, range);
  }
  if (DifferByRoundingOnly(*planned.params, params)) return QuantizedData{integers};
  return Requantize(integers.span(), tensor.shape, *planned.params, params);
}

Bytes FloatData(const Model& model, const Tensor& tensor, const TensorPlan& planned) {
  const Bytes integers = ImportedIntegers(model, tensor, planned);
  if (integers.data() == nullptr) return ModelFloats(model, tensor);
  return DequantizeToFloats(integers.span(), tensor.shape, *planned.params);
}

}  // namespace q_implant
