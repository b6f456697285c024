// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/plan/planned_constant.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/value_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

// What constant %c becomes under parameters, as the text form shows it: "{1, 2}".
std::string Implanted(absl::string_view constant, absl::string_view annotation,
                      const QuantParams& params, WeightsRange range = WeightsRange::kFull) {
  const auto planned =
      PlanUpTo("io types", absl::StrCat("graph () -> () { const ", constant, "}"), annotation);
  EXPECT_FALSE(planned->diagnostics.has_errors()) << planned->diagnostics.ToStatus();
  const Tensor& tensor = planned->model.graphs[0].tensor(0);
  const absl::StatusOr<QuantizedData> result =
      ImplantConstant(planned->model, tensor, planned->plan.graphs[0].tensor(0), params, range);
  if (!result.ok()) return std::string(result.status().message());
  return DataText(params.dtype, tensor.shape, result->data.span());
}

// The float32 values that it stands for.
std::string Floats(absl::string_view constant, absl::string_view annotation) {
  const auto planned =
      PlanUpTo("io types", absl::StrCat("graph () -> () { const ", constant, "}"), annotation);
  const Tensor& tensor = planned->model.graphs[0].tensor(0);
  const Bytes floats = FloatData(planned->model, tensor, planned->plan.graphs[0].tensor(0));
  return DataText(circle::TensorType_FLOAT32, tensor.shape, floats.span());
}

QuantParams PerTensor(circle::TensorType dtype, float scale, int64_t zero_point) {
  return {.dtype = dtype, .scale = {scale}, .zero_point = {zero_point}};
}

constexpr char kFloats[] = "%c: float32[2] = {1, -2}";

TEST(ImplantConstantTest, TheImportedValueAsItIs) {
  EXPECT_EQ(Implanted(kFloats, "const %c: int8[2] q(0.5, 3) = {100, -128}",
                      PerTensor(circle::TensorType_INT8, 0.5f, 3), WeightsRange::kNarrow),
            "{100, -128}");
}

TEST(ImplantConstantTest, FourBitValuesArePacked) {
  EXPECT_EQ(Implanted("%c: float32[3] = {1, -2, 3}", "const %c: int4[3] q(0.5, 0) = {7, -8, 1}",
                      PerTensor(circle::TensorType_INT4, 0.5f, 0)),
            "{7, -8, 1}");
}

TEST(ImplantConstantTest, TheImportedValueInOtherParametersKeepsItsMeaning) {
  EXPECT_EQ(Implanted(kFloats, "const %c: int8[2] q(0.5, 3) = {100, -128}",
                      PerTensor(circle::TensorType_INT16, 0.25f, 0)),
            "{194, -262}");  // 97 * 2, -131 * 2
}

// Two parts in ten million are what multiplying in float32 or in double makes of a scale: 2000000
// would become 2000000.5, and 20000000 20000004.
TEST(ImplantConstantTest, ScalesThatDifferByRoundingChangeNothing) {
  EXPECT_EQ(Implanted(kFloats, "const %c: int32[2] q(1.0000002, 0) = {20000000, -1}",
                      PerTensor(circle::TensorType_INT32, 1, 0)),
            "{20000000, -1}");
}

TEST(ImplantConstantTest, ScalesThatDifferByMoreDo) {
  EXPECT_EQ(Implanted(kFloats, "const %c: int32[2] q(1.25, 0) = {20000000, -4}",
                      PerTensor(circle::TensorType_INT32, 1, 0)),
            "{25000000, -5}");
}

TEST(ImplantConstantTest, AnotherZeroPointIsNoRounding) {
  EXPECT_EQ(Implanted(kFloats, "const %c: int32[2] q(1, 2) = {5, 7}",
                      PerTensor(circle::TensorType_INT32, 1, 0)),
            "{3, 5}");
}

TEST(ImplantConstantTest, AnotherChannelAxisIsNoRounding) {
  const QuantParams params = {.dtype = circle::TensorType_INT8,
                              .scale = {1, 2},
                              .zero_point = {0, 0},
                              .quantized_dimension = 1};
  EXPECT_EQ(Implanted("%c: float32[2,2] = {1, 2, 3, 4}",
                      "const %c: int8[2,2] q([1, 2], 0, axis 0) = {8, 8, 8, 8}", params),
            "{8, 4, 16, 8}");
}

TEST(ImplantConstantTest, WithoutAValueTheModelsFloats) {
  EXPECT_EQ(Implanted(kFloats, "tensor %c: int8[] q(0.5, 3)",
                      PerTensor(circle::TensorType_INT8, 0.5f, 3)),
            "{5, -1}");
  EXPECT_EQ(Implanted(kFloats, "", PerTensor(circle::TensorType_UINT8, 0.5f, 128)), "{130, 124}");
}

TEST(ImplantConstantTest, TheRangeIsForFloatsOnly) {
  EXPECT_EQ(Implanted("%c: float32[1] = {-1000}", "", PerTensor(circle::TensorType_INT8, 0.5f, 0),
                      WeightsRange::kNarrow),
            "{-127}");
}

TEST(ImplantConstantTest, Float16) {
  EXPECT_EQ(Implanted("%c: float16[2] = {1, -2}", "tensor %c: int8[] q(0.5, 3)",
                      PerTensor(circle::TensorType_INT8, 0.5f, 3)),
            "{5, -1}");
}

TEST(ImplantConstantTest, IntegersOfTheModel) {
  EXPECT_EQ(Implanted("%c: int8[2] q(0.5, 3) = {5, -1}", "",
                      PerTensor(circle::TensorType_UINT8, 0.25f, 100)),
            "{104, 92}");
}

TEST(ImplantConstantTest, NaN) {
  EXPECT_EQ(Implanted("%c: float32[2] = {1, nan}", "tensor %c: int8[] q(0.5, 3)",
                      PerTensor(circle::TensorType_INT8, 0.5f, 3)),
            "NaN at element 1");
}

TEST(FloatDataTest, WhatTheConstantStandsFor) {
  EXPECT_EQ(Floats(kFloats, ""), "{1, -2}");
  EXPECT_EQ(Floats(kFloats, "tensor %c: int8[] q(0.5, 3)"), "{1, -2}");
  EXPECT_EQ(Floats(kFloats, "const %c: int8[2] q(0.5, 3) = {100, -128}"), "{48.5, -65.5}");
  EXPECT_EQ(Floats(kFloats, "const %c: int4[2] q(0.5, 0) = {7, -8}"), "{3.5, -4}");
  EXPECT_EQ(Floats("%c: float16[2] = {1, -2}", ""), "{1, -2}");
  EXPECT_EQ(Floats("%c: int8[2] q(0.5, 3) = {5, -1}", ""), "{1, -2}");
}

}  // namespace
}  // namespace q_implant
