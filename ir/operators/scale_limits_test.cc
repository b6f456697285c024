// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/scale_limits.h"

#include <string>

#include "gtest/gtest.h"
#include "ir/operators/node_verdict.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

// What breaks a limit of the graph's only node; "" where nothing does.
std::string Broken(Target target, absl::string_view text) {
  const Model model = ModelFromText(text);
  const Graph& graph = model.graphs[0];
  const NodeVerdict verdict = JudgeNode(graph, graph.nodes[0], target);
  return std::string(verdict.why);
}

TEST(ScaleLimitsTest, EveryLimitIsOne) {
  for (const ScaleLimit& limit : AllScaleLimits()) {
    EXPECT_TRUE(limit.least > 0 || limit.greatest > 0);
    EXPECT_FALSE(RatioText(limit.ratio).empty());
    EXPECT_NE(limit.target, Target::kAny);
  }
}

TEST(ScaleLimitsTest, TheGreatestOfTheInputsCounts) {
  EXPECT_EQ(
      Broken(Target::kLiteRt, R"(graph (%x: int16[2] q(1, 0), %z: int16[2] q(20000, 0)) -> () {
    %y: int16[2] q(1, 0) = ADD(%x, %z) {}
  })"),
      "with int16 data where input scale / output scale is 2e+04; its kernel is right below "
      "1.64e+04");
  EXPECT_EQ(
      Broken(Target::kLiteRt, R"(graph (%x: int16[2] q(1, 0), %z: int16[2] q(10000, 0)) -> () {
    %y: int16[2] q(1, 0) = ADD(%x, %z) {}
  })"),
      "");
}

TEST(ScaleLimitsTest, EveryChannelCounts) {
  constexpr char kGraph[] = R"(graph (%x: int8[1,2] q(1, 0)) -> () {
    const %w: int8[2,2] q([1, 300], 0, axis 0) = {1, 2, 3, 4}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, _) {}
  })";
  EXPECT_EQ(Broken(Target::kLiteRt, kGraph),
            "with int8 data where data scale x weights scale / output scale is 300; its kernel is "
            "right below 256");
}

// Products of up to 32768 x 127, each a step of the output, for each row.
TEST(ScaleLimitsTest, SumsCountTheirTerms) {
  const auto layer = [](int terms, int rows) {
    const std::string count = std::to_string(terms);
    const std::string height = std::to_string(rows);
    std::string values = "0";
    for (int i = 1; i < terms; ++i) values += ", 0";
    return "graph (%x: int16[1," + height + "," + count + "] q(1, 0)) -> () { const %w: int8[1," +
           count + "] q(1, 0) = {" + values + "} %y: int16[1," + height +
           ",1] q(1, 0) = FULLY_CONNECTED(%x, %w, _) {} }";
  };
  EXPECT_EQ(Broken(Target::kLiteRt, layer(512, 1)), "");
  EXPECT_EQ(Broken(Target::kLiteRt, layer(512, 2)), "");
  EXPECT_EQ(Broken(Target::kLiteRt, layer(1024, 1)),
            "with int16 data where greatest sum / output scale is 4.26e+09; its kernel is right "
            "below 2.15e+09");
}

TEST(ScaleLimitsTest, WhatIsTooSmallForOnert) {
  constexpr char kGraph[] = R"(graph (%x: uint8[2] q(1e-7, 0), %z: uint8[2] q(1e-7, 0)) -> () {
    %y: uint8[2] q(0.01, 0) = ADD(%x, %z) {}
  })";
  EXPECT_EQ(Broken(Target::kOnert, kGraph),
            "with uint8 data where input scale / output scale is 1e-05; its kernel is right from "
            "0.000244");
  EXPECT_EQ(Broken(Target::kLiteRt, kGraph), "");
}

TEST(ScaleLimitsTest, AClampIsANumberOfSteps) {
  const auto clamped = [](const char* fused) {
    return std::string(
               "graph (%x: int8[2] q(1e-9, 0)) -> () { %y: int8[2] q(1e-9, 0) = ADD(%x, %x) "
               "{fused_activation_function: ") +
           fused + "} }";
  };
  EXPECT_EQ(Broken(Target::kLiteRt, clamped("RELU6")),
            "with int8 data where output scale is 1e-09; its kernel is right from 3.73e-09");
  EXPECT_EQ(Broken(Target::kLiteRt, clamped("RELU")), "");
}

TEST(ScaleLimitsTest, Requantizations) {
  constexpr char kGraph[] = R"(graph (%x: int8[2] q(1e7, 0)) -> () {
    %y: int8[2] q(1, 0) = QUANTIZE(%x) {}
  })";
  EXPECT_EQ(Broken(Target::kLiteRt, kGraph),
            "with int8 data where input scale / output scale is 1e+07; its kernel is right below "
            "4.19e+06");
}

}  // namespace
}  // namespace q_implant
