// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/derive.h"

#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

// --- biases ---

constexpr char kDense[] = R"(graph main(%x: float32[1,2]) -> (%y) {
  const %w: float32[2,2] = {1, -1, 0.5, 0.25}
  const %b: float32[2] = {1, -0.3}
  %y: float32[1,2] = FULLY_CONNECTED(%x, %w, %b) {}
})";

TEST(DeriveTest, BiasThatDoesNotFitIsCutOff) {
  EXPECT_EQ(Quantize(R"(graph main(%x: float32[1,1]) -> (%y) {
  const %w: float32[3,1] = {1, 1, 1}
  const %b: float32[3] = {1e9, -1e9, 1}
  %y: float32[1,3] = FULLY_CONNECTED(%x, %w, %b) {}
})",
                     R"(
    tensor %x: int8[] q(0.5, 3)
    tensor %w: int8[] q(0.25, 0)
    tensor %y: int8[] q(1, 0)
  )"),
            "warning: model.circle: tensor 'b': 2 of 3 values do not fit the integers and "
            "were cut off; use larger scales for the data or the weights\n" +
                Canonical(R"(graph main(%x: int8[1,1] q(0.5, 3)) -> (%y) {
  const %w: int8[3,1] q(0.25, 0) = {4, 4, 4}
  const %b: int32[3] q(0.125, 0) = {2147483647, -2147483648, 8}
  %y: int8[1,3] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
})"));
}

// --- annotated biases ---

constexpr char kDenseParams[] = R"(
    tensor %x: int8[] q(0.5, 3)
    tensor %w: int8[] q(0.25, 0)
    tensor %y: int8[] q(1, 0))";

std::string WithBias(absl::string_view bias) { return absl::StrCat(kDenseParams, bias); }

std::string DenseWithBias(absl::string_view bias) {
  return Canonical(absl::StrCat(R"(graph main(%x: int8[1,2] q(0.5, 3)) -> (%y) {
  const %w: int8[2,2] q(0.25, 0) = {4, -4, 2, 1}
  const %b: )",
                                bias, R"(
  %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
})"));
}

TEST(DeriveTest, AnnotatedBiasThatIsRight) {
  EXPECT_EQ(Quantize(kDense, WithBias("const %b: int32[2] q(0.125, 0) = {9, -70000}")),
            DenseWithBias("int32[2] q(0.125, 0) = {9, -70000}"));
}

// Toolchains that multiply in double arrive at 0.125 with other last bits, which stay.
TEST(DeriveTest, AnnotatedBiasThatIsRightButForRounding) {
  EXPECT_EQ(Quantize(kDense, WithBias("const %b: int32[2] q(0.12500001, 0) = {9, -70000}")),
            DenseWithBias("int32[2] q(0.12500001, 0) = {9, -70000}"));
}

// 3 * 0.5 / 0.125 = 12; -5 * 4 = -20.
TEST(DeriveTest, AnnotatedBiasWithAnotherScaleIsRescaled) {
  EXPECT_EQ(Quantize(kDense, WithBias("const %b: int32[2] q(0.5, 0) = {3, -5}")),
            "warning: params.json: tensor 'b': the bias has other parameters than kernels assume; "
            "it was rescaled: expected scale 0.125 (data scale x weights scale) and zero point 0, "
            "found scale 0.5 and zero point 0; export the bias with that scale, or keep it as it "
            "is with --keep_bias\n" +
                DenseWithBias("int32[2] q(0.125, 0) = {12, -20}"));
}

TEST(DeriveTest, AnnotatedBiasWithAZeroPointIsRescaled) {
  EXPECT_EQ(Quantize(kDense, WithBias("const %b: int32[2] q(0.125, 2) = {3, -5}")),
            "warning: params.json: tensor 'b': the bias has other parameters than kernels assume; "
            "it was rescaled: expected scale 0.125 (data scale x weights scale) and zero point 0, "
            "found scale 0.125 and zero point 2; export the bias with that scale, or keep it as it "
            "is with --keep_bias\n" +
                DenseWithBias("int32[2] q(0.125, 0) = {1, -7}"));
}

TEST(DeriveTest, AnnotatedBiasWithoutAValueTakesTheModels) {
  EXPECT_EQ(Quantize(kDense, WithBias("tensor %b: int32[] q(0.125, 0)")),
            DenseWithBias("int32[2] q(0.125, 0) = {8, -2}"));
}

