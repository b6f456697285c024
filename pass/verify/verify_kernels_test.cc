// SPDX-License-Identifier: Apache-2.0
#include "pass/verify/verify_kernels.h"

#include <string>
#include <vector>

#include "absl/strings/substitute.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Misread(absl::string_view text, KernelChecks checks = {}) {
  return FindWrongNodes(ModelFromText(text), checks);
}

TEST(VerifyKernelsTest, WhatKernelsCompute) {
  EXPECT_THAT(Misread(R"(graph (%x: int8[1,2] q(0.5, 3), %f: float32[1,2], %i: int32[2]) -> () {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
    %p: int8[2] q(1, 0) = RESHAPE(%y, %i) {}
    %s: int8[1,2] q(0.00390625, -128) = SOFTMAX(%x) {}
    %e: float32[1,2] = EXP(%f)
    %j: int32[2] = ADD(%i, %i) {}
  })"),
              IsEmpty());
}

TEST(VerifyKernelsTest, SidesThatMustBeEqual) {
  EXPECT_THAT(Misread(R"(graph (%x: int8[2] q(0.5, 3), %i: int32[2]) -> () {
    %y: int8[2] q(0.25, 3) = RESHAPE(%x, %i) {}
  })"),
              ElementsAre("graph 0: RESHAPE 'y' needs equal parameters on all sides, but has int8 "
                          "scale 0.5 zero point 3 beside int8 scale 0.25 zero point 3 ('y')"));
}

TEST(VerifyKernelsTest, FixedOutputs) {
  EXPECT_THAT(Misread(R"(graph (%x: uint8[1,2] q(0.5, 3), %h: int16[1,2] q(0.5, 0)) -> () {
    %y: uint8[1,2] q(0.25, 3) = LOGISTIC(%x)
    %z: int16[1,2] q(3.0517578e-05, 0) = SOFTMAX(%h) {}
    %v: int16[1,2] q(3.1e-05, 0) = SOFTMAX(%h) {}
  })"),
              ElementsAre("graph 0: LOGISTIC 'y' puts out uint8 scale 0.00390625 zero point 0 "
                          "whatever is written, which is uint8 scale 0.25 zero point 3",
                          "graph 0: SOFTMAX 'v' puts out int16 scale 3.051851e-05 zero point 0 "
                          "whatever is written, which is int16 scale 3.1e-05 zero point 0"));
}

TEST(VerifyKernelsTest, TypesWithoutAKernel) {
  EXPECT_THAT(Misread(R"(graph (%x: int8[2] q(0.5, 3)) -> () {
    %y: int8[2] q(0.5, 3) = SIN(%x)
    %z: int8[2] q(0.5, 3) = FLOOR_DIV(%x, %x) {}
  })"),
              ElementsAre("graph 0: SIN 'y' has no int8 kernel, but int8 data",
                          "graph 0: FLOOR_DIV 'z' has no int8 kernel, but int8 data"));
}

TEST(VerifyKernelsTest, FloatOperatorsThatReadIntegers) {
  EXPECT_THAT(Misread(R"(graph (%x: float32[1,2], %i: int32[1]) -> () {
    const %u: uint8[2,2] q(0.5, 3) = {1, 2, 3, 4}
    const %w: int8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    const %b: int32[2] q(0.5, 0) = {1, 2}
    const %four: int4[2,2] q(0.5, 0) = {1, 2, 3, 4}
    %h: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
    %e: float32[1,2] = EMBEDDING_LOOKUP(%i, %four)
    %y: float32[1,2] = FULLY_CONNECTED(%x, %u, %b) {}
  })"),
              ElementsAre("graph 0: FULLY_CONNECTED 'y' reads uint8 scale 0.5 zero point 3 ('u') "
                          "beside float32 data",
                          "graph 0: FULLY_CONNECTED 'y' reads int32 scale 0.5 zero point 0 ('b') "
                          "beside float32 data"));
}

TEST(VerifyKernelsTest, Weights) {
  EXPECT_THAT(Misread(R"(graph (%x: int8[1,2] q(0.5, 3)) -> () {
    const %w: int16[2,2] q(0.5, 0) = {1, 2, 3, 4}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, _) {}
  })"),
              ElementsAre("graph 0: FULLY_CONNECTED 'y' has weights of int16 scale 0.5 zero point "
                          "0 beside int8 data, which no kernel takes"));
}

constexpr char kOddBiases[] = R"(graph (%x: int8[1,2] q(0.5, 3), %h: int16[1,2] q(0.5, 0)) -> () {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    const %scale: int32[2] q([0.25, 0.25], 0, axis 0) = {1, 2}
    const %zero: int32[2] q([0.25, 0.125], 1, axis 0) = {1, 2}
    const %one: int32[2] q(0.25, 0) = {1, 2}
    %a: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %scale) {}
    %b: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %zero) {}
    %c: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %one) {}
    %d: int16[1,2] q(1, 0) = FULLY_CONNECTED(%h, %w, %scale) {}
  })";

TEST(VerifyKernelsTest, Biases) {
  EXPECT_THAT(
      Misread(kOddBiases),
      ElementsAre("graph 0: FULLY_CONNECTED 'a' has bias scale 0.25 and zero point 0 in channel 1, "
                  "not data scale x weights scale = 0.125 and 0",
                  "graph 0: FULLY_CONNECTED 'b' has bias scale 0.25 and zero point 1 in channel 0, "
                  "not data scale x weights scale = 0.25 and 0",
                  "graph 0: FULLY_CONNECTED 'c' has 1 bias scales for 2 weights scales",
                  "graph 0: FULLY_CONNECTED 'd' has a bias of int32, not int64"));
}

TEST(VerifyKernelsTest, KeptBiases) {
  EXPECT_THAT(Misread(kOddBiases, {.bias_scales = false}),
              ElementsAre("graph 0: FULLY_CONNECTED 'd' has a bias of int32, not int64"));
}

TEST(VerifyKernelsTest, BothSidesOfACompositesCrossing) {
  const char* text = R"(graph (%x: int8[1] q(0.5, 3), %f: float32[1]) -> () {
    %y: int8[1] q(1, 0), %z: float32[1] = STABLEHLO_COMPOSITE(%x, %f) {decomposition_subgraph_index: 1}
  }
  graph (%a: int8[1] q($0, 3), %b: float32[1]) -> (%c, %b) {
    %c: int8[1] q($1, 0) = ABS(%a) {}
  })";
  EXPECT_THAT(Misread(absl::Substitute(text, "0.5", "1")), IsEmpty());
  EXPECT_THAT(Misread(absl::Substitute(text, "0.25", "1")),
              ElementsAre("graph 0: STABLEHLO_COMPOSITE 'y' reads int8 scale 0.5 zero point 3 "
                          "('x'), but the graph that it runs takes int8 scale 0.25 zero point 3 "
                          "('a')"));
  EXPECT_THAT(Misread(absl::Substitute(text, "0.5", "2")),
              ElementsAre("graph 0: STABLEHLO_COMPOSITE 'y' makes int8 scale 1 zero point 0 ('y'), "
                          "but the graph that it runs gives int8 scale 2 zero point 0 ('c')"));
}

}  // namespace
}  // namespace q_implant
