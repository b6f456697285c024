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

TEST(IntegerNodesTest, TakesTheParametersOfItsDataAndWeights) {
  EXPECT_EQ(Selected(R"(graph (%x: float32[1,2]) -> (%z) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    const %b: float32[2] = {1, 2}
    const %axis: int32[1] = {0}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, %b) {}
    %z: float32[1] = MEAN(%y, %axis) {}
  })",
                     R"(
    tensor %x: int8[] q(0.5, 3)
    tensor %w: int8[] q([0.25, 0.5], 0, axis 0)
    tensor %y: int8[] q(1, 0)
    tensor %z: int8[] q(2, 1)
  )"),
            "%y = FULLY_CONNECTED(int8 q(0.5, 3), int8 q([0.25, 0.5], 0, axis 0), -) -> "
            "(int8 q(1, 0))\n"
            "%z = MEAN(int8 q(1, 0), -) -> (int8 q(2, 1))\n");
}

TEST(IntegerNodesTest, NodesWithoutParametersAreNoMatterOfTheRule) {
  EXPECT_EQ(Selected(R"(graph (%x: float32[1], %i: int32[1], %q: int8[1] q(1, 0)) -> () {
    %a: float32[1] = SIN(%x)
    %j: int32[1] = ADD(%i, %i) {}
    %r: int8[1] q(2, 0) = ADD(%q, %q) {}
    %y: float32[1] = EXP(%x) {}
  })",
                     "tensor %i2: float32[]"),
            "");
}

// --- data ---

constexpr char kAdd[] =
    "graph (%x: float32[1], %z: float32[1]) -> (%y) {"
    "%y: float32[1] = ADD(%x, %z) {} }";

TEST(IntegerNodesTest, EveryTensorOfDataNeedsParameters) {
  EXPECT_EQ(Selected(kAdd, "tensor %x: int8[] q(1, 0)  tensor %z: int8[] q(1, 0)"),
            "%y = ADD: 'y' has no parameters\n");
  EXPECT_EQ(Selected(kAdd, "tensor %y: int8[] q(1, 0)  tensor %x: int8[] q(1, 0)"),
            "%y = ADD: 'z' has no parameters\n");
}

// LiteRT's int16 BatchMatMul multiplies with an int8 constant, but not with other int8 data.
TEST(IntegerNodesTest, Int8ConstantsBesideInt16Data) {
  EXPECT_EQ(Selected(R"(graph (%x: float32[2,2], %z: float32[2,2]) -> (%y) {
    const %c: float32[2,2] = {1, 2, 3, 4}
    const %odd: float32[2,2] = {1, 2, 3, 4}
    %a: float32[2,2] = BATCH_MATMUL(%x, %c) {}
    %b: float32[2,2] = BATCH_MATMUL(%a, %odd) {}
    %y: float32[2,2] = BATCH_MATMUL(%b, %z) {}
  })",
                     R"(
    tensor %x: int16[] q(1, 0)
    tensor %c: int8[] q(0.5, 0)
    tensor %a: int16[] q(2, 0)
    tensor %odd: int8[] q(0.5, 3)
    tensor %b: int16[] q(4, 0)
    tensor %z: int8[] q(0.5, 0)
    tensor %y: int16[] q(8, 0))"),
            "%a = BATCH_MATMUL(int16 q(1, 0), int8 q(0.5, 0)) -> (int16 q(2, 0))\n"
            "%b = BATCH_MATMUL(int16 q(2, 0), -) -> (int16 q(4, 0))\n"
            "%y = BATCH_MATMUL(int16 q(4, 0), int16 q(0.0019531846, 0)) -> (int16 q(8, 0))\n");
}

TEST(IntegerNodesTest, PinnedData) {
  EXPECT_EQ(Selected(kAdd,
                     "tensor %x: int8[] q(1, 0)  tensor %z: int8[] q(1, 0)"
                     "tensor %y: float32[]"),
            "%y = ADD: 'y' is pinned to float32\n");
  EXPECT_EQ(Selected(R"(graph (%x: float32[1]) -> (%y) {
    const %c: float32[1] = {1}
    %y: float32[1] = ADD(%x, %c) {}
  })",
                     "tensor %x: int8[] q(1, 0)  tensor %y: int8[] q(1, 0)  tensor %c: float32[]"),
            "%y = ADD: 'c' is pinned to float32\n");
}