TEST(DeriveTest, KeepBias) {
  EXPECT_EQ(
      Quantize(kDense, WithBias("const %b: int32[2] q(0.5, 1) = {3, -5}"), {.keep_bias = true}),
      DenseWithBias("int32[2] q(0.5, 1) = {3, -5}"));
}

// --- what fills gaps ---

TEST(DeriveTest, InfiniteFillIsTheExtremeInteger) {
  for (const auto& [type, sign, extreme] :
       std::vector<std::array<const char*, 3>>{{"int8", "-inf", "-128"},
                                               {"int8", "inf", "127"},
                                               {"uint8", "-inf", "0"},
                                               {"uint8", "inf", "255"},
                                               {"int16", "-inf", "-32768"}}) {
    const std::string before = absl::StrCat(R"(graph (%x: float32[2]) -> (%y) {
      const %p: int32[1,2] = {1, 1}
      const %v: float32[] = {)",
                                            sign, "} %y: float32[4] = PADV2(%x, %p, %v) {} }");
    const std::string params =
        absl::StrCat("tensor %x: ", type, "[] q(0.5, 0)  tensor %y: ", type, "[] q(0.5, 0)");
    const std::string after = absl::StrCat("graph (%x: ", type, R"([2] q(0.5, 0)) -> (%y) {
      const %p: int32[1,2] = {1, 1}
      const %v: )",
                                           type, "[] q(0.5, 0) = {", extreme, "} %y: ", type,
                                           "[4] q(0.5, 0) = PADV2(%x, %p, %v) {} }");
    EXPECT_EQ(Quantize(before, params), Canonical(after)) << type << " " << sign;
  }
}

// A bias that is an operand too: its int32 range would leave nothing of it in int8.
TEST(DeriveTest, AConstantOfAnotherTypeTakesTheRangeOfItsValues) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2]) -> (%z) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    const %b: float32[2] = {1, 2}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, %b) {}
    %z: float32[1,2] = ADD(%y, %b) {}
  })",
                     R"(
    tensor %x: int8[] q(0.5, 0)
    tensor %w: int8[] q(0.25, 0)
    const %b: int32[2] q(0.125, 0) = {8, 16}
    tensor %y: int8[] q(1, 0)
    tensor %z: int8[] q(1, 0))"),
            "warning: model.circle: tensor 'b': ADD 'z' reads it as int8 scale 0.007843138 zero "
            "point -128; its integers were requantized: found the annotation int32 scale 0.125 "
            "zero point 0\n" +
                Canonical(R"(graph (%x: int8[1,2] q(0.5, 0)) -> (%z) {
    const %w: int8[2,2] q(0.25, 0) = {4, 8, 12, 16}
    const %b: int32[2] q(0.125, 0) = {8, 16}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
    const %b_dup: int8[2] q(0.007843138, -128) = {-1, 127}
    %z: int8[1,2] q(1, 0) = ADD(%y, %b_dup) {}
  })"));
}

// LiteRT takes values closer than 1/256 for equal, and aborts at a scale of 1; onert, which has
// uint8 kernels only, compares rightly.
TEST(DeriveTest, ScalesThatAreComparedRightly) {
  const auto is_integer = [](absl::string_view type, absl::string_view scale, Target target) {
    const auto planned = PlanUpTo(
        "derive",
        "graph (%x: float32[1], %z: float32[1]) -> (%y) { %y: bool[1] = LESS(%x, %z) {} }",
        absl::StrCat("tensor %x: ", type, "[] q(", scale, ", 0) tensor %z: ", type, "[] q(0.5, 0)"),
        {.target = target});
    return planned->plan.graphs[0].nodes[0].integer;
  };
  EXPECT_TRUE(is_integer("int8", "0.00390625", Target::kAny));
  EXPECT_FALSE(is_integer("int8", "0.0039", Target::kAny));
  EXPECT_FALSE(is_integer("int8", "1", Target::kLiteRt));
  EXPECT_TRUE(is_integer("uint8", "1", Target::kAny));
  EXPECT_TRUE(is_integer("uint8", "1", Target::kOnert));
  EXPECT_FALSE(is_integer("uint8", "1", Target::kLiteRt));
  EXPECT_TRUE(is_integer("int16", "1", Target::kLiteRt));
}

constexpr char kDenseWithBias[] = R"(graph (%x: float32[1,2]) -> () {
    const %w: float32[2,2] = {1, 2, 3, 4}
    const %b: float32[2] = {0.5, -2e9}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, %b) {}
  })";

