// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/plan_messages.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

TEST(PlanMessagesTest, WhatIsWrittenAsAnnotatedNeedsNoWord) {
  const Outcome outcome = RunPass(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
  })",
                                  R"(
    tensor %x: int8[] q(1, 0)
    tensor %w: int8[] q(1, 0)
    tensor %y: int8[] q(2, 0))");
  EXPECT_EQ(outcome.report, "");
  EXPECT_EQ(outcome.notes, "");
}

TEST(PlanMessagesTest, FixedOutputs) {
  EXPECT_EQ(
      RunPass("graph (%x: float32[1,2]) -> (%y) { %y: float32[1,2] = SOFTMAX(%x) {} }",
              "tensor %x: uint8[] q(1, 0)\ntensor %y: uint8[] q(0.5, 0)")
          .notes,
      "note: model.circle: tensor 'y': the kernels of SOFTMAX put out uint8 scale "
      "0.003921569 zero point 0; a Quantize behind it makes it what it is annotated as: found "
      "the annotation uint8 scale 0.5 zero point 0\n");
}

TEST(PlanMessagesTest, InputsThatMustBeEqual) {
  const Outcome outcome = RunPass(R"(graph (%x: float32[2]) -> (%y) {
    const %c: float32[2] = {1, 2}
    %y: float32[2] = MAXIMUM(%x, %c) {}
  })",
                                  R"(
    tensor %x: int8[] q(0.5, 0)
    const %c: int8[2] q(0.25, 0) = {3, 7}
    tensor %y: int8[] q(1, 0))");
  EXPECT_EQ(outcome.report,
            "warning: model.circle: tensor 'c': MAXIMUM 'y' reads it as int8 scale 1 zero point 0; "
            "its integers were requantized: found the annotation int8 scale 0.25 zero point 0\n");
  EXPECT_EQ(outcome.notes,
            "note: model.circle: tensor 'x': MAXIMUM 'y' reads it as int8 scale 1 zero point 0; a "
            "Quantize makes it so: found the annotation int8 scale 0.5 zero point 0\n");
}

TEST(PlanMessagesTest, ActivationsOfTypesThatNoRuntimeConverts) {
  for (const absl::string_view type : {"int32", "int64", "uint4"}) {
    EXPECT_EQ(RunPass("graph (%x: float32[2]) -> (%y) { %y: float32[2] = EXP(%x) {} }",
                      absl::StrCat("tensor %x: ", type, "[] q(0.5, 0)"))
                  .report,
              absl::StrCat("warning: model.circle: tensor 'x': no known runtime quantizes "
                           "activations to ",
                           type,
                           "; it was written as annotated; annotate it as uint8, int8 or "
                           "int16, or leave it float32\n"));
  }
}

// One remark for all nodes of an operator, and no word that no runtime ran it.
TEST(PlanMessagesTest, WhatNobodyMeasured) {
  EXPECT_EQ(RunPassAsUsersDo(R"(graph (%x: int8[2] q(1, 0), %f: float32[2]) -> (%y, %z) {
    %y: int8[2] q(1, 0) = CUSTOM "mine"(%x)
    %z: int8[2] q(1, 0) = CUSTOM "mine"(%y)
    %g: float32[2] = CUSTOM "mine"(%f)
  })",
                             "")
                .report,
            "remark: model.circle: tensor 'y': q-implant has not measured mine with int8 data on "
            "any runtime (and 1 more of them); it is written as it came; compare what the runtime "
            "computes with the float32 model\n");
}

TEST(PlanMessagesTest, FoldedConstants) {
  EXPECT_EQ(
      RunPass(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,1] = {1, 2}
    const %axes: int32[2] = {1, 0}
    %t: float32[1,2] = TRANSPOSE(%w, %axes) {}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %t, _) {}
  })",
              R"(
    tensor %x: int8[] q(1, 0)
    tensor %w: int8[] q(1, 0)
    tensor %y: int8[] q(2, 0))")
          .report,
      "remark: model.circle: tensor 'w': a TRANSPOSE of it was carried out; 't' stands for the "
      "tensor\n");
}

}  // namespace
}  // namespace q_implant
