// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/cut_constants.h"

#include <string>

#include "gtest/gtest.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

constexpr char kMasked[] = R"(graph (%x: float32[1,4]) -> (%y) {
  const %mask: float32[1,4] = {0, -10000, 0, -1e+09}
  %y: float32[1,4] = ADD(%x, %mask) {}
})";

// -24 is as good as -10000: added to at most 7.9375 it gives less than %y can hold, which is -16.
// The range is one step wider than that, for rounding.
TEST(CutConstantsTest, AMask) {
  EXPECT_EQ(Quantize(kMasked, R"(
    tensor %x: int8[] q(0.0625, 0)
    tensor %y: int8[] q(0.125, 0)
  )"),
            R"(graph (%x: int8[1,4] q(0.0625, 0)) -> (%y) {
  const %mask: int8[1,4] q(0.094607845, 127) = {127, -128, 127, -128}
  %y: int8[1,4] q(0.125, 0) = ADD(%x, %mask) {}
}
)");
}

TEST(CutConstantsTest, AMaskInInt16) {
  EXPECT_EQ(Quantize(kMasked, R"(
    tensor %x: int16[] q(0.001, 0)
    tensor %y: int16[] q(0.002, 0)
  )"),
            R"(graph (%x: int16[1,4] q(0.001, 0)) -> (%y) {
  const %mask: int16[1,4] q(0.0030001528, 0) = {0, -32768, 0, -32768}
  %y: int16[1,4] q(0.002, 0) = ADD(%x, %mask) {}
}
)");
}

TEST(CutConstantsTest, WhatIsUsefulStays) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,4]) -> (%y) {
    const %c: float32[1,4] = {0, -1, 0, -15}
    %y: float32[1,4] = ADD(%x, %c) {}
  })",
                     R"(
    tensor %x: int8[] q(0.0625, 0)
    tensor %y: int8[] q(0.125, 0)
  )"),
            R"(graph (%x: int8[1,4] q(0.0625, 0)) -> (%y) {
  const %c: int8[1,4] q(0.05882353, 127) = {127, 110, 127, -128}
  %y: int8[1,4] q(0.125, 0) = ADD(%x, %c) {}
}
)");
}

// (x - c)^2 of at most 4: a c that is more than 2 away from all x gives no less than the greatest.
TEST(CutConstantsTest, ASquaredDifference) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,4]) -> (%y) {
    const %c: float32[1,4] = {0, -1, 100, -1000}
    %y: float32[1,4] = SQUARED_DIFFERENCE(%x, %c) {}
  })",
                     R"(
    tensor %x: int8[] q(0.0078125, 0)
    tensor %y: int8[] q(0.015686275, -128)
  )"),
            R"(graph (%x: int8[1,4] q(0.0078125, 0)) -> (%y) {
  const %c: int8[1,4] q(0.023683079, 0) = {0, -42, 127, -128}
  %y: int8[1,4] q(0.015686275, -128) = SQUARED_DIFFERENCE(%x, %c) {}
}
)");
}

// x is at least 0 and y at most 0, so that all c from 0 up are alike: a step above 0 holds them.
TEST(CutConstantsTest, AllOfItBeyond) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2]) -> (%y) {
    const %c: float32[1,2] = {10000, 20000}
    %y: float32[1,2] = ADD(%x, %c) {}
  })",
                     R"(
    tensor %x: int8[] q(0.0625, -128)
    tensor %y: int8[] q(0.125, 127)
  )"),
            R"(graph (%x: int8[1,2] q(0.0625, -128)) -> (%y) {
  const %c: int8[1,2] q(0.00073529413, -128) = {127, 127}
  %y: int8[1,2] q(0.125, 127) = ADD(%x, %c) {}
}
)");
}

// x - c, c - x.
TEST(CutConstantsTest, EitherSideOfSub) {
  constexpr char kAnnotations[] = R"(
    tensor %x: int8[] q(0.0625, 0)
    tensor %y: int8[] q(0.125, 0)
  )";
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2]) -> (%y) {
    const %c: float32[1,2] = {0, 1e+09}
    %y: float32[1,2] = SUB(%x, %c) {}
  })",
                     kAnnotations),
            R"(graph (%x: int8[1,2] q(0.0625, 0)) -> (%y) {
  const %c: int8[1,2] q(0.094607845, -128) = {-128, 127}
  %y: int8[1,2] q(0.125, 0) = SUB(%x, %c) {}
}
)");
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2]) -> (%y) {
    const %c: float32[1,2] = {0, -1e+09}
    %y: float32[1,2] = SUB(%c, %x) {}
  })",
                     kAnnotations),
            R"(graph (%x: int8[1,2] q(0.0625, 0)) -> (%y) {
  const %c: int8[1,2] q(0.09485294, 127) = {127, -128}
  %y: int8[1,2] q(0.125, 0) = SUB(%c, %x) {}
}
)");
}

