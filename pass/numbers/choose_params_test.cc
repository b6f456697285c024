// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/choose_params.h"

#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "ir/operators/bias.h"

namespace q_implant {
namespace {

using circle::TensorType_INT16;
using circle::TensorType_INT32;
using circle::TensorType_INT4;
using circle::TensorType_INT64;
using circle::TensorType_INT8;
using circle::TensorType_UINT8;

void ExpectParams(const ParamsPtr& params, circle::TensorType dtype, float scale,
                  int64_t zero_point) {
  EXPECT_EQ(params->dtype, dtype);
  EXPECT_EQ(params->scale, std::vector<float>{scale});
  EXPECT_EQ(params->zero_point, std::vector<int64_t>{zero_point});
}

TEST(ChooseParamsTest, TheWholeRange) {
  ExpectParams(ChooseParams(TensorType_UINT8, -1, 1.55), TensorType_UINT8, 0.01f, 100);
  ExpectParams(ChooseParams(TensorType_INT8, -1, 1.55), TensorType_INT8, 0.01f, -28);
  ExpectParams(ChooseParams(TensorType_INT4, -8, 7), TensorType_INT4, 1, 0);
}

TEST(ChooseParamsTest, ZeroIsInside) {
  ExpectParams(ChooseParams(TensorType_UINT8, 1, 2.55), TensorType_UINT8, 0.01f, 0);
  ExpectParams(ChooseParams(TensorType_INT8, 1, 2.55), TensorType_INT8, 0.01f, -128);
  ExpectParams(ChooseParams(TensorType_UINT8, -2.55, -1), TensorType_UINT8, 0.01f, 255);
}

TEST(ChooseParamsTest, Int16IsSymmetric) {
  ExpectParams(ChooseParams(TensorType_INT16, -32767, 5), TensorType_INT16, 1, 0);
  ExpectParams(ChooseParams(TensorType_INT16, 0, 65534), TensorType_INT16, 2, 0);
}

TEST(ChooseParamsTest, ScalesAreNormalNumbers) {
  ExpectParams(ChooseParams(TensorType_INT8, 0, 0), TensorType_INT8, 1, -128);
  ExpectParams(ChooseParams(TensorType_INT16, 0, 0), TensorType_INT16, 1, 0);
  constexpr float kLeast = std::numeric_limits<float>::min();
  ExpectParams(ChooseParams(TensorType_UINT8, 0, 1e-40), TensorType_UINT8, kLeast, 0);
  const float greatest = ChooseParams(TensorType_UINT8, -3e38, 3e38)->scale.front();
  EXPECT_FLOAT_EQ(greatest, 2.3529412e36f);
}

TEST(ParamsInTypeTest, TheSameTypeIsTheSame) {
  const ParamsPtr params = ChooseParams(TensorType_INT8, -1, 1.55);
  EXPECT_EQ(ParamsInType(params, TensorType_INT8), params);
}

TEST(ParamsInTypeTest, ExactBetweenTheEightBitTypes) {
  ExpectParams(ParamsInType(ChooseParams(TensorType_UINT8, -1, 1.55), TensorType_INT8),
               TensorType_INT8, 0.01f, -28);
  ExpectParams(ParamsInType(ChooseParams(TensorType_INT8, -1, 1.55), TensorType_UINT8),
               TensorType_UINT8, 0.01f, 100);
}

// -128..127 at scale 1 in int16: 128 / 32767.
TEST(ParamsInTypeTest, TheRangeInOtherTypes) {
  ExpectParams(ParamsInType(ChooseParams(TensorType_INT8, -128, 127), TensorType_INT16),
               TensorType_INT16, 128.0f / 32767, 0);
}

TEST(BiasParamsTest, ProductsInFloat32) {
  const QuantParams data = {.dtype = TensorType_INT8, .scale = {0.1f}, .zero_point = {3}};
  const QuantParams weights = {.dtype = TensorType_INT8,
                               .scale = {0.3f, 0.5f},
                               .zero_point = {0, 1},
                               .quantized_dimension = 3};
  const ParamsPtr bias = BiasParams(data, weights, TensorType_INT32, 1);
  EXPECT_EQ(bias->dtype, TensorType_INT32);
  EXPECT_EQ(bias->scale, (std::vector<float>{0.1f * 0.3f, 0.1f * 0.5f}));
  EXPECT_NE(bias->scale[0], 0.03f);
  EXPECT_EQ(bias->zero_point, (std::vector<int64_t>{0, 0}));
  EXPECT_EQ(bias->quantized_dimension, 1);
}

TEST(BiasParamsTest, OfTheTypeAskedFor) {
  const QuantParams data = {.dtype = TensorType_INT16, .scale = {0.5f}, .zero_point = {0}};
  const QuantParams weights = {.dtype = TensorType_INT8, .scale = {0.5f}, .zero_point = {0}};
  EXPECT_EQ(BiasParams(data, weights, TensorType_INT64, 0)->dtype, TensorType_INT64);
}

}  // namespace
}  // namespace q_implant
