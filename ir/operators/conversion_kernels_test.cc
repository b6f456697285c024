// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/conversion_kernels.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/tensor_type.h"

namespace q_implant {
namespace {

using enum circle::TensorType;

ParamsPtr Form(circle::TensorType type, float scale = 0.5f, int64_t zero_point = 0) {
  if (type == TensorType_FLOAT32) return nullptr;
  return std::make_shared<const QuantParams>(
      QuantParams{.dtype = type, .scale = {scale}, .zero_point = {zero_point}});
}

// "int8 scale 0.5 zero point -128, ...", "direct", "no way".
std::string Path(const ParamsPtr& from, const ParamsPtr& to, Target target) {
  bool right = false;
  std::string text;
  for (const ParamsPtr& form : ConversionPath(from, to, target, &right)) {
    absl::StrAppend(&text, text.empty() ? "" : ", ",
                    form == nullptr ? "float32" : DescribeParams(*form));
  }
  if (!right) return "no way";
  return text.empty() ? "direct" : text;
}

TEST(ConversionKernelsTest, DirectWhereTheRuntimeIsRight) {
  EXPECT_EQ(Path(nullptr, Form(TensorType_INT8), Target::kLiteRt), "direct");
  EXPECT_EQ(Path(Form(TensorType_INT8), Form(TensorType_INT8, 1), Target::kLiteRt), "direct");
  EXPECT_EQ(Path(Form(TensorType_UINT8), Form(TensorType_INT8, 1), Target::kOnert), "direct");
  EXPECT_EQ(Path(Form(TensorType_INT8), Form(TensorType_INT8, 1), Target::kAny), "direct");
}

TEST(ConversionKernelsTest, Int16ToUint8GoesOverInt8) {
  for (Target target : {Target::kAny, Target::kLiteRt}) {
    EXPECT_EQ(Path(Form(TensorType_INT16), Form(TensorType_UINT8, 0.25f, 3), target),
              "int8 scale 0.25 zero point -125");
  }
}

TEST(ConversionKernelsTest, OnertBetweenEqualTypesGoesOverFloat32) {
  EXPECT_EQ(Path(Form(TensorType_UINT8), Form(TensorType_UINT8, 0.25f), Target::kOnert), "float32");
}

// onert clamps a Quantize from float32 to int8 into 0..255.
TEST(ConversionKernelsTest, OnertQuantizesToInt8OverUint8) {
  EXPECT_EQ(Path(nullptr, Form(TensorType_INT8, 0.25f, -5), Target::kOnert),
            "uint8 scale 0.25 zero point 123");
}

// 1e-3 / 1e-10 is 1e7, and LiteRT's Quantize wraps from 2^23.
TEST(ConversionKernelsTest, ScalesThatAreFarApartHaveOneInBetween) {
  EXPECT_EQ(
      Path(Form(TensorType_INT8, 1e-3f, 5), Form(TensorType_INT8, 1e-10f, 7), Target::kLiteRt),
      "int8 scale 5.12e-08 zero point 5");
  EXPECT_EQ(Path(Form(TensorType_UINT8, 1e-3f), Form(TensorType_UINT8, 1e-10f), Target::kOnert),
            "float32, uint8 scale 5.12e-08 zero point 0, float32");
  EXPECT_EQ(Path(Form(TensorType_INT16, 1), Form(TensorType_UINT8, 1e-6f, 3), Target::kLiteRt),
            "int16 scale 6.1035156e-05 zero point 0, int8 scale 1e-06 zero point -125");
  // Its first step is twice what all of int16 spans there.
  EXPECT_EQ(
      Path(Form(TensorType_INT8, 8), Form(TensorType_INT16, 1.0f / (1 << 20)), Target::kLiteRt),
      "int8 scale 0.125 zero point 0");
  EXPECT_EQ(Path(Form(TensorType_INT8, 1e-3f), Form(TensorType_INT8, 1e-10f), Target::kAny),
            "direct");
  EXPECT_EQ(Path(Form(TensorType_INT8, 1e-10f), Form(TensorType_INT8, 1e-3f), Target::kLiteRt),
            "direct");
}

TEST(ConversionKernelsTest, NoWay) {
  EXPECT_EQ(Path(nullptr, Form(TensorType_INT16), Target::kOnert), "no way");
  EXPECT_EQ(Path(Form(TensorType_INT32), nullptr, Target::kAny), "no way");
}

TEST(ConversionKernelsTest, Int16WithAZeroPoint) {
  const ParamsPtr int16 = Form(TensorType_INT16, 0.5f, 100);
  EXPECT_EQ(Path(nullptr, int16, Target::kLiteRt), "direct");
  EXPECT_EQ(Path(int16, nullptr, Target::kLiteRt), "no way");
  EXPECT_EQ(Path(int16, Form(TensorType_INT16), Target::kLiteRt), "no way");
  EXPECT_EQ(Path(int16, Form(TensorType_INT8), Target::kLiteRt), "direct");
  EXPECT_FALSE(ConvertsBothWays(int16, Target::kLiteRt));
}

TEST(ConversionKernelsTest, ConstantsWithAScalePerChannel) {
  const auto per_channel = std::make_shared<const QuantParams>(
      QuantParams{.dtype = TensorType_INT8, .scale = {1, 2}, .zero_point = {0, 0}});
  EXPECT_EQ(ConversionVerdict(per_channel, nullptr, Target::kLiteRt), Verdict::kRight);
  EXPECT_EQ(ConversionVerdict(per_channel, nullptr, Target::kOnert), Verdict::kWrong);
  EXPECT_EQ(ConversionVerdict(per_channel, nullptr, Target::kAny), Verdict::kRight);
}

}  // namespace
}  // namespace q_implant
