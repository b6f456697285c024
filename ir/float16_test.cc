// SPDX-License-Identifier: Apache-2.0
#include "ir/float16.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

namespace q_implant {
namespace {

TEST(Float16Test, ReadsKnownBits) {
  EXPECT_EQ(HalfToFloat(0x3c00), 1.0f);
  EXPECT_EQ(HalfToFloat(0xc000), -2.0f);
  EXPECT_EQ(HalfToFloat(0x7bff), 65504.0f);
  EXPECT_EQ(HalfToFloat(0x0001), 0x1p-24f);
  EXPECT_EQ(HalfToFloat(0xfc00), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::signbit(HalfToFloat(0x8000)));
  EXPECT_TRUE(std::isnan(HalfToFloat(0x7e01)));
}

TEST(Float16Test, EveryNumberSurvivesTheRoundTrip) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    if (std::isnan(HalfToFloat(half))) continue;
    ASSERT_EQ(FloatToHalf(HalfToFloat(half)), half) << bits;
  }
}

TEST(Float16Test, RoundsTiesToEven) {
  EXPECT_EQ(FloatToHalf(1.0f + 0x1p-11f), 0x3c00);
  EXPECT_EQ(FloatToHalf(1.0f + 3 * 0x1p-11f), 0x3c02);
  EXPECT_EQ(FloatToHalf(2.0f - 0x1p-12f), 0x4000);
  EXPECT_EQ(FloatToHalf(65519.0f), 0x7bff);
  EXPECT_EQ(FloatToHalf(65520.0f), 0x7c00);
  EXPECT_EQ(FloatToHalf(0x1p-25f), 0);
  EXPECT_EQ(FloatToHalf(3 * 0x1p-25f), 2);
}

// The one that processors and numpy make of a NaN.
TEST(Float16Test, NotANumber) {
  EXPECT_EQ(FloatToHalf(std::nanf("")), 0x7e00);
  EXPECT_EQ(FloatToHalf(-std::nanf("")), 0xfe00);
}

}  // namespace
}  // namespace q_implant
