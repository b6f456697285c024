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

// 2.5 / (0.5 x 1.19e-7) is 4.2e7, 2.5 / (0.0005 x 1.19e-7) is beyond int32.
TEST(DeadChannelsTest, AScaleAtWhichTheBiasFitsStays) {
  EXPECT_EQ(Quantize(kDense, R"(
    tensor %x: int8[] q(0.5, 0)
    tensor %w: int8[] q([0.0078125, 1.1920929e-07, 0.00390625], 0, axis 0)
    tensor %y: int8[] q(0.03125, 0)
  )"),
            R"(graph (%x: int8[1,2] q(0.5, 0)) -> (%y) {
  const %w: int8[3,2] q([0.0078125, 1.1920929e-07, 0.00390625], 0, axis 0) = {127, -127, 0, 0, 127, 64}
  const %b: int32[3] q([0.00390625, 5.9604645e-08, 0.001953125], 0, axis 0) = {256, 41943040, -512}
  %y: int8[1,3] q(0.03125, 0) = FULLY_CONNECTED(%x, %w, %b) {}
}
)");
}

TEST(DeadChannelsTest, ADeadChannelTakesTheScaleOfTheOthers) {
  EXPECT_EQ(
      Quantize(kDense, R"(
    tensor %x: int8[] q(0.00048828125, 0)
    tensor %w: int8[] q([0.0078125, 1.1920929e-07, 0.00390625], 0, axis 0)
    tensor %y: int8[] q(0.03125, 0)
  )"),
      "warning: params.json: tensor 'w': channel 1 is all zero, and the bias does not fit int32 "
      "at such a small scale; another scale, which says the same of zeros, was written: found "
      "scale 1.1920929e-07; check the layer: a channel that is all zero can be removed\n"
      R"(graph (%x: int8[1,2] q(0.00048828125, 0)) -> (%y) {
  const %w: int8[3,2] q([0.0078125, 0.0078125, 0.00390625], 0, axis 0) = {127, -127, 0, 0, 127, 64}
  const %b: int32[3] q([3.8146973e-06, 3.8146973e-06, 1.9073486e-06], 0, axis 0) = {262144, 655360, -524288}
  %y: int8[1,3] q(0.03125, 0) = FULLY_CONNECTED(%x, %w, %b) {}
}
)");
}

// Where no channel lives there is no scale to take.
TEST(DeadChannelsTest, AllDead) {
  EXPECT_EQ(
      Quantize(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[1,2] = {0, 0}
    const %b: float32[1] = {2}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w, %b) {}
  })",
               R"(
    tensor %x: int8[] q(0.00048828125, 0)
    const %w: int8[1,2] q(1e-10, 0) = {0, 0}
    tensor %y: int8[] q(0.03125, 0)
  )"),
      "warning: params.json: tensor 'w': channel 0 is all zero, and the bias does not fit int32 "
      "at such a small scale; another scale, which says the same of zeros, was written: found "
      "scale 1e-10; check the layer: a channel that is all zero can be removed\n"
      R"(graph (%x: int8[1,2] q(0.00048828125, 0)) -> (%y) {
  const %w: int8[1,2] q(0.0039066407, 0) = {0, 0}
  const %b: int32[1] q(1.9075394e-06, 0) = {1048471}
  %y: int8[1,1] q(0.03125, 0) = FULLY_CONNECTED(%x, %w, %b) {}
}
)");
}

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