TEST(IntegerNodesTest, ConstantsNeedNoParameters) {
  EXPECT_EQ(Selected(R"(graph (%x: float32[1]) -> (%y) {
    const %c: float32[1] = {1}
    %y: float32[1] = ADD(%x, %c) {}
  })",
                     "tensor %x: int8[] q(1, 0)  tensor %y: int8[] q(1, 0)"),
            "%y = ADD(int8 q(1, 0), -) -> (int8 q(1, 0))\n");
}

TEST(IntegerNodesTest, DataWithAScalePerChannel) {
  EXPECT_EQ(Selected(R"(graph (%x: float32[2]) -> (%y) {
    const %c: float32[2] = {1, 2}
    %y: float32[2] = ADD(%x, %c) {}
  })",
                     "tensor %x: int8[] q(1, 0)  tensor %y: int8[] q(1, 0)"
                     "tensor %c: int8[] q([1, 2], 0, axis 0)"),
            "%y = ADD: 'c' has a scale per channel, which data can't have\n");
}

TEST(IntegerNodesTest, NothingButConstants) {
  EXPECT_EQ(Selected(R"(graph () -> (%y) {
    const %c: float32[1] = {1}
    const %d: float32[1] = {1}
    %y: bool[1] = LESS(%c, %d) {}
  })",
                     "tensor %c: int8[] q(1, 0)"),
            "%y = LESS: none of its data has parameters\n");
}

TEST(IntegerNodesTest, AnUnnamedTensorIsCalledByItsPosition) {
  EXPECT_EQ(Selected("graph (%x: float32[1], %#1: float32[1]) -> (%y) {"
                     "%y: float32[1] = ADD(%x, %#1) {} }",
                     "tensor %x: int8[] q(1, 0)"),
            "%y = ADD: '#0/1' has no parameters\n");
}

// --- operators ---

TEST(IntegerNodesTest, OperatorsWithoutAKernel) {
  EXPECT_EQ(Selected("graph (%x: float32[1]) -> () { %y: float32[1] = SIN(%x) }",
                     "tensor %x: int8[] q(1, 0)"),
            "%y = SIN: the operator has no integer kernel\n");
  EXPECT_EQ(Selected("graph (%x: float32[1]) -> () { %y: float32[1] = CUSTOM \"Mine\"(%x) }",
                     "tensor %x: int8[] q(1, 0)"),
            "%y = CUSTOM: q-implant knows of no integer kernel of it\n");
  EXPECT_EQ(Selected("graph (%x: float32[1]) -> () {"
                     "%y: float32[1] = WHILE(%x) {cond_subgraph_index: 0} }",
                     "tensor %x: int8[] q(1, 0)"),
            "%y = WHILE: q-implant knows of no integer kernel of it\n");
}

TEST(IntegerNodesTest, OperatorsWithoutAKernelForTheType) {
  EXPECT_EQ(Selected("graph (%x: float32[1]) -> () { %y: float32[1] = EXP(%x) {} }",
                     "tensor %x: uint8[] q(1, 0)  tensor %y: uint8[] q(1, 0)"),
            "%y = EXP: the operator has no uint8 kernel\n");
}

TEST(IntegerNodesTest, Conversions) {
  EXPECT_EQ(Selected("graph (%x: float32[1]) -> () { %q: int8[1] q(1, 0) = QUANTIZE(%x) {} }",
                     "tensor %x: int8[] q(1, 0)"),
            "%q = QUANTIZE: it converts\n");
}

TEST(IntegerNodesTest, Intermediates) {
  EXPECT_EQ(Selected("graph (%x: float32[1]) -> () { tensor %i: float32[1]"
                     "%y: float32[1] = ADD(%x, %x) intermediates(%i) {} }",
                     "tensor %x: int8[] q(1, 0)  tensor %y: int8[] q(1, 0)"),
            "%y = ADD: it has intermediates\n");
}

TEST(IntegerNodesTest, AnInputOfFloat32ThatNoKernelTakes) {
  EXPECT_EQ(Selected("graph (%x: float32[1], %p: int32[1,2], %v: float32[1]) -> () {"
                     "%y: float32[1] = PAD(%x, %p, %v) {} }",
                     "tensor %x: int8[] q(1, 0)  tensor %y: int8[] q(1, 0)"),
            "%y = PAD: input 2 is float32 in its integer kernels too\n");
}

