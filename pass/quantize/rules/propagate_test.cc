// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/propagate.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

std::string Propagated(absl::string_view graph, absl::string_view annotations) {
  return TensorsText(*PlanUpTo("state", graph, annotations));
}

// --- forward ---

TEST(PropagateTest, ForwardThroughMoversAndClamps) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[1,4,4,2]) -> (%y) {
    tensor %shape: int32[2]
    %a: float32[1,2,2,2] = MAX_POOL_2D(%x) {}
    %b: float32[1,8] = RESHAPE(%a, %shape) {}
    %c: float32[1,8] = RELU(%b)
    %d: float32[1,8] = TRANSPOSE(%c, %shape) {}
    %y: float32[1,8] = EXP(%d) {}
  })",
                       "tensor %x: int8[] q(0.5, 3)"),
            "%x: annotated int8 q(0.5, 3)\n"
            "%a: propagated from %x int8 q(0.5, 3)\n"
            "%b: propagated from %a int8 q(0.5, 3)\n"
            "%c: propagated from %b int8 q(0.5, 3)\n"
            "%d: propagated from %c int8 q(0.5, 3)\n");
}

TEST(PropagateTest, NotThroughOperatorsThatCompute) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[1]) -> (%y) {
    %a: float32[1] = ADD(%x, %x) {}
    %b: float32[1] = LEAKY_RELU(%x) {}
    %y: float32[1] = SIN(%x)
  })",
                       "tensor %x: int8[] q(0.5, 3)"),
            "%x: annotated int8 q(0.5, 3)\n");
}

TEST(PropagateTest, NotOntoGraphInputsAndOutputs) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[1], %z: float32[1]) -> (%y) {
    tensor %shape: int32[1]
    %y: float32[1] = RESHAPE(%x, %shape) {}
    %a: float32[1] = RESHAPE(%z, %shape) {}
  })",
                       "tensor %x: int8[] q(0.5, 3)  tensor %a: int8[] q(0.25, 0)"),
            "%x: annotated int8 q(0.5, 3)\n%a: annotated int8 q(0.25, 0)\n");
}

TEST(PropagateTest, NeitherOntoNorThroughAPinnedTensor) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[1]) -> (%y) {
    tensor %shape: int32[1]
    %a: float32[1] = RESHAPE(%x, %shape) {}
    %b: float32[1] = RESHAPE(%a, %shape) {}
    %y: float32[1] = EXP(%b) {}
  })",
                       "tensor %x: int8[] q(0.5, 3)  tensor %a: float32[]"),
            "%x: annotated int8 q(0.5, 3)\n%a: pinned\n");
}

TEST(PropagateTest, OnlyFloat32IsGivenParameters) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[4]) -> () {
    tensor %k: int32[1]
    tensor %state: float32[4] variable
    %top: float32[1], %where: int32[1] = TOPK_V2(%x, %k) {}
    %state = RESHAPE(%x, %k) {}
  })",
                       "tensor %x: int8[] q(0.5, 3)"),
            "%x: annotated int8 q(0.5, 3)\n%top: propagated from %x int8 q(0.5, 3)\n");
}

TEST(PropagateTest, OnlyInTypesThatTheOperatorHasAKernelFor) {
  constexpr char kGraph[] = R"(graph (%x: float32[1]) -> () {
    tensor %shape: int32[1]
    %a: float32[1] = RESHAPE(%x, %shape) {}
    %b: float32[1] = RELU_N1_TO_1(%x)
  })";
  EXPECT_EQ(Propagated(kGraph, "tensor %x: int16[] q(0.5, 0)"),
            "%x: annotated int16 q(0.5, 0)\n%a: propagated from %x int16 q(0.5, 0)\n");
  EXPECT_EQ(Propagated(kGraph, "tensor %x: int32[] q(0.5, 0)"), "%x: annotated int32 q(0.5, 0)\n");
}

TEST(PropagateTest, WhatTheModelBringsSpreadsToo) {
  EXPECT_EQ(Propagated(R"(graph (%x: int8[1] q(0.5, 3)) -> () {
    tensor %shape: int32[1]
    %a: float32[1] = RESHAPE(%x, %shape) {}
  })",
                       ""),
            "%x: existing int8 q(0.5, 3)\n%a: propagated from %x int8 q(0.5, 3)\n");
}

// Each operator with several inputs of data, with the arguments that stand around them.
constexpr const char* kSeveralInputs[] = {
    "CONCATENATION(%p, %q) {}", "PACK(%p, %q) {}",       "MAXIMUM(%p, %q) {}",
    "MINIMUM(%p, %q) {}",       "SELECT(%i, %p, %q) {}", "SELECT_V2(%i, %p, %q) {}",
};

