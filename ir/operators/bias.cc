// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/bias.h"

#include <memory>
#include <utility>
#include <vector>

namespace q_implant {

ParamsPtr BiasParams(const QuantParams& data, const QuantParams& weights, circle::TensorType type,
                     int32_t axis) {
  QuantParams params{.dtype = type,
                     .scale = {},
                     .zero_point = std::vector<int64_t>(weights.scale.size(), 0),
                     .quantized_dimension = axis};
  for (float scale : weights.scale) params.scale.push_back(data.scale.front() * scale);
  return std::make_shared<const QuantParams>(std::move(params));
}

bool IsBiasOf(const QuantParams& bias, const QuantParams& data, const QuantParams& weights) {
  if (bias.scale.size() != weights.scale.size()) return false;
  for (size_t i = 0; i < bias.scale.size(); ++i) {
    if (bias.zero_point[i] != 0 ||
        !DifferByRoundingOnly(bias.scale[i], data.scale[0] * weights.scale[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace q_implant
