// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/fixed_output.h"

#include <vector>

#include "gtest/gtest.h"

namespace q_implant {
namespace {

struct Case {
  FixedOutput kind;
  circle::TensorType dtype;
  double scale;
  int64_t zero_point;
};

// luci's values in uint8 and int16, those that LiteRT's kernels check for in int8.
constexpr Case kCases[] = {
    {FixedOutput::kSoftmax, circle::TensorType_UINT8, 1.0 / 255, 0},
    {FixedOutput::kSoftmax, circle::TensorType_INT8, 0.00390625, -128},
    {FixedOutput::kSoftmax, circle::TensorType_INT16, 1.0 / 32767, 0},
    {FixedOutput::kLogistic, circle::TensorType_UINT8, 0.00390625, 0},
    {FixedOutput::kLogistic, circle::TensorType_INT8, 0.00390625, -128},
    {FixedOutput::kLogistic, circle::TensorType_INT16, 1.0 / 32768, 0},
    {FixedOutput::kTanh, circle::TensorType_UINT8, 0.0078125, 128},
    {FixedOutput::kTanh, circle::TensorType_INT8, 0.0078125, 0},
    {FixedOutput::kTanh, circle::TensorType_INT16, 1.0 / 32768, 0},
    {FixedOutput::kLogSoftmax, circle::TensorType_UINT8, 0.0625, 255},
    {FixedOutput::kLogSoftmax, circle::TensorType_INT8, 0.0625, 127},
    {FixedOutput::kL2Normalization, circle::TensorType_UINT8, 0.0078125, 128},
    {FixedOutput::kL2Normalization, circle::TensorType_INT8, 0.0078125, 0},
};

TEST(FixedOutputTest, WhatKernelsPutOut) {
  for (const Case& c : kCases) {
    const ParamsPtr params = FixedOutputParams(c.kind, c.dtype);
    ASSERT_NE(params, nullptr);
    EXPECT_EQ(params->dtype, c.dtype);
    EXPECT_EQ(params->scale, std::vector<float>{static_cast<float>(c.scale)});
    EXPECT_EQ(params->zero_point, std::vector<int64_t>{c.zero_point});
  }
}

TEST(FixedOutputTest, NoneForOtherKindsAndTypes) {
  EXPECT_EQ(FixedOutputParams(FixedOutput::kNone, circle::TensorType_INT8), nullptr);
  EXPECT_EQ(FixedOutputParams(FixedOutput::kSoftmax, circle::TensorType_INT32), nullptr);
  EXPECT_EQ(FixedOutputParams(FixedOutput::kLogSoftmax, circle::TensorType_INT16), nullptr);
}

// A row whose kernels put out fixed parameters has them in each of its types.
TEST(FixedOutputTest, EveryRowOfTheTableIsCovered) {
  for (const OperatorRow& row : AllOperatorRows()) {
    if (row.fixed_output == FixedOutput::kNone) continue;
    for (circle::TensorType type : circle::EnumValuesTensorType()) {
      EXPECT_EQ(IntegerTypes(row).has(type), FixedOutputParams(row.fixed_output, type) != nullptr)
          << circle::EnumNameBuiltinOperator(row.op) << " " << circle::EnumNameTensorType(type);
    }
  }
}

}  // namespace
}  // namespace q_implant
