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

// --- backward ---

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

// --- both ---

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
