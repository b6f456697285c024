// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/choose_params.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "ir/tensor_type.h"

namespace q_implant {
namespace {

// A scale must be a normal float32 above 0, also for values that are all zero or next to it.
float ToScale(double scale) {
  if (scale == 0) return 1;
  return static_cast<float>(std::clamp(scale, double{std::numeric_limits<float>::min()},
                                       double{std::numeric_limits<float>::max()}));
}

}  // namespace

ParamsPtr ChooseParams(circle::TensorType dtype, double least, double greatest) {
  least = std::min(least, 0.0);
  greatest = std::max(greatest, 0.0);
  const IntegerRange range = *RangeOf(dtype);
  QuantParams params{.dtype = dtype, .scale = {1}, .zero_point = {0}};
  if (dtype == circle::TensorType_INT16) {
    params.scale = {ToScale(std::max(-least, greatest) / static_cast<double>(range.max))};
  } else {
    const float scale = ToScale((greatest - least) / static_cast<double>(range.max - range.min));
    const double zero_point =
        std::rint(static_cast<double>(range.min) - least / static_cast<double>(scale));
    params.scale = {scale};
    params.zero_point = {std::clamp(static_cast<int64_t>(zero_point), range.min, range.max)};
  }
  return std::make_shared<const QuantParams>(std::move(params));
}

ParamsPtr ParamsInType(const ParamsPtr& params, circle::TensorType dtype) {
  if (params->dtype == dtype) return params;
  if (const ParamsPtr moved = InOtherEightBitType(params);
      moved != nullptr && moved->dtype == dtype) {
    return moved;
  }
  return ChooseParams(dtype, params->real_min(), params->real_max());
}

}  // namespace q_implant
