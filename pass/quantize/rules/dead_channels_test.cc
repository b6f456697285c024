// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/dead_channels.h"

#include "gtest/gtest.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

constexpr char kDense[] = R"(graph (%x: float32[1,2]) -> (%y) {
  const %w: float32[3,2] = {1, -1, 0, 0, 0.5, 0.25}
  const %b: float32[3] = {1, 2.5, -1}
  %y: float32[1,3] = FULLY_CONNECTED(%x, %w, %b) {}
})";

TEST(DeadChannelsTest, AChannelThatLivesIsNamed) {
  const Outcome outcome = RunPass(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {1, -1, 1e-8, 0}
    const %b: float32[2] = {1, 2.5}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, %b) {}
  })",
                                  R"(
    tensor %x: int8[] q(0.00048828125, 0)
    tensor %w: int8[] q([0.0078125, 1e-10], 0, axis 0)
    tensor %y: int8[] q(0.03125, 0)
  )");
  EXPECT_EQ(
      outcome.report,
      "warning: params.json: tensor 'w': channel 1 has so small a scale that the bias 'b' does "
      "not fit int32: found scale 1e-10; use larger scales for the data or the weights\n"
      "warning: model.circle: tensor 'b': 1 of 2 values do not fit the integers and were cut "
      "off; use larger scales for the data or the weights\n");
}

// Beside int16 data the bias has 64 bits.
TEST(DeadChannelsTest, Int16) {
  EXPECT_EQ(RunPass(kDense, R"(
    tensor %x: int16[] q(0.00048828125, 0)
    tensor %w: int8[] q([0.0078125, 1.1920929e-07, 0.00390625], 0, axis 0)
    tensor %y: int16[] q(0.03125, 0)
  )")
                .report,
            "");
}

}  // namespace
}  // namespace q_implant
