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

}  // namespace
}  // namespace q_implant