// Where all sides have equal parameters they are the output's, and what they cut off says nothing.
TEST(CutConstantsTest, MaximumAndSelectTakeTheOutputs) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2], %if: bool[1,2]) -> (%y) {
    const %c: float32[1,2] = {0, -1e+09}
    const %fill: float32[1] = {-1e+09}
    %most: float32[1,2] = MAXIMUM(%x, %c) {}
    %y: float32[1,2] = SELECT_V2(%if, %most, %fill) {}
  })",
                     R"(
    tensor %x: int8[] q(0.0625, 0)
    tensor %y: int8[] q(0.0625, 0)
  )"),
            R"(graph (%x: int8[1,2] q(0.0625, 0), %if: bool[1,2]) -> (%y) {
  const %c: int8[1,2] q(0.0625, 0) = {0, -128}
  %most: int8[1,2] q(0.0625, 0) = MAXIMUM(%x, %c) {}
  const %fill: int8[1] q(0.0625, 0) = {-128}
  %y: int8[1,2] q(0.0625, 0) = SELECT_V2(%if, %most, %fill) {}
}
)");
}

// The constant's range would leave LiteRT's comparison without a step to compare in.
TEST(CutConstantsTest, AComparand) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2]) -> (%y) {
    const %c: float32[1,2] = {0, 1e+09}
    %y: bool[1,2] = LESS(%x, %c) {}
  })",
                     R"(
    tensor %x: int8[] q(0.0625, 0)
  )"),
            R"(graph (%x: int8[1,2] q(0.0625, 0)) -> (%y) {
  const %c: int8[1,2] q(0.03186659, -128) = {-128, 127}
  %y: bool[1,2] = LESS(%x, %c) {}
}
)");
}

// --- annotated constants ---

TEST(CutConstantsTest, AnAnnotationThatIsFarTooWide) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2]) -> (%y) {
    const %mask: float32[1,2] = {0, -10000}
    %y: float32[1,2] = ADD(%x, %mask) {}
  })",
                     R"(
    tensor %x: int8[] q(0.0625, 0)
    tensor %mask: int8[] q(40, 127)
    tensor %y: int8[] q(0.125, 0)
  )"),
            "warning: model.circle: tensor 'mask': the constant was cut off: beyond -23.9375 to "
            "23.875 its values make no difference to ADD 'y': found the annotation int8 scale 40 "
            "zero point 127; annotate it for that range, or drop its entry\n"
            R"(graph (%x: int8[1,2] q(0.0625, 0)) -> (%y) {
  const %mask: int8[1,2] q(0.094607845, 127) = {127, -128}
  %y: int8[1,2] q(0.125, 0) = ADD(%x, %mask) {}
}
)");
}

TEST(CutConstantsTest, AnAnnotationThatIsLittleTooWideStays) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2]) -> (%y) {
    const %c: float32[1,2] = {0, -32}
    %y: float32[1,2] = ADD(%x, %c) {}
  })",
                     R"(
    tensor %x: int8[] q(0.0625, 0)
    tensor %c: int8[] q(0.25, 127)
    tensor %y: int8[] q(0.125, 0)
  )"),
            R"(graph (%x: int8[1,2] q(0.0625, 0)) -> (%y) {
  const %c: int8[1,2] q(0.25, 127) = {127, -1}
  %y: int8[1,2] q(0.125, 0) = ADD(%x, %c) {}
}
)");
}

TEST(CutConstantsTest, ImportedIntegersStay) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2]) -> (%y) {
    const %mask: float32[1,2] = {0, -10000}
    %y: float32[1,2] = ADD(%x, %mask) {}
  })",
                     R"(
    tensor %x: int8[] q(0.0625, 0)
    const %mask: int8[1,2] q(40, 127) = {127, -123}
    tensor %y: int8[] q(0.125, 0)
  )"),
            R"(graph (%x: int8[1,2] q(0.0625, 0)) -> (%y) {
  const %mask: int8[1,2] q(40, 127) = {127, -123}
  %y: int8[1,2] q(0.125, 0) = ADD(%x, %mask) {}
}
)");
}

}  // namespace
}  // namespace q_implant
