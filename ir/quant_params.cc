// SPDX-License-Identifier: Apache-2.0
#include "ir/quant_params.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "ir/tensor_type.h"
#include "ir/value_text.h"

namespace q_implant {
namespace {

// The real value that integer `q` stands for in channel `i`.
double RealValue(const QuantParams& params, size_t i, int64_t q) {
  return static_cast<double>(params.scale[i]) *
         (static_cast<double>(q) - static_cast<double>(params.zero_point[i]));
}

}  // namespace

double QuantParams::real_min() const {
  double least = RealValue(*this, 0, RangeOf(dtype)->min);
  for (size_t i = 1; i < scale.size(); ++i) {
    least = std::min(least, RealValue(*this, i, RangeOf(dtype)->min));
  }
  return least;
}

double QuantParams::real_max() const {
  double greatest = RealValue(*this, 0, RangeOf(dtype)->max);
  for (size_t i = 1; i < scale.size(); ++i) {
    greatest = std::max(greatest, RealValue(*this, i, RangeOf(dtype)->max));
  }
  return greatest;
}

bool SameParams(const QuantParams& a, const QuantParams& b) {
  return a.dtype == b.dtype && a.scale == b.scale && a.zero_point == b.zero_point &&
         (!a.per_channel() || a.quantized_dimension == b.quantized_dimension);
}

bool SameParams(const ParamsPtr& a, const ParamsPtr& b) {
  if (a == b) return true;
  return a != nullptr && b != nullptr && SameParams(*a, *b);
}

bool DifferByRoundingOnly(float a, float b) { return std::abs(a - b) <= 1e-6f * b; }

bool IsAsymmetricInt16(const QuantParams& params) {
  return params.dtype == circle::TensorType_INT16 &&
         std::any_of(params.zero_point.begin(), params.zero_point.end(),
                     [](int64_t zero_point) { return zero_point != 0; });
}

ParamsPtr InOtherEightBitType(const ParamsPtr& params) {
  const bool is_signed = params->dtype == circle::TensorType_INT8;
  if (!is_signed && params->dtype != circle::TensorType_UINT8) return nullptr;
  const IntegerRange range = *RangeOf(params->dtype);
  for (int64_t zero_point : params->zero_point) {
    if (zero_point < range.min || zero_point > range.max) return nullptr;
  }
  QuantParams moved = *params;
  moved.dtype = is_signed ? circle::TensorType_UINT8 : circle::TensorType_INT8;
  for (int64_t& zero_point : moved.zero_point) zero_point += is_signed ? 128 : -128;
  return std::make_shared<const QuantParams>(std::move(moved));
}

ParamsPtr ParamsOf(const Tensor& tensor) {
  if (!IsQuantizedType(tensor.type) || !tensor.quantization.has_value() ||
      !tensor.quantization->has_parameters() || tensor.quantization->details != nullptr) {
    return nullptr;
  }
  auto params = std::make_shared<QuantParams>();
  params->dtype = tensor.type;
  params->scale = tensor.quantization->scale;
  params->zero_point = tensor.quantization->zero_point;
  params->zero_point.resize(params->scale.size(), 0);
  params->quantized_dimension = tensor.quantization->quantized_dimension;
  return params;
}

void SetParams(const QuantParams& params, Tensor& tensor) {
  tensor.type = params.dtype;
  Quantization& quantization = tensor.quantization.emplace();
  quantization.scale = params.scale;
  quantization.zero_point = params.zero_point;
  // Of one scale it means nothing, but LiteRT refuses one beyond the rank, and parameters go from
  // tensor to tensor.
  const auto rank = static_cast<int32_t>(std::max<size_t>(tensor.shape.size(), 1));
  const bool means_nothing = !params.per_channel() && params.quantized_dimension >= rank;
  quantization.quantized_dimension = means_nothing ? 0 : params.quantized_dimension;
}

std::string DescribeType(const QuantParams& params) {
  return absl::StrCat(TypeName(params.dtype),
                      IsAsymmetricInt16(params) ? " with a zero point" : "");
}

std::string DescribeParams(const QuantParams& params) {
  const std::string type = TypeName(params.dtype);
  if (params.per_channel()) {
    return absl::StrCat(type, ", ", params.scale.size(), " scales along axis ",
                        params.quantized_dimension);
  }
  return absl::StrCat(type, " scale ", NumberText(params.scale.front()), " zero point ",
                      params.zero_point.front());
}

}  // namespace q_implant