TEST(PropagateTest, ForwardFromSeveralInputsOnlyIfAllAreAlike) {
  for (const char* node : kSeveralInputs) {
    const std::string graph = absl::StrCat(
        "graph (%p: float32[1], %q: float32[1], %i: bool[1]) -> () { %y: float32[1] = ", node, "}");
    EXPECT_EQ(Propagated(graph, "tensor %p: int8[] q(1, 3)  tensor %q: int8[] q(1, 3)"),
              "%p: annotated int8 q(1, 3)\n%q: annotated int8 q(1, 3)\n"
              "%y: propagated from %p int8 q(1, 3)\n")
        << node;
    EXPECT_EQ(Propagated(graph, "tensor %p: int8[] q(1, 3)  tensor %q: int8[] q(1, 4)"),
              "%p: annotated int8 q(1, 3)\n%q: annotated int8 q(1, 4)\n")
        << node;
    EXPECT_EQ(Propagated(graph, "tensor %p: int8[] q(1, 3)"), "%p: annotated int8 q(1, 3)\n")
        << node;
  }
}

TEST(PropagateTest, ConstantsAmongTheInputsDoNotMatter) {
  EXPECT_EQ(Propagated(R"(graph (%p: float32[1]) -> () {
    const %q: float32[1] = {1}
    const %r: float32[1] = {2}
    %y: float32[3] = CONCATENATION(%p, %q, %r) {}
  })",
                       "tensor %p: int8[] q(1, 3)  tensor %r: int8[] q(2, 0)"),
            "%p: annotated int8 q(1, 3)\n%r: annotated int8 q(2, 0)\n"
            "%y: propagated from %p int8 q(1, 3)\n");
}

TEST(PropagateTest, ADiamondMeetsAgain) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[1]) -> () {
    tensor %i: int32[1]
    %a: float32[1] = RESHAPE(%x, %i) {}
    %b: float32[1] = TRANSPOSE(%x, %i) {}
    %c: float32[1] = CONCATENATION(%a, %b) {}
  })",
                       "tensor %x: int8[] q(1, 3)"),
            "%x: annotated int8 q(1, 3)\n"
            "%a: propagated from %x int8 q(1, 3)\n"
            "%b: propagated from %x int8 q(1, 3)\n"
            "%c: propagated from %a int8 q(1, 3)\n");
}

// --- backward ---

TEST(PropagateTest, BackwardThroughMovers) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[1]) -> () {
    tensor %i: int32[1]
    %a: float32[1] = EXP(%x) {}
    %b: float32[1] = RESHAPE(%a, %i) {}
    %c: float32[1] = MAX_POOL_2D(%b) {}
    %d: float32[1] = TRANSPOSE(%c, %i) {}
  })",
                       "tensor %d: int8[] q(1, 3)"),
            "%a: propagated from %b int8 q(1, 3)\n"
            "%b: propagated from %c int8 q(1, 3)\n"
            "%c: propagated from %d int8 q(1, 3)\n"
            "%d: annotated int8 q(1, 3)\n");
}

TEST(PropagateTest, BackwardFromReluToTheConvolution) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[1,1,1,1]) -> (%y) {
    const %w: float32[1,1,1,1] = {1}
    %a: float32[1,1,1,1] = CONV_2D(%x, %w, _) {}
    %y: float32[1,1,1,1] = RELU(%a)
  })",
                       "tensor %y: uint8[] q(0.5, 0)"),
            "%a: propagated from %y uint8 q(0.5, 0)\n%y: annotated uint8 q(0.5, 0)\n");
}

TEST(PropagateTest, NotBackwardThroughReluWhereSomeoneElseReads) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[1]) -> (%y, %z) {
    %a: float32[1] = ADD(%x, %x) {}
    %y: float32[1] = RELU(%a)
    %z: float32[1] = EXP(%a) {}
  })",
                       "tensor %y: uint8[] q(0.5, 0)"),
            "%y: annotated uint8 q(0.5, 0)\n");
}

TEST(PropagateTest, NotBackwardThroughReluToAGraphOutput) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[1]) -> (%y, %a) {
    %a: float32[1] = ADD(%x, %x) {}
    %y: float32[1] = RELU(%a)
  })",
                       "tensor %y: uint8[] q(0.5, 0)"),
            "%y: annotated uint8 q(0.5, 0)\n");
}

