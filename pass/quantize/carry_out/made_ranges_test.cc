// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/carry_out/made_ranges.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

// The range of the values that %y is quantized from, under these annotations: "[least, greatest]".
std::string RangeOfY(absl::string_view graph, absl::string_view annotations) {
  const auto planned = PlanUpTo("crossings", graph, annotations);
  const Graph& main = planned->model.graphs[0];
  const GraphPlan& plan = planned->plan.graphs[0];
  const auto ranges =
      FindMadeRanges(planned->model, main, plan, FindNeededForms(planned->model, main, plan));
  for (size_t id = 0; id < main.tensors.size(); ++id) {
    if (main.tensors[id].name != "y") continue;
    return absl::StrFormat("[%g, %g]", ranges[id].least, ranges[id].greatest);
  }
  return "no tensor y";
}

// From the parameters before the stretch on, over all of its nodes.
TEST(MadeRangesTest, OverAStretchOfFloat32Nodes) {
  EXPECT_EQ(RangeOfY(R"(graph (%x: float32[2]) -> (%y) {
    const %c: float32[2] = {2e-9, 4}
    %a: float32[2] = DIV(%x, %c) {fused_activation_function: RELU}
    %b: float32[2] = RESHAPE(%a)
    %y: float32[2] = POW(%b, %c) {}
  })",
                     "tensor %x: int8[] q(0.5, -28) tensor %y: int16[] q(1, 0)"),
            "[0, 2.25469e+42]");
}

// A Quantize in between cuts off.
TEST(MadeRangesTest, AnAnnotatedTensorStartsAnew) {
  EXPECT_EQ(RangeOfY(R"(graph (%x: float32[2]) -> (%y) {
    const %c: float32[2] = {2e-9, 4}
    %a: float32[2] = DIV(%x, %c) {}
    %y: float32[2] = SIGN(%a)
  })",
                     "tensor %a: int8[] q(0.5, 0) tensor %y: int16[] q(1, 0)"),
            "[-1, 1]");
  EXPECT_EQ(RangeOfY(R"(graph (%x: float32[2]) -> (%y) {
    const %c: float32[2] = {2e-9, 4}
    %a: float32[2] = DIV(%x, %c) {}
    %y: float32[2] = FLOOR_MOD(%a, %a) {}
  })",
                     "tensor %a: int8[] q(0.5, 0) tensor %y: int16[] q(1, 0)"),
            "[-64, 64]");
}

TEST(MadeRangesTest, WhatNothingIsKnownOfIsUsual) {
  EXPECT_EQ(RangeOfY("graph (%x: float32[2]) -> (%y) { %y: float32[2] = NEG(%x) }",
                     "tensor %y: int16[] q(1, 0)"),
            "[-2048, 2048]");
}

}  // namespace
}  // namespace q_implant
