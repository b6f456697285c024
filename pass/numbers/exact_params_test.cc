// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/exact_params.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "pass/numbers/constant_data.h"

namespace q_implant {
namespace {

std::vector<uint8_t> BytesOf(const std::vector<float>& values) {
  std::vector<uint8_t> bytes(values.size() * sizeof(float));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// The scales, after checking that integers hold the numbers to the last bit.
std::vector<float> Scales(const std::vector<float>& values) {
  const std::vector<uint8_t> bytes = BytesOf(values);
  const ParamsPtr params = ExactParams(bytes);
  const std::vector<int32_t> shape = {static_cast<int32_t>(values.size())};
  const auto integers = QuantizeFloats(bytes, shape, *params, WeightsRange::kFull);
  EXPECT_TRUE(integers.ok());
  const Bytes again = DequantizeToFloats(integers->data.span(), shape, *params);
  EXPECT_EQ(std::vector<uint8_t>(again.span().begin(), again.span().end()), bytes);
  return params->scale;
}

TEST(ExactParamsTest, OneScaleWhereItHoldsAll) {
  EXPECT_EQ(Scales({0.5F, -3, 0}), (std::vector<float>{0.5F}));
  EXPECT_EQ(Scales({0.1F, 0.2F}), (std::vector<float>{0x1p-27F}));
  EXPECT_EQ(Scales({0, 0}), (std::vector<float>{1}));
  EXPECT_EQ(Scales({std::numeric_limits<float>::denorm_min()}),
            (std::vector<float>{std::numeric_limits<float>::denorm_min()}));
}

TEST(ExactParamsTest, OneEachWhereRangesAreFarApart) {
  EXPECT_EQ(Scales({1e9F, 0x1p-20F, 0}), (std::vector<float>{512, 0x1p-20F, 1}));
}

TEST(ExactParamsTest, RandomNumbers) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> mantissa(-1, 1);
  std::uniform_int_distribution<int> exponent(-40, 40);
  for (int i = 0; i < 200; ++i) {
    std::vector<float> values;
    for (int n = 0; n < 5; ++n) values.push_back(std::ldexp(mantissa(random), exponent(random)));
    Scales(values);
  }
}

TEST(ExactParamsTest, NoneForNoNumbers) {
  EXPECT_EQ(ExactParams({}), nullptr);
  EXPECT_EQ(ExactParams(BytesOf({1, std::numeric_limits<float>::infinity()})), nullptr);
  EXPECT_EQ(ExactParams(BytesOf({std::numeric_limits<float>::quiet_NaN()})), nullptr);
}

}  // namespace
}  // namespace q_implant
