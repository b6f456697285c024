// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/weights_without_data.h"

#include "gtest/gtest.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

constexpr char kTwoLayers[] = R"(graph (%x: float32[1,2]) -> (%y) {
  const %v: float32[2,2] = {1, -1, 0.5, 0.25}
  const %w: float32[2,2] = {1, -1, 0.5, 0.25}
  %h: float32[1,2] = FULLY_CONNECTED(%x, %v, _) {}
  %y: float32[1,2] = FULLY_CONNECTED(%h, %w, _) {}
})";

Outcome RunAsUsersDo(absl::string_view graph, absl::string_view annotations,
                     QuantizeOptions options = {}) {
  options.check_values = CheckValues::kOff;
  return RunPassAsUsersDo(graph, annotations, options, {.warn_of_runtimes = false});
}

TEST(WeightsWithoutDataTest, OneWarningForAll) {
  EXPECT_EQ(
      RunAsUsersDo(kTwoLayers, R"(
    tensor %v: int8[] q(0.01, 0)
    tensor %w: int8[] q(0.01, 0))")
          .report,
      "warning: params.json: 2 annotated weights tensors stand beside float32 data, since what "
      "their operators read or make has no parameters: 'v', 'w': expected parameters for the "
      "activations too; annotate the activations; if the weights alone are intended, give "
      "--weight_only, or --hybrid for kernels that read integer weights\n");
}

TEST(WeightsWithoutDataTest, TheOnesWithoutData) {
  EXPECT_EQ(
      RunAsUsersDo(kTwoLayers, R"(
    tensor %x: int8[] q(0.1, 0)
    tensor %v: int8[] q(0.01, 0)
    tensor %h: int8[] q(0.1, 0)
    tensor %w: int8[] q(0.01, 0))")
          .report,
      "warning: params.json: 1 annotated weights tensor stands beside float32 data, since what "
      "its operator reads or makes has no parameters: 'w': expected parameters for the "
      "activations too; annotate the activations; if the weights alone are intended, give "
      "--weight_only, or --hybrid for kernels that read integer weights\n");
}

TEST(WeightsWithoutDataTest, WhereItIsMeant) {
  constexpr char kWeights[] = "tensor %v: int8[] q(0.01, 0)";
  EXPECT_EQ(RunAsUsersDo(kTwoLayers, kWeights, {.weight_only = true}).report, "");
  EXPECT_EQ(RunAsUsersDo(kTwoLayers, kWeights, {.hybrid = true}).report, "");
  // Somebody wants it float32.
  EXPECT_EQ(RunAsUsersDo(kTwoLayers, R"(
    tensor %x: float32[]
    tensor %v: int8[] q(0.01, 0)
    tensor %h: float32[])")
                .report,
            "");
}

TEST(WeightsWithoutDataTest, TheSummaryCountsOperators) {
  const QuantizeSummary summary = RunAsUsersDo(R"(graph (%x: float32[1,2]) -> (%y) {
    const %v: float32[2,2] = {1, -1, 0.5, 0.25}
    %h: float32[1,2] = FULLY_CONNECTED(%x, %v, _) {}
    %c: float32[1,2] = COS(%h) {}
    %y: float32[1,2] = ADD(%c, %h) {}
  })",
                                               R"(
    tensor %x: int8[] q(0.1, 0)
    tensor %v: int8[] q(0.01, 0)
    tensor %h: int8[] q(0.1, 0))")
                                      .summary;
  EXPECT_EQ(summary.integer_nodes, 1u);
  EXPECT_EQ(summary.integer_possible, 2u);  // no runtime has an integer COS
}

}  // namespace
}  // namespace q_implant
