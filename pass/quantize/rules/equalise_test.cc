// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/equalise.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

std::string Equalised(absl::string_view graph, absl::string_view annotations) {
  return NodesText(*PlanUpTo("equalise", graph, annotations));
}

TEST(EqualiseTest, WithOneInputTheOutputFollows) {
  for (const char* node : {"RESHAPE(%x, %i) {}", "MAX_POOL_2D(%x) {}", "TRANSPOSE(%x, %i) {}",
                           "AVERAGE_POOL_2D(%x) {}", "GATHER(%x, %i) {}",
                           "RESIZE_BILINEAR(%x, %i) {}", "CONCATENATION(%x) {}"}) {
    const std::string text = Equalised(
        absl::StrCat("graph (%x: float32[1], %i: int32[1]) -> () { %y: float32[1] = ", node, "}"),
        "tensor %x: int8[] q(1, 3)  tensor %y: int8[] q(2, 0)");
    EXPECT_NE(text.find("(int8 q(1, 3)"), std::string::npos) << node;
    EXPECT_NE(text.find("-> (int8 q(1, 3))\n"), std::string::npos) << node;
  }
}

TEST(EqualiseTest, EveryOutputOfASplitFollows) {
  EXPECT_EQ(Equalised("graph (%x: float32[2], %i: int32[]) -> () {"
                      "%y: float32[1], %z: float32[1] = SPLIT(%i, %x) {num_splits: 2} }",
                      "tensor %x: int8[] q(1, 3)  tensor %y: int8[] q(2, 0)"
                      "tensor %z: int8[] q(4, 0)"),
            "%y = SPLIT(-, int8 q(1, 3)) -> (int8 q(1, 3), int8 q(1, 3))\n");
}

TEST(EqualiseTest, WithSeveralInputsTheyFollowTheOutput) {
  for (const char* op : {"CONCATENATION", "PACK", "MAXIMUM", "MINIMUM"}) {
    EXPECT_EQ(Equalised(absl::StrCat("graph (%x: float32[1], %z: float32[1]) -> () {"
                                     "%y: float32[1] = ",
                                     op, "(%x, %z) {} }"),
                        "tensor %x: int8[] q(1, 3)  tensor %z: int8[] q(4, 0)"
                        "tensor %y: int8[] q(2, 0)"),
              absl::StrCat("%y = ", op, "(int8 q(2, 0), int8 q(2, 0)) -> (int8 q(2, 0))\n"));
  }
}

TEST(EqualiseTest, ConstantsFollowTheOutputToo) {
  EXPECT_EQ(Equalised(R"(graph (%x: float32[1]) -> () {
    const %c: float32[1] = {1}
    %y: float32[1] = MAXIMUM(%x, %c) {}
  })",
                      "tensor %x: int8[] q(1, 3)  tensor %y: int8[] q(2, 0)"),
            "%y = MAXIMUM(int8 q(2, 0), int8 q(2, 0)) -> (int8 q(2, 0))\n");
}

// A mover of nothing but a constant: it takes what comes out.
TEST(EqualiseTest, AConstantThatIsTheOnlyInputFollowsTheOutput) {
  EXPECT_EQ(Equalised(R"(graph (%i: int32[1]) -> () {
    const %table: float32[2] = {1, 2}
    %y: float32[1] = GATHER(%table, %i) {}
  })",
                      "tensor %y: int8[] q(2, 0)"),
            "%y = GATHER(int8 q(2, 0), -) -> (int8 q(2, 0))\n");
}

TEST(EqualiseTest, KernelsThatRescaleKeepWhatTheyHave) {
  EXPECT_EQ(Equalised("graph (%x: float32[1], %z: float32[1]) -> () {"
                      "%y: float32[1] = CONCATENATION(%x, %z) {} %r: float32[1] = RELU(%x) }",
                      "tensor %x: uint8[] q(1, 3)  tensor %z: uint8[] q(4, 0)"
                      "tensor %y: uint8[] q(2, 0)  tensor %r: uint8[] q(0.5, 0)"),
            "%y = CONCATENATION(uint8 q(1, 3), uint8 q(4, 0)) -> (uint8 q(2, 0))\n"
            "%r = RELU(uint8 q(1, 3)) -> (uint8 q(0.5, 0))\n");
}

TEST(EqualiseTest, OperatorsThatComputeKeepWhatTheyHave) {
  EXPECT_EQ(Equalised("graph (%x: float32[1], %z: float32[1]) -> () {"
                      "%y: float32[1] = MUL(%x, %z) {} }",
                      "tensor %x: int8[] q(1, 3)  tensor %z: int8[] q(4, 0)"
                      "tensor %y: int8[] q(2, 0)"),
            "%y = MUL(int8 q(1, 3), int8 q(4, 0)) -> (int8 q(2, 0))\n");
}

// The fill of a PadV2 is derived later; the output's parameters were made for it and the data.
TEST(EqualiseTest, PadTakesWhatItsOutputHas) {
  EXPECT_EQ(Equalised(R"(graph (%x: float32[1], %p: int32[1,2]) -> () {
    const %v: float32[] = {0}
    %y: float32[1] = PADV2(%x, %p, %v) {}
  })",
                      "tensor %x: int8[] q(1, 3)  tensor %y: int8[] q(2, 0)"),
            "%y = PADV2(int8 q(2, 0), -, -) -> (int8 q(2, 0))\n");
}

