// SPDX-License-Identifier: Apache-2.0
#include "ir/elements.h"

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace q_implant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ElementsTest, NoDataHasNoElementsAndNoAddress) {
  EXPECT_THAT(LoadElements<int32_t>({}), IsEmpty());
  EXPECT_THAT(ElementBytes<float>({}), IsEmpty());
}

TEST(ElementsTest, LoadsFromAnyAddress) {
  const std::vector<uint8_t> bytes = {9, 1, 0, 2, 1, 3};
  const auto odd = absl::MakeConstSpan(bytes).subspan(1);
  EXPECT_THAT(LoadElements<int16_t>(odd), ElementsAre(1, 258));
  EXPECT_EQ(LoadElement<int16_t>(odd, 1), 258);
}

TEST(ElementsTest, BytesAreLittleEndian) {
  const std::vector<int16_t> values = {1, -2};
  EXPECT_THAT(ElementBytes<int16_t>(values), ElementsAre(1, 0, 0xfe, 0xff));
}

TEST(ElementsTest, StoresOneElement) {
  std::vector<uint8_t> bytes(5);
  StoreElement<int16_t>(absl::MakeSpan(bytes).subspan(1), 1, 0x0203);
  EXPECT_THAT(bytes, ElementsAre(0, 0, 0, 3, 2));
}

}  // namespace
}  // namespace q_implant
