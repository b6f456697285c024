// SPDX-License-Identifier: Apache-2.0
#include "ir/quantization_details.h"

#include <optional>

#include "gtest/gtest.h"

namespace q_implant {
namespace {

TEST(QuantizationDetailsTest, HasCirclesNumbers) {
  for (circle::QuantizationDetails details : circle::EnumValuesQuantizationDetails()) {
    EXPECT_EQ(DetailsFromFile(details, "CIR0"), details);
    EXPECT_EQ(DetailsInFile(details, "CIR0"), details);
  }
  EXPECT_EQ(DetailsFromFile(4, "CIR0"), std::nullopt);
}

TEST(QuantizationDetailsTest, HasTfLitesNumbers) {
  EXPECT_EQ(DetailsFromFile(0, "TFL3"), circle::QuantizationDetails_NONE);
  EXPECT_EQ(DetailsFromFile(1, "TFL3"), circle::QuantizationDetails_CustomQuantization);
  EXPECT_EQ(DetailsFromFile(2, "TFL3"), circle::QuantizationDetails_BlockwiseQuantization);
  EXPECT_EQ(DetailsFromFile(3, "TFL3"), std::nullopt) << "MultiAxisQuantization";
  EXPECT_EQ(DetailsInFile(circle::QuantizationDetails_NONE, "TFL3"), 0);
  EXPECT_EQ(DetailsInFile(circle::QuantizationDetails_CustomQuantization, "TFL3"), 1);
  EXPECT_EQ(DetailsInFile(circle::QuantizationDetails_MXQuantization, "TFL3"), std::nullopt);
  EXPECT_EQ(DetailsInFile(circle::QuantizationDetails_BlockwiseQuantization, "TFL3"), 2);
}

}  // namespace
}  // namespace q_implant