// Only a kernel that computes clamps to the range of its output at no loss.
TEST(PropagateTest, NotBackwardThroughReluToWhatOnlyMoves) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[1]) -> (%y) {
    tensor %i: int32[1]
    %a: float32[1] = RESHAPE(%x, %i) {}
    %y: float32[1] = RELU6(%a)
  })",
                       "tensor %y: uint8[] q(0.5, 0)"),
            "%y: annotated uint8 q(0.5, 0)\n");
}

TEST(PropagateTest, NotBackwardThroughReluToAnOperatorWithoutAKernel) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[1]) -> (%y) {
    %a: float32[1] = SIN(%x)
    %y: float32[1] = RELU(%a)
  })",
                       "tensor %y: uint8[] q(0.5, 0)"),
            "%y: annotated uint8 q(0.5, 0)\n");
}

TEST(PropagateTest, BackwardToWhatSeveralReadAlike) {
  constexpr char kGraph[] = R"(graph (%x: float32[1]) -> (%b, %c) {
    tensor %i: int32[1]
    %a: float32[1] = EXP(%x) {}
    %b: float32[1] = RESHAPE(%a, %i) {}
    %c: float32[1] = TRANSPOSE(%a, %i) {}
  })";
  EXPECT_EQ(Propagated(kGraph, "tensor %b: int8[] q(1, 3)  tensor %c: int8[] q(1, 3)"),
            "%a: propagated from %b int8 q(1, 3)\n"
            "%b: annotated int8 q(1, 3)\n%c: annotated int8 q(1, 3)\n");
  EXPECT_EQ(Propagated(kGraph, "tensor %b: int8[] q(1, 3)  tensor %c: int8[] q(1, 4)"),
            "%b: annotated int8 q(1, 3)\n%c: annotated int8 q(1, 4)\n");
  EXPECT_EQ(Propagated(kGraph, "tensor %b: int8[] q(1, 3)"), "%b: annotated int8 q(1, 3)\n");
}

TEST(PropagateTest, BackwardToEveryInput) {
  for (const char* node : kSeveralInputs) {
    EXPECT_EQ(Propagated(absl::StrCat("graph (%x: float32[1], %i: bool[1]) -> () {"
                                      "%p: float32[1] = EXP(%x) {} %q: float32[1] = EXP(%x) {}"
                                      "%y: float32[1] = ",
                                      node, "}"),
                         "tensor %y: int8[] q(1, 3)"),
              "%p: propagated from %y int8 q(1, 3)\n%q: propagated from %y int8 q(1, 3)\n"
              "%y: annotated int8 q(1, 3)\n")
        << node;
  }
}

TEST(PropagateTest, BackwardNotOntoConstants) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[1]) -> () {
    const %c: float32[1] = {1}
    %p: float32[1] = EXP(%x) {}
    %y: float32[2] = CONCATENATION(%p, %c) {}
  })",
                       "tensor %y: int8[] q(1, 3)"),
            "%p: propagated from %y int8 q(1, 3)\n%y: annotated int8 q(1, 3)\n");
}

TEST(PropagateTest, SplitWithOneAnnotatedOutput) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[4]) -> () {
    const %axis: int32[] = {0}
    %a: float32[4] = EXP(%x) {}
    %b: float32[2], %c: float32[2] = SPLIT(%axis, %a) {num_splits: 2}
  })",
                       "tensor %c: int8[] q(1, 3)"),
            "%a: propagated from %c int8 q(1, 3)\n"
            "%b: propagated from %a int8 q(1, 3)\n"
            "%c: annotated int8 q(1, 3)\n");
}

TEST(PropagateTest, NotBackwardFromSplitWithDifferentOutputs) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[4]) -> () {
    const %axis: int32[] = {0}
    %a: float32[4] = EXP(%x) {}
    %b: float32[2], %c: float32[2] = SPLIT(%axis, %a) {num_splits: 2}
  })",
                       "tensor %b: int8[] q(1, 2)  tensor %c: int8[] q(1, 3)"),
            "%b: annotated int8 q(1, 2)\n%c: annotated int8 q(1, 3)\n");
}

// --- both ---

TEST(PropagateTest, ForwardWinsOverBackward) {
  EXPECT_EQ(Propagated(R"(graph (%x: float32[1]) -> (%y) {
    tensor %i: int32[1]
    %a: float32[1] = RESHAPE(%x, %i) {}
    %b: float32[1] = RESHAPE(%a, %i) {}
    %y: float32[1] = RESHAPE(%b, %i) {}
  })",
                       "tensor %x: int8[] q(1, 3)  tensor %y: int8[] q(2, 0)"),
            "%x: annotated int8 q(1, 3)\n"
            "%a: propagated from %x int8 q(1, 3)\n"
            "%b: propagated from %a int8 q(1, 3)\n"
            "%y: annotated int8 q(2, 0)\n");
}

