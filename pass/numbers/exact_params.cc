// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/exact_params.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "ir/elements.h"

namespace q_implant {
namespace {

// The greatest power of two that a number is a multiple of, as its exponent; 0 for the number 0.
int LeastBit(float value) {
  if (value == 0) return 0;
  int exponent = 0;
  auto mantissa = static_cast<int32_t>(std::ldexp(std::frexp(std::abs(value), &exponent), 24));
  exponent -= 24;
  for (; mantissa % 2 == 0; mantissa /= 2) ++exponent;
  return exponent;
}

}  // namespace

ParamsPtr ExactParams(absl::Span<const uint8_t> floats) {
  const auto values = LoadElements<float>(floats);
  if (values.empty()) return nullptr;
  std::vector<int> bits;
  float greatest = 0;
  for (float value : values) {
    if (!std::isfinite(value)) return nullptr;
    if (value != 0) bits.push_back(LeastBit(value));
    greatest = std::max(greatest, std::abs(value));
  }
  const int least = bits.empty() ? 0 : *std::min_element(bits.begin(), bits.end());
  QuantParams params{.dtype = circle::TensorType_INT32};
  if (std::ldexp(static_cast<double>(greatest), -least) < 0x1p31) {
    params.scale = {std::ldexp(1.0F, least)};
  } else {
    for (float value : values) params.scale.push_back(std::ldexp(1.0F, LeastBit(value)));
  }
  params.zero_point.resize(params.scale.size());
  return std::make_shared<const QuantParams>(std::move(params));
}

}  // namespace q_implant
