// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/limit_scales.h"

#include <string>

#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

const QuantizeOptions kLiteRt = {.target = Target::kLiteRt};
const QuantizeOptions kOnert = {.target = Target::kOnert};

std::string Limited(const QuantizeOptions& options, absl::string_view graph,
                    absl::string_view annotations) {
  return NodesText(*PlanUpTo("limits", graph, annotations, options));
}

constexpr char kAdd[] =
    "graph (%x: float32[2], %z: float32[2]) -> () { %y: float32[2] = ADD(%x, %z) {} }";
constexpr char kSub[] =
    "graph (%x: float32[2], %z: float32[2]) -> () { %y: float32[2] = SUB(%x, %z) {} }";
constexpr char kDense[] = R"(graph (%x: float32[1,2]) -> () {
    const %w: float32[2,2] = {1, 2, 3, 4}
    const %b: float32[2] = {0, 0}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, %b) {}
  })";

}  // namespace

TEST(LimitScalesTest, WithoutATargetNothingChanges) {
  EXPECT_EQ(Limited({}, kAdd,
                    "tensor %x: int16[] q(1, 0)  tensor %z: int16[] q(40000, 0)"
                    "tensor %y: int16[] q(1, 0)"),
            "%y = ADD(int16 q(1, 0), int16 q(40000, 0)) -> (int16 q(1, 0))\n");
}

// y holds -1280 to 1270, z -12.8 to 12.7: so much can matter of x, with a step more on either side.
TEST(LimitScalesTest, AWideInputOfAddIsCutOff) {
  EXPECT_EQ(Limited(kLiteRt, kAdd,
                    "tensor %x: int8[] q(4000, 0)  tensor %z: int8[] q(0.1, 0)"
                    "tensor %y: int8[] q(10, 0)"),
            "%y = ADD(int8 q(10.1784315, 0), int8 q(0.1, 0)) -> (int8 q(10, 0))\n");
}

TEST(LimitScalesTest, AWideInputOfSubIsCutOff) {
  EXPECT_EQ(Limited(kLiteRt, kSub,
                    "tensor %x: int16[] q(1, 0)  tensor %z: int16[] q(100000, 0)"
                    "tensor %y: int16[] q(4, 0)"),
            "%y = SUB(int16 q(1, 0), int16 q(5.000244, 0)) -> (int16 q(4, 0))\n");
}

TEST(LimitScalesTest, WhereBothAreWideTheNodeIsFloat32) {
  EXPECT_EQ(Limited(kLiteRt, kAdd,
                    "tensor %x: int8[] q(100, 0)  tensor %z: int8[] q(100, 0)"
                    "tensor %y: int8[] q(1, 0)"),
            "%y = ADD: on LiteRT, input scale / output scale is 100; its kernel is right below "
            "64\n");
}

// What matters of x spans 5120, in steps of 20: half of one is more than 3/4 of a step of y.
TEST(LimitScalesTest, AWideInputThatWouldBeCoarseAllTheSameIsNotCutOff) {
  EXPECT_EQ(Limited(kLiteRt, kAdd,
                    "tensor %x: int8[] q(4000, 0)  tensor %z: int8[] q(10, 0)"
                    "tensor %y: int8[] q(10, 0)"),
            "%y = ADD: on LiteRT, input scale / output scale is 400; its kernel is right below "
            "64\n");
}

TEST(LimitScalesTest, FineInputsAreCoarserForOnert) {
  EXPECT_EQ(Limited(kOnert, kAdd,
                    "tensor %x: uint8[] q(1e-9, 3)  tensor %z: uint8[] q(1e-7, 4)"
                    "tensor %y: uint8[] q(1, 0)"),
            "%y = ADD(uint8 q(0.00390625, 3), uint8 q(0.00390625, 4)) -> (uint8 q(1, 0))\n");
}

// With the bias, whose scale is that of data x weights.
TEST(LimitScalesTest, FineDataOfALayerIsCoarserForOnert) {
  EXPECT_EQ(
      Limited(kOnert, kDense,
              "tensor %x: uint8[] q(1e-7, 3)  tensor %w: uint8[] q(1e-7, 4)"
              "tensor %y: uint8[] q(1, 0)"),
      "%y = FULLY_CONNECTED(uint8 q(0.074505806, 3), uint8 q(1e-07, 4), int32 q(7.450581e-09, 0))"
      " -> (uint8 q(1, 0))\n");
}

// The second channel's weights are such that coarse data would cost much.
TEST(LimitScalesTest, WhereCoarserDataCostsTooMuchTheLayerIsFloat32) {
  constexpr char kConv[] = R"(graph (%x: float32[1,2,2,1]) -> () {
    const %w: float32[2,1,1,1] = {1, 2}
    const %b: float32[2] = {0, 0}
    %y: float32[1,2,2,2] = CONV_2D(%x, %w, %b) {stride_w: 1, stride_h: 1}
  })";
  EXPECT_EQ(
      Limited(kOnert, kConv,
              "tensor %x: uint8[] q(1e-7, 3)"
              "tensor %w: uint8[] q([1e-7, 1], 128, axis 0)"
              "tensor %y: uint8[] q(0.001, 0)"),
      "%y = CONV_2D: on onert, data scale x weights scale / output scale is 1e-11; its kernel is "
      "right from 4.66e-10\n");
}

TEST(LimitScalesTest, ALayerBeyondXnnpackIsFloat32) {
  EXPECT_EQ(Limited(kLiteRt, kDense,
                    "tensor %x: int8[] q(0.5, 3)  tensor %w: int8[] q([0.5, 0.01], 0, axis 0)"
                    "tensor %y: int8[] q(1e-5, 0)"),
            "%y = FULLY_CONNECTED: on LiteRT, data scale x weights scale / output scale is "
            "2.5e+04; its kernel is right below 256\n");
}

}  // namespace q_implant