// What goes into a Split lies in the range of all its parts.
TEST(PropagateTest, OnePartOfASplitDoesNotSpeakForTheOthers) {
  constexpr char kGraph[] = R"(graph (%x: float32[1]) -> (%z) {
    tensor %i: int32[1]
    %p: float32[1] = EXP(%x) {}
    %b: float32[1], %c: float32[1], %unread: float32[1] = SPLIT(%i, %p) {num_splits: 3}
    %d: float32[1] = RESHAPE(%c, %i) {}
    %z: float32[1] = EXP(%d) {}
    %y: float32[1] = EXP(%b) {}
  })";
  EXPECT_EQ(Propagated(kGraph, "tensor %b: int8[] q(1, 3)"), "%b: annotated int8 q(1, 3)\n");
  EXPECT_EQ(Propagated(kGraph, "tensor %b: int8[] q(1, 3)  tensor %d: int8[] q(1, 3)"),
            "%p: propagated from %b int8 q(1, 3)\n"
            "%b: annotated int8 q(1, 3)\n"
            "%c: propagated from %d int8 q(1, 3)\n"
            "%unread: propagated from %p int8 q(1, 3)\n"
            "%d: annotated int8 q(1, 3)\n");
}

TEST(PropagateTest, EachGraphForItself) {
  EXPECT_EQ(Propagated(R"(
    graph (%x: float32[1]) -> () { %a: float32[1] = RELU(%x) }
    graph (%y: float32[1]) -> () { %b: float32[1] = RELU(%y) })",
                       "tensor %y: int8[] q(1, 3)"),
            "%y: annotated int8 q(1, 3)\n%b: propagated from %y int8 q(1, 3)\n");
}

// 5 is beyond what the activation's parameters can hold: cut off, it would be another value.
TEST(PropagateTest, NotWhereAConstantWouldBeCutOff) {
  constexpr char kConcat[] = R"(graph (%x: float32[1,1]) -> (%z) {
    const %c: float32[1,1] = {5}
    %y: float32[1,2] = CONCATENATION(%x, %c) {axis: 1}
    %z: float32[1,2] = FLOOR(%y)
  })";
  EXPECT_EQ(Quantize(kConcat, "tensor %x: int8[] q(0.01, 0)"),
            Canonical(R"(graph (%x: int8[1,1] q(0.01, 0)) -> (%z) {
    %x_dequant: float32[1,1] = DEQUANTIZE@2(%x) {}
    const %c: float32[1,1] = {5}
    %y: float32[1,2] = CONCATENATION(%x_dequant, %c) {axis: 1}
    %z: float32[1,2] = FLOOR(%y)
  })"));
  EXPECT_EQ(Quantize(kConcat, "tensor %x: int8[] q(0.5, 0)"),
            Canonical(R"(graph (%x: int8[1,1] q(0.5, 0)) -> (%z) {
    const %c: int8[1,1] q(0.5, 0) = {10}
    %y: int8[1,2] q(0.5, 0) = CONCATENATION(%x, %c) {axis: 1}
    %y_dequant: float32[1,2] = DEQUANTIZE@2(%y) {}
    %z: float32[1,2] = FLOOR(%y_dequant)
  })"));
}

// A converter's Transpose between a convolution and the Relu whose output external tools annotate.
TEST(PropagateTest, BackwardThroughAClampAndAMoverToWhatComputes) {
  EXPECT_EQ(TensorsText(*PlanUpTo("state", R"(graph (%x: float32[1,2,2,1]) -> (%y) {
    const %w: float32[1,1,1,1] = {1}
    const %axes: int32[4] = {0, 3, 1, 2}
    %conv: float32[1,2,2,1] = CONV_2D(%x, %w, _) {stride_w: 1, stride_h: 1}
    %t: float32[1,1,2,2] = TRANSPOSE(%conv, %axes) {}
    %relu: float32[1,1,2,2] = RELU(%t)
    %y: float32[1,1,2,2] = COS(%relu)
  })",
                                  "tensor %relu: int8[] q(0.5, -128)")),
            "%conv: propagated from %t int8 q(0.5, -128)\n"
            "%t: propagated from %relu int8 q(0.5, -128)\n"
            "%relu: annotated int8 q(0.5, -128)\n");
}

}  // namespace
}  // namespace q_implant
