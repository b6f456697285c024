// SPDX-License-Identifier: Apache-2.0
#include "pass/target/mend_faults.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

// What the one tensor, "t", has after the mend, behind what is told. The text form can't say that
// scales and zero points differ in number: `zero_point` replaces those of the text.
std::string Mended(absl::string_view tensor, std::optional<std::vector<int64_t>> zero_point = {}) {
  Model model = ModelFromText(absl::StrCat("graph (%i: int32[1]) -> (%o) {\n", tensor,
                                           "\n%o: float32[1] = CUSTOM \"c\"(%t)\n}"));
  model.path = "m.circle";
  Quantization& quantization = *model.graphs[0].tensors[1].quantization;
  if (zero_point.has_value()) quantization.zero_point = *zero_point;
  Diagnostics diagnostics;
  const bool mended = MendFaults(model, diagnostics);
  EXPECT_EQ(mended, !diagnostics.all().empty());
  std::string text;
  for (const Diagnostic& d : diagnostics.all()) absl::StrAppend(&text, d.ToString(), "\n");
  absl::StrAppend(&text, quantization.scale.size(), " scales,");
  for (int64_t z : quantization.zero_point) absl::StrAppend(&text, " ", z);
  return absl::StrCat(text, ", axis ", quantization.quantized_dimension);
}

constexpr char kTold[] =
    "remark: m.circle: tensor 't': the model came with a fault, which is corrected: ";

TEST(MendFaultsTest, TheAxisOfABias) {
  EXPECT_EQ(Mended("const %t: int32[2] q([0.5, 0.25], 0, axis 3) = {1, 2}"),
            absl::StrCat(kTold,
                         "its quantized_dimension is 0 now, the only dimension of [2] that is as "
                         "long as its 2 scales: the file had 3\n2 scales, 0 0, axis 0"));
}

TEST(MendFaultsTest, TheOnlyAxisOfThatLength) {
  EXPECT_EQ(Mended("const %t: int8[1,1,2,3] q([0.5, 0.25], 0, axis 3) = {1, 2, 3, 4, 5, 6}"),
            absl::StrCat(kTold,
                         "its quantized_dimension is 2 now, the only dimension of [1,1,2,3] that "
                         "is as long as its 2 scales: the file had 3\n2 scales, 0 0, axis 2"));
}

TEST(MendFaultsTest, WhatIsNotCertainStays) {
  // Two dimensions of that length, none, an activation.
  EXPECT_EQ(Mended("const %t: int8[1,2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}"),
            "2 scales, 0 0, axis 0");
  EXPECT_EQ(Mended("const %t: int8[4] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}"),
            "2 scales, 0 0, axis 0");
  EXPECT_EQ(Mended("%t: int8[1,2] q([0.5, 0.25], 0, axis 0) = CAST(%i)"), "2 scales, 0 0, axis 0");
}

TEST(MendFaultsTest, TheAxisOfOneScale) {
  EXPECT_EQ(Mended("const %t: int32[2] q(0.5, 0, axis 3) = {1, 2}"),
            absl::StrCat(kTold,
                         "its quantized_dimension is 0 now: of 1 scale it means nothing, and the "
                         "tensor has no dimension 3\n1 scales, 0, axis 0"));
  EXPECT_EQ(Mended("%t: int8[1,2] q(0.5, 0, axis 1) = CAST(%i)"), "1 scales, 0, axis 1");
  EXPECT_EQ(Mended("%t: int8[] q(0.5, 0, axis 0) = CAST(%i)"), "1 scales, 0, axis 0");
}

TEST(MendFaultsTest, NoZeroPoints) {
  EXPECT_EQ(Mended("%t: uint8[1,2] q(0.5, 3) = CAST(%i)", {{}}),
            absl::StrCat(kTold,
                         "its 1 scale has the zero point 0 now: the file had no zero points\n"
                         "1 scales, 0, axis 0"));
  EXPECT_EQ(Mended("const %t: uint8[2] q([0.5, 0.25], 3, axis 0) = {1, 2}", {{}}),
            absl::StrCat(kTold,
                         "its 2 scales have the zero point 0 now: the file had no zero points\n"
                         "2 scales, 0 0, axis 0"));
}

TEST(MendFaultsTest, SeveralScalesThatAreTheSame) {
  EXPECT_EQ(Mended("%t: int8[1,2] q([0.5, 0.5], 3, axis 1) = CAST(%i)"),
            absl::StrCat(kTold,
                         "it has 1 scale now: the file had 2 that are all the same, for an "
                         "activation, which has no channels\n1 scales, 3, axis 1"));
  EXPECT_EQ(Mended("const %t: int8[3] q([0.5, 0.5], 3, axis 0) = {1, 2, 3}"),
            absl::StrCat(kTold,
                         "it has 1 scale now: the file had 2 that are all the same, for a constant "
                         "without so many channels\n1 scales, 3, axis 0"));
  EXPECT_EQ(Mended("const %t: int8[2] q([0.5, 0.5], 3, axis 0) = {1, 2}"), "2 scales, 3 3, axis 0");
}

TEST(MendFaultsTest, ScalesThatNothingReads) {
  EXPECT_EQ(Mended("%t: float32[1,2] q(0.5, 3, axis 5) = CAST(%i)"),
            absl::StrCat(kTold,
                         "the scales of a float32 tensor, which nothing reads and runtimes refuse "
                         "as they stand, went\n0 scales,, axis 0"));
  EXPECT_EQ(Mended("%t: float32[1,2] q(0.5, 3) = CAST(%i)"), "1 scales, 3, axis 0");
}

TEST(MendFaultsTest, ManyAreOneRemark) {
  Model model = ModelFromText(R"(graph (%x: int8[1] q(1, 0, axis 2)) -> (%z) {
    %y: int8[1] q(1, 0, axis 2) = CUSTOM "c"(%x)
    %z: int8[1] q(1, 0, axis 2) = CUSTOM "c"(%y)
  })");
  Diagnostics diagnostics;
  EXPECT_TRUE(MendFaults(model, diagnostics));
  ASSERT_EQ(diagnostics.all().size(), 1u);
  EXPECT_EQ(diagnostics.all()[0].tensor, "x");
  EXPECT_TRUE(diagnostics.all()[0].problem.ends_with("dimension 2 (likewise 2 more tensors)"));
  EXPECT_FALSE(MendFaults(model, diagnostics));
}

constexpr char kBiasOf2019[] =
    R"(graph (%x: int8[1,1,1,2] q(0.5, 3)) -> (%y) {
    const %w: int8[1,1,1,2] q([0.5, 0.25], 0, axis 3) = {1, 2}
    const %b: int32[2] q([0.25, 0.125], 0, axis 3) = {1, 2}
    %y: int8[1,1,1,2] q(1, 0) = DEPTHWISE_CONV_2D(%x, %w, %b) {stride_w: 1, stride_h: 1, depth_multiplier: 1}
  })";

TEST(MendFaultsTest, TheImportMendsWhatTheModelBringsForATarget) {
  const Outcome untouched = RunPass(kBiasOf2019, "", {.target = Target::kAny});
  EXPECT_NE(untouched.model.find("%b: int32[2] q([0.25, 0.125], 0, axis 3)"), std::string::npos)
      << untouched.model;
  const Outcome outcome = RunPass(kBiasOf2019, "", {.target = Target::kLiteRt});
  ASSERT_TRUE(outcome.ok) << outcome.model;
  EXPECT_NE(outcome.model.find("%b: int32[2] q([0.25, 0.125], 0, axis 0)"), std::string::npos)
      << outcome.model;
}

}  // namespace
}  // namespace q_implant
