// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/general_scales.h"

#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

constexpr char kAdd[] = R"(graph (%x: float32[2], %z: float32[2]) -> (%y) {
    %y: float32[2] = ADD(%x, %z) {fused_activation_function: RELU}
  })";

TEST(GeneralScalesTest, ChosenWhereAllScalesArePowersOfTwo) {
  EXPECT_EQ(Quantize(kAdd,
                     "tensor %x: int16[] q(0.25, 0) tensor %z: int16[] q(0.5, 0)"
                     "tensor %y: int16[] q(1, 0)"),
            Canonical(R"(graph (%x: int16[2] q(0.25, 0), %z: int16[2] q(0.5, 0)) -> (%y) {
    %y: int16[2] q(1, 0) = ADD(%x, %z) {fused_activation_function: RELU, pot_scale_int16: false}
  })"));
}

// 0.5003 is 0.0009 of an octave from 0.5.
TEST(GeneralScalesTest, ChosenWhereLiteRtTakesThemForPowersOfTwo) {
  EXPECT_EQ(Quantize("graph (%x: float32[2]) -> (%y) { %y: float32[2] = SUB(%x, %x) {} }",
                     "tensor %x: int16[] q(0.5003, 0) tensor %y: int16[] q(1, 0)"),
            Canonical(R"(graph (%x: int16[2] q(0.5003, 0)) -> (%y) {
    %y: int16[2] q(1, 0) = SUB(%x, %x) {pot_scale_int16: false}
  })"));
}

TEST(GeneralScalesTest, LeftAloneWhereOneScaleIsNone) {
  EXPECT_EQ(Quantize(kAdd,
                     "tensor %x: int16[] q(0.25, 0) tensor %z: int16[] q(0.3, 0)"
                     "tensor %y: int16[] q(1, 0)"),
            Canonical(R"(graph (%x: int16[2] q(0.25, 0), %z: int16[2] q(0.3, 0)) -> (%y) {
    %y: int16[2] q(1, 0) = ADD(%x, %z) {fused_activation_function: RELU}
  })"));
}

TEST(GeneralScalesTest, LeftAloneInEightBits) {
  EXPECT_EQ(Quantize(kAdd,
                     "tensor %x: int8[] q(0.25, 0) tensor %z: int8[] q(0.5, 0)"
                     "tensor %y: int8[] q(1, 0)"),
            Canonical(R"(graph (%x: int8[2] q(0.25, 0), %z: int8[2] q(0.5, 0)) -> (%y) {
    %y: int8[2] q(1, 0) = ADD(%x, %z) {fused_activation_function: RELU}
  })"));
}

TEST(GeneralScalesTest, LeftAloneWhatCameQuantized) {
  constexpr char kGraph[] = R"(graph (%x: int16[2] q(0.25, 0)) -> (%y) {
    %y: int16[2] q(1, 0) = ADD(%x, %x) {}
  })";
  EXPECT_EQ(Quantize(kGraph, ""), Canonical(kGraph));
}

}  // namespace
}  // namespace q_implant
