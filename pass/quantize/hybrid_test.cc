// SPDX-License-Identifier: Apache-2.0
// Integer weights beside float32 data: NodePlan::hybrid, chosen in integer_nodes.cc.

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

constexpr QuantizeOptions kHybrid = {.hybrid = true};

constexpr char kDense[] = R"(graph (%x: float32[1,2]) -> (%y) {
  const %w: float32[2,2] = {1, -1, 0.5, 0.25}
  const %b: float32[2] = {1, 2}
  %y: float32[1,2] = FULLY_CONNECTED(%x, %w, %b) {}
})";

TEST(HybridTest, WeightsFeedTheFloat32Operator) {
  EXPECT_EQ(Quantize(kDense, "tensor %w: int8[] q([0.25, 0.5], 0, axis 0)", kHybrid),
            Canonical(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: int8[2,2] q([0.25, 0.5], 0, axis 0) = {4, -4, 1, 0}
    const %b: float32[2] = {1, 2}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, %b) {}
  })"));
}

// LiteRT ignores a zero point of hybrid weights, and knows no uint8 ones.
TEST(HybridTest, WhatKernelsMisreadStandsBehindADequantize) {
  for (const char* params : {"int8[] q(0.25, 1)", "uint8[] q(0.25, 0)", "int16[] q(0.25, 0)",
                             "int8[] q([0.25, 0.5], 0, axis 1)"}) {
    EXPECT_NE(Quantize(kDense, std::string("tensor %w: ") + params, kHybrid).find("DEQUANTIZE"),
              std::string::npos)
        << params;
  }
}

// LiteRT refuses a Conv without a bias, whatever its types.
TEST(HybridTest, AConvolutionGetsABias) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,1,1,1]) -> (%y) {
    const %w: float32[2,1,1,1] = {1, 2}
    %y: float32[1,1,1,2] = CONV_2D(%x, %w, _) {}
  })",
                     "tensor %w: int8[] q(0.25, 0)", kHybrid),
            Canonical(R"(graph (%x: float32[1,1,1,1]) -> (%y) {
    const %w: int8[2,1,1,1] q(0.25, 0) = {4, 8}
    const %y_bias: float32[2] = {0, 0}
    %y: float32[1,1,1,2] = CONV_2D(%x, %w, %y_bias) {}
  })"));
}

// Integer where all is there, hybrid where the output is not.
TEST(HybridTest, AnIntegerNodeAndAHybridOneShareTheirWeights) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,1], %u: float32[1,1]) -> (%y, %v) {
    const %w: float32[1,1] = {1}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w, _) {}
    %v: float32[1,1] = FULLY_CONNECTED(%u, %w, _) {}
  })",
                     "tensor %x: int8[] q(0.5, 3)  tensor %w: int8[] q(0.25, 0)"
                     "tensor %y: int8[] q(1, 0)",
                     kHybrid),
            Canonical(R"(graph (%x: int8[1,1] q(0.5, 3), %u: float32[1,1]) -> (%y, %v) {
    const %w: int8[1,1] q(0.25, 0) = {4}
    %y: int8[1,1] q(1, 0) = FULLY_CONNECTED(%x, %w, _) {}
    %v: float32[1,1] = FULLY_CONNECTED(%u, %w, _) {}
  })"));
}

// Its weights are data as far as integer kernels are concerned.
TEST(HybridTest, ABatchMatMul) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {1, -1, 0.5, 0.25}
    %y: float32[1,2] = BATCH_MATMUL(%x, %w) {}
  })",
                     "tensor %w: int8[] q(0.25, 0)", kHybrid),
            Canonical(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: int8[2,2] q(0.25, 0) = {4, -4, 2, 1}
    %y: float32[1,2] = BATCH_MATMUL(%x, %w) {}
  })"));
}

// Scales along the axis that is summed over, or along one that was never measured.
TEST(HybridTest, ABatchMatMulWithScalesAlongAnotherAxis) {
  const auto is_hybrid = [](absl::string_view shape, absl::string_view axis,
                            absl::string_view options) {
    const std::string graph =
        absl::StrCat("graph (%x: float32[1,2,2]) -> (%y) { const %w: float32", shape,
                     " = {1, 2, 3, 4} %y: float32[1,2,2] = BATCH_MATMUL(%x, %w) {", options, "} }");
    return Quantize(graph, absl::StrCat("tensor %w: int8[] q([0.5, 0.25], 0, axis ", axis, ")"),
                    kHybrid)
               .find("DEQUANTIZE") == std::string::npos;
  };
  EXPECT_TRUE(is_hybrid("[1,2,2]", "2", ""));
  EXPECT_FALSE(is_hybrid("[1,2,2]", "1", ""));
  EXPECT_FALSE(is_hybrid("[1,2,2]", "2", "adjoint_rhs: true"));
  EXPECT_FALSE(is_hybrid("[1,1,2,2]", "2", ""));
}

}  // namespace
}  // namespace q_implant
