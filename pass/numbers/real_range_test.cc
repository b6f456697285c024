// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/real_range.h"

#include <limits>
#include <ostream>

#include "gtest/gtest.h"

namespace q_implant {

// Names the range where a test fails.
void PrintTo(const RealRange& range, std::ostream* out) {
  *out << "[" << range.least << ", " << range.greatest << "]";
}

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr RealRange kAll = {-kInfinity, kInfinity};

TEST(RealRangeTest, SumsAndDifferences) {
  EXPECT_EQ((RealRange{1, 2} + RealRange{-5, 3}), (RealRange{-4, 5}));
  EXPECT_EQ((RealRange{1, 2} - RealRange{-5, 3}), (RealRange{-2, 7}));
  EXPECT_EQ((RealRange{kInfinity, kInfinity} - RealRange{kInfinity, kInfinity}), kAll);
}

TEST(RealRangeTest, ProductsOfEverySign) {
  EXPECT_EQ((RealRange{-2, 3} * RealRange{-5, 1}), (RealRange{-15, 10}));
  EXPECT_EQ((RealRange{-2, -1} * RealRange{-5, -4}), (RealRange{4, 10}));
  EXPECT_EQ((RealRange{0, 1} * kAll), kAll);
  EXPECT_EQ((RealRange{0, 0} * kAll), (RealRange{0, 0}));
}

TEST(RealRangeTest, AQuotientByZeroHasNoBound) {
  EXPECT_EQ((RealRange{1, 2} / RealRange{0.5, 4}), (RealRange{0.25, 4}));
  EXPECT_EQ((RealRange{1, 2} / RealRange{-4, -0.5}), (RealRange{-4, -0.25}));
  EXPECT_EQ((RealRange{1, 2} / RealRange{0, 4}), kAll);
  EXPECT_EQ((RealRange{1, 2} / RealRange{-1, 4}), kAll);
}

TEST(RealRangeTest, HullAndCutOff) {
  EXPECT_EQ(Hull({1, 2}, {-1, 0}), (RealRange{-1, 2}));
  EXPECT_EQ(CutOff({-3, 9}, {0, 6}), (RealRange{0, 6}));
  EXPECT_EQ(CutOff({-3, -2}, {0, 6}), (RealRange{0, 0}));
}

TEST(RealRangeTest, OfParameters) {
  const QuantParams params = {
      .dtype = circle::TensorType_INT8, .scale = {0.5f}, .zero_point = {-28}};
  EXPECT_EQ(RangeOfParams(params), (RealRange{-50, 77.5}));
  EXPECT_EQ(RangeOfParams(params).magnitude(), 77.5);
}

}  // namespace
}  // namespace q_implant