// The second value is 2e9 steps of the accumulator; int64 beside int16 data has room for it.
TEST(DeriveTest, ForATargetABiasThatInt32CannotHoldKeepsTheNodeFloat32) {
  const auto derived = [](const QuantizeOptions& options, const char* type) {
    return NodesText(*PlanUpTo(
        "derive", kDenseWithBias,
        absl::StrCat("tensor %x: ", type,
                     "[] q(2, 0) tensor %w: int8[] q(0.5, 0) tensor %y: ", type, "[] q(1000, 0)"),
        options));
  };
  EXPECT_EQ(
      derived({.target = Target::kLiteRt}, "int8"),
      "%y = FULLY_CONNECTED: its bias 'b' is beyond what kernels hold at data scale x weights "
      "scale\n");
  EXPECT_EQ(derived({}, "int8"),
            "%y = FULLY_CONNECTED(int8 q(2, 0), int8 q(0.5, 0), int32 q(1, 0)) -> (int8 q(1000, "
            "0))\n");
  EXPECT_EQ(derived({.target = Target::kLiteRt}, "int16"),
            "%y = FULLY_CONNECTED(int16 q(2, 0), int8 q(0.5, 0), int64 q(1, 0)) -> (int16 q(1000, "
            "0))\n");
}

// Data x weights is 2^-33 of the output's scale: LiteRT's Conv2D, DepthwiseConv2D and TransposeConv
// multiply their sums by 0 there.
TEST(DeriveTest, ForATargetABiasThatALostMultiplierWouldLoseKeepsTheNodeFloat32) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2]) -> () {
    const %w: float32[2,2] = {1, 2, 3, 4}
    const %b: float32[2] = {0.5, -2e7}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, %b) {}
  })";
  const auto derived = [&](const char* scale) {
    return NodesText(*PlanUpTo("derive", kGraph,
                               absl::StrCat("tensor %x: int16[] q(", scale,
                                            ", 0) tensor %w: int8[] q(0.0009765625, 0)"
                                            "tensor %y: int16[] q(8000, 0)"),
                               {.target = Target::kLiteRt}));
  };
  EXPECT_EQ(derived("0.00095"),
            "%y = FULLY_CONNECTED: its bias 'b' is lost, for data scale x weights scale is less "
            "than 2^-32 of the output's\n");
  EXPECT_THAT(derived("0.002"), ::testing::StartsWith("%y = FULLY_CONNECTED(int16"));
}

// 2^31 steps, whatever holds the bias.
TEST(DeriveTest, ForATargetABiasFarBeyondTheOutputKeepsTheNodeFloat32) {
  EXPECT_EQ(
      NodesText(*PlanUpTo("derive", kDenseWithBias,
                          "tensor %x: int16[] q(2, 0) tensor %w: int8[] q(0.5, 0)"
                          "tensor %y: int16[] q(1, 0)",
                          {.target = Target::kLiteRt})),
      "%y = FULLY_CONNECTED: its bias 'b' is beyond what kernels hold at data scale x weights "
      "scale\n");
}

// Steps of 64 for values of 100, beside an output of steps of 0.5.
TEST(DeriveTest, ForATargetABiasThatWouldLoseAStepOfTheOutputKeepsTheNodeFloat32) {
  const auto derived = [](const QuantizeOptions& options) {
    return NodesText(*PlanUpTo("derive", R"(graph (%x: float32[1,2]) -> () {
    const %w: float32[2,2] = {1, 2, 3, 4}
    const %b: float32[2] = {64, 100}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, %b) {}
  })",
                               "tensor %x: int8[] q(8, 0) tensor %w: int8[] q(8, 0)"
                               "tensor %y: int8[] q(0.5, 0)",
                               options));
  };
  EXPECT_EQ(
      derived({.target = Target::kLiteRt}),
      "%y = FULLY_CONNECTED: its bias 'b' would be off by more than a step of the output, for "
      "data scale x weights scale is coarser\n");
  EXPECT_EQ(
      derived({}),
      "%y = FULLY_CONNECTED(int8 q(8, 0), int8 q(8, 0), int32 q(64, 0)) -> (int8 q(0.5, 0))\n");
}

TEST(DeriveTest, ABiasScaleBelowTheNormalNumbersKeepsTheNodeFloat32) {
  EXPECT_EQ(
      NodesText(*PlanUpTo("derive", kDenseWithBias,
                          "tensor %x: int8[] q(1e-20, 0) tensor %w: int8[] q(1e-19, 0)"
                          "tensor %y: int8[] q(1, 0)")),
      "%y = FULLY_CONNECTED: the scale of its bias 'b', data scale x weights scale, is beyond "
      "float32\n");
}

}  // namespace
}  // namespace q_implant
