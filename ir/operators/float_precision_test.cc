// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/float_precision.h"

#include <memory>

#include "gtest/gtest.h"

namespace q_implant {
namespace {

ParamsPtr Scale(float scale) {
  auto params = std::make_shared<QuantParams>();
  params->dtype = circle::TensorType_UINT8;
  params->scale = {scale};
  params->zero_point = {128};
  return params;
}

bool Of(circle::BuiltinOperator op, const ParamsPtr& input, const ParamsPtr& output,
        Target target = Target::kOnert) {
  OperatorCode code;
  code.builtin = op;
  Node node;
  node.code = &code;
  return LacksPrecision(node, input, output, target);
}

TEST(FloatPrecisionTest, EluOfStepsBelowItsError) {
  constexpr auto kElu = circle::BuiltinOperator_ELU;
  EXPECT_TRUE(Of(kElu, Scale(1e-9f), Scale(1e-9f)));
  EXPECT_TRUE(Of(kElu, Scale(1e-5f), Scale(9e-7f)));
  EXPECT_FALSE(Of(kElu, Scale(1e-9f), Scale(1e-6f)));    // the error is a sixteenth of a step
  EXPECT_FALSE(Of(kElu, Scale(2.5e-4f), Scale(1e-9f)));  // all but 0 is large
  EXPECT_FALSE(Of(kElu, Scale(0.1f), Scale(0.1f)));
}

TEST(FloatPrecisionTest, OneSideTells) {
  constexpr auto kElu = circle::BuiltinOperator_ELU;
  EXPECT_TRUE(Of(kElu, Scale(1e-5f), nullptr));
  EXPECT_FALSE(Of(kElu, Scale(1e-3f), nullptr));
  EXPECT_TRUE(Of(kElu, nullptr, Scale(9e-7f)));
  EXPECT_FALSE(Of(kElu, nullptr, Scale(1e-6f)));
  EXPECT_FALSE(Of(kElu, nullptr, nullptr));
}

TEST(FloatPrecisionTest, OtherKernelsAreExactEnough) {
  EXPECT_FALSE(Of(circle::BuiltinOperator_ELU, Scale(1e-9f), Scale(1e-9f), Target::kLiteRt));
  EXPECT_FALSE(Of(circle::BuiltinOperator_EXP, Scale(1e-9f), Scale(1e-9f)));
  EXPECT_FALSE(Of(circle::BuiltinOperator_GELU, Scale(1e-9f), Scale(1e-9f)));
}

}  // namespace
}  // namespace q_implant
