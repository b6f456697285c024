// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/stateful_verdict.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "ir/operators/node_verdict.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

constexpr char kSvdf[] = R"(graph (%x: int8[1,2] q(0.5, 3)) -> (%y) {
  const %feature: int8[1,2] q(0.25, 0) = {1, 2}
  const %time: int16[1,1] q(0.125, 0) = {1}
  const %bias: int32[1] q(0.0078125, 0) = {4}
  tensor %state: int16[1,1] q(0.0625, 0) variable
  %y: int8[1,1] q(1, -128) = SVDF(%x, %feature, %time, %bias, %state) {rank: 1, fused_activation_function: RELU}
})";

// What LiteRT makes of the node with this in place of that.
std::string Judged(absl::string_view text, absl::string_view that = "", absl::string_view with = "",
                   Target target = Target::kLiteRt) {
  const std::string changed =
      that.empty() ? std::string(text) : absl::StrReplaceAll(text, {{that, with}});
  EXPECT_TRUE(that.empty() || changed != text) << that;
  const Model model = ModelFromText(changed);
  const NodeVerdict verdict = JudgeNode(model.graphs[0], model.graphs[0].nodes.back(), target);
  const char* word = verdict.verdict == Verdict::kRight     ? "right"
                     : verdict.verdict == Verdict::kWrong   ? "wrong"
                     : verdict.verdict == Verdict::kRefused ? "refused"
                                                            : "unmeasured";
  return absl::StrCat(word, verdict.why.empty() ? "" : ": ", verdict.why);
}

TEST(StatefulVerdictTest, Svdf) {
  EXPECT_EQ(Judged(kSvdf), "right");
  EXPECT_EQ(Judged(kSvdf, "", "", Target::kOnert), "refused: with int8 data");
  EXPECT_EQ(Judged(kSvdf, "q(1, -128)", "q(1, -100)"),
            "wrong: with an output whose zero point is not -128: it does not cut off at 0");
  EXPECT_EQ(Judged(kSvdf, "q(0.0078125, 0)", "q(0.5, 0)"),
            "wrong: with 'bias' of other parameters than int32 scale 0.0078125 zero point 0");
  EXPECT_EQ(Judged(kSvdf, "int16[1,1] q(0.125, 0) =", "int8[1,1] q(0.125, 0) ="),
            "wrong: with int8 data: 'time' is int8 scale 0.125 zero point 0, its kernels want "
            "int16 with one scale and zero point 0");
  EXPECT_EQ(Judged(kSvdf, "RELU", "NONE"),
            "refused: with int8 data: its int8 kernel takes no other activation than RELU");
}

TEST(StatefulVerdictTest, Variables) {
  constexpr char kGraph[] = R"(graph () -> (%y) {
    %h: resource[] = VAR_HANDLE() {shared_name: "v"}
    %y: int8[2] q(0.5, 3) = READ_VARIABLE(%h) {}
  })";
  EXPECT_EQ(Judged(kGraph), "right");
  EXPECT_EQ(Judged(kGraph, "", "", Target::kOnert), "refused: with int8 data");
  EXPECT_EQ(Judged(kGraph, "int8[2]", "int32[2]"), "unmeasured: with int32 data");
}

TEST(StatefulVerdictTest, IntegerWeightsBesideFloat32) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: int8[1,2] q(0.25, 0) = {1, 2}
    const %r: int8[1,1] q(0.5, 0) = {1}
    const %b: float32[1] = {1}
    tensor %state: float32[1,1] variable
    %y: float32[1,1] = RNN(%x, %w, %r, %b, %state) {}
  })";
  EXPECT_EQ(Judged(kGraph), "right");
  EXPECT_EQ(Judged(kGraph, "q(0.25, 0)", "q(0.25, 3)"),
            "wrong: with weights of int8 scale 0.25 zero point 3 beside float32 data");
  EXPECT_EQ(Judged(kGraph, "", "", Target::kOnert),
            "refused: with weights of int8 scale 0.25 zero point 0 beside float32 data");
}

}  // namespace
}  // namespace q_implant