// LiteRT's int16 comparisons read one side's parameters; its 8-bit ones rescale (see the next
// test).
TEST(EqualiseTest, ComparedInputsTakeParametersThatCoverBoth) {
  EXPECT_EQ(Equalised("graph (%x: float32[1], %z: float32[1]) -> () {"
                      "%y: bool[1] = LESS(%x, %z) {} }",
                      "tensor %x: int16[] q(0.5, 0)  tensor %z: int16[] q(1, 0)"),
            "%y = LESS(int16 q(1, 0), int16 q(1, 0)) -> (-)\n");
}

TEST(EqualiseTest, ComparedInputsOf8BitsKeepTheirOwn) {
  EXPECT_EQ(Equalised("graph (%x: float32[1], %z: float32[1]) -> () {"
                      "%y: bool[1] = LESS(%x, %z) {} }",
                      "tensor %x: int8[] q(1, 3)  tensor %z: int8[] q(0.5, 0)"),
            "%y = LESS(int8 q(1, 3), int8 q(0.5, 0)) -> (-)\n");
}

TEST(EqualiseTest, ComparedInputsThatAgreeStay) {
  EXPECT_EQ(Equalised("graph (%x: float32[1], %z: float32[1]) -> () {"
                      "%y: bool[1] = EQUAL(%x, %z) {} }",
                      "tensor %x: int8[] q(0.3, 3)  tensor %z: int8[] q(0.3, 3)"),
            "%y = EQUAL(int8 q(0.3, 3), int8 q(0.3, 3)) -> (-)\n");
}

TEST(EqualiseTest, AComparedConstantInsideTheRangeChangesNothing) {
  EXPECT_EQ(Equalised(R"(graph (%x: float32[1]) -> () {
    const %c: float32[1] = {10}
    %y: bool[1] = LESS(%x, %c) {}
  })",
                      "tensor %x: int16[] q(0.3, 0)"),
            "%y = LESS(int16 q(0.3, 0), int16 q(0.3, 0)) -> (-)\n");
}

TEST(EqualiseTest, AComparisonWithInfinityStaysFloat32) {
  EXPECT_EQ(NodesText(*PlanUpTo("derive", R"(graph (%x: float32[1]) -> () {
    const %c: float32[1] = {inf}
    %y: bool[1] = LESS(%x, %c) {}
  })",
                                "tensor %x: uint8[] q(1, 0)")),
            "%y = LESS: the constant 'c' holds values that are not finite\n");
}

// A constant beyond what the other side covers is cut off behind its end: x < 65534 stays true of
// all.
TEST(EqualiseTest, AComparedConstantIsCovered) {
  EXPECT_EQ(NodesText(*PlanUpTo("derive", R"(graph (%x: float32[1]) -> () {
    const %c: float32[1] = {65534}
    %y: bool[1] = LESS(%x, %c) {}
  })",
                                "tensor %x: int16[] q(1, 0)")),
            "%y = LESS(int16 q(1.0000916, 0), int16 q(1.0000916, 0)) -> (-)\n");
}

TEST(EqualiseTest, OutputsThatKernelsFix) {
  EXPECT_EQ(Equalised("graph (%x: float32[1]) -> () {"
                      "%a: float32[1] = SOFTMAX(%x) {} %b: float32[1] = LOGISTIC(%x)"
                      "%c: float32[1] = TANH(%x) %d: float32[1] = LOG_SOFTMAX(%x) {} }",
                      "tensor %x: int8[] q(1, 3)  tensor %a: int8[] q(1, 0)"
                      "tensor %b: int8[] q(1, 0)  tensor %c: int8[] q(1, 0)"
                      "tensor %d: int8[] q(1, 0)"),
            "%a = SOFTMAX(int8 q(1, 3)) -> (int8 q(0.00390625, -128))\n"
            "%b = LOGISTIC(int8 q(1, 3)) -> (int8 q(0.00390625, -128))\n"
            "%c = TANH(int8 q(1, 3)) -> (int8 q(0.0078125, 0))\n"
            "%d = LOG_SOFTMAX(int8 q(1, 3)) -> (int8 q(0.0625, 127))\n");
}

// --- what becomes of it ---

TEST(EqualiseTest, InputsOfAConcatenationAreRequantized) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1], %z: float32[1]) -> (%y) {
    %y: float32[2] = CONCATENATION(%x, %z) {}
  })",
                     "tensor %x: int8[] q(1, 3)  tensor %z: int8[] q(2, 0)"
                     "tensor %y: int8[] q(2, 0)"),
            Canonical(R"(graph (%x: int8[1] q(1, 3), %z: int8[1] q(2, 0)) -> (%y) {
    %x_quantized: int8[1] q(2, 0) = QUANTIZE@2(%x) {}
    %y: int8[2] q(2, 0) = CONCATENATION(%x_quantized, %z) {}
  })"));
}

TEST(EqualiseTest, AFixedOutputIsRequantized) {
  EXPECT_EQ(Quantize("graph (%x: float32[1]) -> (%y) { %y: float32[1] = SOFTMAX(%x) {} }",
                     "tensor %x: int8[] q(1, 3)  tensor %y: int8[] q(0.0039, -128)"),
            Canonical(R"(graph (%x: int8[1] q(1, 3)) -> (%y) {
    %y_quantized: int8[1] q(0.00390625, -128) = SOFTMAX(%x) {}
    %y: int8[1] q(0.0039, -128) = QUANTIZE@2(%y_quantized) {}
  })"));
}

}  // namespace
}  // namespace q_implant
