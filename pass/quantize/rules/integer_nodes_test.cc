// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/integer_nodes.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

std::string Selected(absl::string_view graph, absl::string_view annotations) {
  return NodesText(*PlanUpTo("integer nodes", graph, annotations));
}

// --- operators ---

TEST(IntegerNodesTest, FusedActivationsWithoutAKernel) {
  for (const char* activation : {"TANH", "SIGN_BIT"}) {
    EXPECT_EQ(Selected(absl::StrCat("graph (%x: float32[1]) -> () { %y: float32[1] = ADD(%x, %x) ",
                                    "{fused_activation_function: ", activation, "} }"),
                       "tensor %x: int8[] q(1, 0)  tensor %y: int8[] q(1, 0)"),
              "%y = ADD: no integer kernel fuses its activation\n");
  }
  EXPECT_EQ(Selected("graph (%x: float32[1]) -> () { %y: float32[1] = ADD(%x, %x) "
                     "{fused_activation_function: RELU6} }",
                     "tensor %x: int8[] q(1, 0)  tensor %y: int8[] q(1, 0)"),
            "%y = ADD(int8 q(1, 0), int8 q(1, 0)) -> (int8 q(1, 0))\n");
}

// --- weights and biases ---

// A FullyConnected with these inputs, beside annotated %x and %y.
std::string Dense(absl::string_view inputs, absl::string_view annotations,
                  absl::string_view options = "{}") {
  return Selected(
      absl::StrCat(R"(graph (%x: float32[1,2], %run: float32[2]) -> (%y) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    const %b: float32[2] = {1, 2}
    const %short: float32[1] = {1}
    const %column: float32[2,1] = {1, 2}
    %y: float32[1,2] = FULLY_CONNECTED()",
                   inputs, ") ", options, "}"),
      absl::StrCat("tensor %x: int8[] q(1, 0)  tensor %y: int8[] q(1, 0)", annotations));
}

TEST(IntegerNodesTest, NoWeights) {
  EXPECT_EQ(Dense("%x", ""), "%y = FULLY_CONNECTED: it has no weights\n");
  EXPECT_EQ(Dense("%x, _", ""), "%y = FULLY_CONNECTED: it has no weights\n");
}

TEST(IntegerNodesTest, WeightsAreNeverDerived) {
  EXPECT_EQ(Dense("%x, %w, %b", ""), "%y = FULLY_CONNECTED: the weights 'w' have no parameters\n");
}

TEST(IntegerNodesTest, PinnedWeightsOrBias) {
  EXPECT_EQ(Dense("%x, %w, %b", "tensor %w: float32[]"),
            "%y = FULLY_CONNECTED: 'w' is pinned to float32\n");
  EXPECT_EQ(Dense("%x, %w, %b", "tensor %w: int8[] q(1, 0)  tensor %b: float32[]"),
            "%y = FULLY_CONNECTED: the bias 'b' is pinned to float32\n");
}

TEST(IntegerNodesTest, WeightsOfATypeThatNoKernelTakes) {
  EXPECT_EQ(Dense("%x, %w, %b", "tensor %w: uint8[] q(1, 0)"),
            "%y = FULLY_CONNECTED: no kernel takes weights of uint8 scale 1 zero point 0 ('w') "
            "beside int8 data\n");
  EXPECT_EQ(Dense("%x, %w, %b", "tensor %w: int16[] q(1, 0)"),
            "%y = FULLY_CONNECTED: no kernel takes weights of int16 scale 1 zero point 0 ('w') "
            "beside int8 data\n");
}

TEST(IntegerNodesTest, WeightsThatKernelsTake) {
  for (const auto& [data, weights] :
       {std::pair("uint8", "uint8"), std::pair("uint8", "int8"), std::pair("int8", "int8"),
        std::pair("int8", "int4"), std::pair("int16", "int16"), std::pair("int16", "int8"),
        std::pair("int16", "int4")}) {
    EXPECT_EQ(Selected(R"(graph (%x: float32[1,2]) -> (%y) {
      const %w: float32[2,2] = {1, 2, 3, 4}
      %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
    })",
                       absl::StrCat("tensor %x: ", data, "[] q(1, 0) tensor %y: ", data,
                                    "[] q(1, 0)  tensor %w: ", weights, "[] q(1, 0)")),
              absl::StrCat("%y = FULLY_CONNECTED(", data, " q(1, 0), ", weights,
                           " q(1, 0), -) -> (", data, " q(1, 0))\n"));
  }
}

// LiteRT's kernels of signed weights leave the zero point out, but for FullyConnected.
TEST(IntegerNodesTest, AZeroPointThatKernelsLeaveOut) {
  constexpr char kConv[] = R"(graph (%x: float32[1,1,1,1]) -> (%y) {
    const %w: float32[1,1,1,1] = {1}
    %y: float32[1,1,1,1] = CONV_2D(%x, %w, _) {}
  })";
  EXPECT_EQ(
      Selected(kConv,
               "tensor %x: int8[] q(1, 3)  tensor %y: int8[] q(2, 0)  tensor %w: int8[] q(1, 4)"),
      "%y = CONV_2D: no kernel takes weights of int8 scale 1 zero point 4 ('w') beside int8 "
      "data\n");
  EXPECT_EQ(Dense("%x, %w, _", "tensor %w: int8[] q(1, 4)").find("no kernel"), std::string::npos);
}

TEST(IntegerNodesTest, ScalesAlongAnotherAxis) {
  EXPECT_EQ(Dense("%x, %w, %b", "tensor %w: int8[] q([1, 2], 0, axis 1)"),
            "%y = FULLY_CONNECTED: the scales of 'w' lie along axis 1, its kernels need axis 0\n");
  EXPECT_EQ(Selected(R"(graph (%x: float32[1,1,1,2]) -> (%y) {
    const %w: float32[1,1,1,2] = {1, 2}
    %y: float32[1,1,1,2] = DEPTHWISE_CONV_2D(%x, %w, _) {}
  })",
                     "tensor %x: int8[] q(1, 0)  tensor %y: int8[] q(1, 0)"
                     "tensor %w: int8[] q([1, 2], 0, axis 3)"),
            "%y = DEPTHWISE_CONV_2D(int8 q(1, 0), int8 q([1, 2], 0, axis 3), -) -> "
            "(int8 q(1, 0))\n");
}

TEST(IntegerNodesTest, ABiasThatIsComputed) {
  EXPECT_EQ(Dense("%x, %w, %run", "tensor %w: int8[] q(1, 0)"),
            "%y = FULLY_CONNECTED: the bias 'run' is computed at run time\n");
}

TEST(IntegerNodesTest, ABiasWhoseChannelsAreNotLast) {
  EXPECT_EQ(Dense("%x, %w, %column", "tensor %w: int8[] q([1, 2], 0, axis 0)"),
            "%y = FULLY_CONNECTED: the channels of the bias 'column' do not lie along the last "
            "axis of [2,1]\n");
}

TEST(IntegerNodesTest, ABiasThatIsTooShort) {
  EXPECT_EQ(Dense("%x, %w, %short", "tensor %w: int8[] q([1, 2], 0, axis 0)"),
            "%y = FULLY_CONNECTED: the bias 'short' has 1 elements for 2 channels\n");
}

TEST(IntegerNodesTest, ShuffledWeights) {
  EXPECT_EQ(Dense("%x, %w, %b", "tensor %w: int8[] q(1, 0)", "{weights_format: SHUFFLED4x16INT8}"),
            "%y = FULLY_CONNECTED: its weights are shuffled\n");
}

}  // namespace
}  // namespace q_implant