TEST(IntegerNodesTest, AFillThatIsComputed) {
  EXPECT_EQ(Selected("graph (%x: float32[1], %p: int32[1,2], %v: float32[1]) -> () {"
                     "%y: float32[1] = PADV2(%x, %p, %v) {} }",
                     "tensor %x: int8[] q(1, 0)  tensor %y: int8[] q(1, 0)"),
            "%y = PADV2: 'v', which fills gaps, is computed at run time\n");
}

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

TEST(IntegerNodesTest, Int16WithAZeroPoint) {
  EXPECT_EQ(Selected("graph (%x: float32[1]) -> () { %y: float32[1] = EXP(%x) {} }",
                     "tensor %x: int16[] q(1, 3)  tensor %y: int16[] q(2, 0)"),
            "%y = EXP: 'x' is int16 with a zero point, which kernels take for 0\n");
}

TEST(IntegerNodesTest, ScalesAlongAnotherAxis) {
  EXPECT_EQ(Dense("%x, %w, %b", "tensor %w: int8[] q([1, 2], 0, axis 1)"),
            "%y = FULLY_CONNECTED: the scales of 'w' lie along axis 1, its kernels want axis 0\n");
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

// --- several types of data ---

// 257 is the scale that lets -32768..32767 fit into 8 bits.
TEST(IntegerNodesTest, OperatorsWithWeightsComputeInTheTypeOfTheirInput) {
  EXPECT_EQ(Selected(R"(graph (%x: float32[1,1]) -> (%y) {
    const %w: float32[1,1] = {1}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w, _) {}
  })",
                     "tensor %x: int8[] q(1, 0)  tensor %w: int8[] q(1, 0)"
                     "tensor %y: int16[] q(1, 0)"),
            "%y = FULLY_CONNECTED(int8 q(1, 0), int8 q(1, 0), -) -> (int8 q(257, 0))\n");
}

// -131..124 in int16: 131 / 32767.
TEST(IntegerNodesTest, ElementwiseOperatorsComputeInTheWiderType) {
  EXPECT_EQ(Selected(kAdd,
                     "tensor %x: int8[] q(1, 3)  tensor %z: int16[] q(1, 0)"
                     "tensor %y: int8[] q(1, 3)"),
            "%y = ADD(int16 q(0.0039979247, 0), int16 q(1, 0)) -> (int16 q(0.0039979247, 0))\n");
  EXPECT_EQ(Selected(kAdd,
                     "tensor %x: int8[] q(1, 3)  tensor %z: int8[] q(1, 3)"
                     "tensor %y: int16[] q(1, 0)"),
            "%y = ADD(int16 q(0.0039979247, 0), int16 q(0.0039979247, 0)) -> (int16 q(1, 0))\n");
}

TEST(IntegerNodesTest, TheOutputDecidesBetweenUint8AndInt8) {
  EXPECT_EQ(Selected(kAdd,
                     "tensor %x: uint8[] q(1, 3)  tensor %z: int8[] q(1, 3)"
                     "tensor %y: int8[] q(2, 0)"),
            "%y = ADD(int8 q(1, -125), int8 q(1, 3)) -> (int8 q(2, 0))\n");
  EXPECT_EQ(Selected(kAdd,
                     "tensor %x: uint8[] q(1, 3)  tensor %z: int8[] q(1, 3)"
                     "tensor %y: uint8[] q(2, 0)"),
            "%y = ADD(uint8 q(1, 3), uint8 q(1, 131)) -> (uint8 q(2, 0))\n");
}

TEST(IntegerNodesTest, WithOneInputItDecides) {
  EXPECT_EQ(Selected("graph (%x: float32[1]) -> () { %y: float32[1] = EXP(%x) {} }",
                     "tensor %x: int8[] q(1, 3)  tensor %y: uint8[] q(2, 0)"),
            "%y = EXP(int8 q(1, 3)) -> (int8 q(2, -128))\n");
}

TEST(IntegerNodesTest, AnAnnotatedConstantFollowsTheData) {
  EXPECT_EQ(Selected(R"(graph (%x: float32[1]) -> (%y) {
    const %c: float32[1] = {1}
    %y: float32[1] = ADD(%x, %c) {}
  })",
                     "tensor %x: int8[] q(1, 3)  tensor %y: int8[] q(2, 0)"
                     "tensor %c: uint8[] q(1, 3)"),
            "%y = ADD(int8 q(1, 3), int8 q(1, -125)) -> (int8 q(2, 0))\n");
}

}  // namespace
}  // namespace q_implant
