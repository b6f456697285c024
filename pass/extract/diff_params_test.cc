// SPDX-License-Identifier: Apache-2.0
#include "pass/extract/diff_params.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

std::string Diff(absl::string_view first, absl::string_view second) {
  std::string lines;
  for (const TensorDiff& diff : DiffParams(ModelFromText(first), ModelFromText(second))) {
    absl::StrAppend(&lines, diff.graph, " ", diff.name, ": ", diff.ToString(), "\n");
  }
  return lines;
}

constexpr char kModel[] = R"(graph (%x: int8[1,2] q(0.5, 3)) -> (%y) {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    const %f: float32[2] = {1, 2}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, _) {}
  })";

TEST(DiffParamsTest, TheSame) { EXPECT_EQ(Diff(kModel, kModel), ""); }

// float32 data is no matter of parameters.
TEST(DiffParamsTest, EachKindOfDifference) {
  EXPECT_EQ(Diff(kModel, R"(graph (%x: uint8[1,2] q(0.5, 3)) -> (%y) {
    const %w: int8[2,2] q([0.5, 0.25000003], 0, axis 0) = {1, 2, 3, -4}
    const %f: float32[2] = {1, 3}
    %y: int8[1,2] q(1, 5) = FULLY_CONNECTED(%x, %w, _) {}
  })"),
            "0 x: int8 and uint8\n"
            "0 w: scale 1 ulp apart; 1 of 4 values differ, by up to 8\n"
            "0 y: zero point 5 apart\n");
  EXPECT_EQ(Diff(kModel, R"(graph (%x: int8[1,2] q(0.5, 3)) -> (%y) {
    const %w: int8[2,2] q([0.25, 0.5], 0, axis 1) = {1, 2, 3, 4}
    const %f: float32[2] = {1, 2}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
  })"),
            "0 w: 2 scales along axis 0 and 2 scales along axis 1\n"
            "0 y: int8 and float32\n");
}

TEST(DiffParamsTest, Channels) {
  EXPECT_EQ(Diff("graph () -> () { const %w: int8[2] q([1, 2], [0, 0], axis 0) = {1, 2} }",
                 "graph () -> () { const %w: int8[2] q([0.5, 1], [1, 3], axis 0) = {1, 2} }"),
            "0 w: scale 8388608 ulps apart in 2 channels; zero point 3 apart in 2 channels\n");
}

TEST(DiffParamsTest, TensorsOfOneModelOnly) {
  EXPECT_EQ(Diff("graph (%a: int8[1] q(1, 0), %f: float32[1]) -> () {}",
                 "graph (%b: int8[1] q(1, 0)) -> () {} graph (%c: int8[1] q(1, 0)) -> () {}"),
            "0 a: only in the first\n"
            "0 b: only in the second\n"
            "1 c: only in the second\n");
}

// As TFLite's converter writes it, and as q-implant does.
constexpr char kIsland[] = R"(graph (%x: float32[1]) -> (%y) {
    %tfl.quantize: int8[1] q(0.5, 0) = QUANTIZE(%x) {}
    %a: float32[1] = COS(%tfl.quantize)
    %tfl.quantize1: int8[1] q(0.25, 0) = QUANTIZE(%a) {}
    %y: int8[1] q(1, 0) = ABS(%tfl.quantize1) {}
  })";
constexpr char kSameIsland[] = R"(graph (%x: float32[1]) -> (%y) {
    %x_quantized: int8[1] q(0.5, 0) = QUANTIZE(%x) {}
    %a_float: float32[1] = COS(%x_quantized)
    %a: int8[1] q($0, 0) = QUANTIZE(%a_float) {}
    %y: int8[1] q(1, 0) = ABS(%a) {}
  })";

TEST(DiffParamsTest, FormsOfOtherNames) {
  EXPECT_EQ(Diff(kIsland, absl::Substitute(kSameIsland, "0.25")), "");
  EXPECT_EQ(Diff(absl::Substitute(kSameIsland, "0.25"), kIsland), "");
  EXPECT_EQ(Diff(kIsland, absl::Substitute(kSameIsland, "0.25000003")), "0 a: scale 1 ulp apart\n");
  EXPECT_EQ(Diff(absl::Substitute(kSameIsland, "0.5"), kIsland), "0 a: scale 8388608 ulps apart\n");
}

TEST(DiffParamsTest, EndsOfOtherTypesDifferAllTheSame) {
  EXPECT_EQ(Diff("graph (%x: int8[1] q(0.5, 0)) -> (%y) { %y: int8[1] q(1, 0) = ABS(%x) {} }",
                 R"(graph (%x: float32[1]) -> (%y) {
    %x_quantized: int8[1] q(0.5, 0) = QUANTIZE(%x) {}
    %y: int8[1] q(1, 0) = ABS(%x_quantized) {}
  })"),
            "0 x: int8 and float32\n");
}

TEST(DiffParamsTest, FourBits) {
  EXPECT_EQ(Diff("graph () -> () { const %w: int4[3] q(1, 0) = {1, -8, 3} }",
                 "graph () -> () { const %w: int4[3] q(1, 0) = {1, 7, 3} }"),
            "0 w: 1 of 3 values differ, by up to 15\n");
}

TEST(DiffParamsTest, ValuesOfEachWidth) {
  for (const absl::string_view type : {"uint8", "int16", "int32", "int64"}) {
    const std::string model = absl::StrCat("graph () -> () { const %w: ", type, "[3] q(1, 0) = {");
    EXPECT_EQ(Diff(model + "1, 2, 3} }", model + "1, 102, 0} }"),
              "0 w: 2 of 3 values differ, by up to 100\n")
        << type;
  }
}

TEST(DiffParamsTest, ShapesOfOtherSizes) {
  EXPECT_EQ(Diff("graph () -> () { const %w: int8[2] q(1, 0) = {1, 2} }",
                 "graph () -> () { const %w: int8[1] q(1, 0) = {1} }"),
            "0 w: constants of different sizes\n");
}

}  // namespace
}  // namespace q_implant
