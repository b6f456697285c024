// SPDX-License-Identifier: Apache-2.0
#include "pass/extract/entry_check.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "ir/tensor_type.h"
#include "ir/value_text.h"

namespace q_implant {
namespace {

std::string WhyNoScales(const QuantParams& params) {
  for (float scale : params.scale) {
    if (std::isfinite(scale) && scale > 0) continue;
    return absl::StrCat("a scale is ", NumberText(scale), ", no number above 0");
  }
  const IntegerRange range = *RangeOf(params.dtype);
  for (int64_t zero_point : params.zero_point) {
    if (zero_point >= range.min && zero_point <= range.max) continue;
    return absl::StrCat("the zero point ", zero_point, " lies outside ", TypeName(params.dtype));
  }
  return "";
}

std::string WhyNoChannels(const Tensor& tensor, const QuantParams& params, bool is_constant) {
  if (!params.per_channel()) return "";
  if (!is_constant) return absl::StrCat("an activation has ", params.scale.size(), " scales");
  const int32_t axis = params.quantized_dimension;
  const bool fits =
      axis >= 0 && static_cast<size_t>(axis) < tensor.shape.size() &&
      static_cast<size_t>(tensor.shape[static_cast<size_t>(axis)]) == params.scale.size();
  if (fits) return "";
  return absl::StrCat(params.scale.size(), " scales do not fit dimension ", axis, " of ",
                      ShapeText(tensor.shape));
}

}  // namespace

std::string WhyNoEntry(const Model& model, const Tensor& tensor, const QuantParams& params,
                       bool is_constant) {
  std::string why = WhyNoScales(params);
  if (why.empty()) why = WhyNoChannels(tensor, params, is_constant);
  if (!why.empty() || !is_constant) return why;
  const auto count = ElementCount(tensor.shape);
  const auto size = count.has_value() ? ByteSize(params.dtype, *count) : std::nullopt;
  const size_t found = model.ConstantData(tensor).size();
  if (size == found) return "";
  return absl::StrCat("the constant's ", found, " bytes do not fit its shape ",
                      ShapeText(tensor.shape));
}

}  // namespace q_implant
