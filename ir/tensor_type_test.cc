// SPDX-License-Identifier: Apache-2.0
#include "ir/tensor_type.h"

#include <gtest/gtest.h>

namespace q_implant {
namespace {

TEST(TensorType, NamesAreReadInAnyCaseAndWrittenInLowerCase) {
  EXPECT_EQ(TypeName(circle::TensorType_UINT8), "uint8");
  EXPECT_EQ(TypeFromName("UInt8"), circle::TensorType_UINT8);
  EXPECT_EQ(TypeFromName("float"), std::nullopt);
  EXPECT_EQ(TypeFromName(""), std::nullopt);
  EXPECT_EQ(TypeName(static_cast<circle::TensorType>(99)), "type 99");
  for (circle::TensorType type : circle::EnumValuesTensorType()) {
    EXPECT_EQ(TypeFromName(TypeName(type)), type);
  }
}

TEST(TensorType, FourBitElementsArePackedTwoAByte) {
  EXPECT_EQ(ByteSize(circle::TensorType_INT4, 3), 2u);
  EXPECT_EQ(ByteSize(circle::TensorType_UINT4, 4), 2u);
  EXPECT_EQ(ByteSize(circle::TensorType_INT64, 3), 24u);
  EXPECT_EQ(ByteSize(circle::TensorType_FLOAT32, 0), 0u);
}

TEST(TensorType, ASizeThatOverflowsOrIsUnknownIsNothing) {
  EXPECT_EQ(ByteSize(circle::TensorType_INT64, uint64_t{1} << 62), std::nullopt);
  EXPECT_EQ(ByteSize(circle::TensorType_STRING, 1), std::nullopt);
  EXPECT_EQ(ByteSize(circle::TensorType_GGML_Q4_0, 32), std::nullopt);
  EXPECT_EQ(ElementCount({65536, 65536, 65536, 65536, 2}), std::nullopt);
  EXPECT_EQ(ElementCount({-1, 2}), std::nullopt);
  EXPECT_EQ(ElementCount({}), 1u);
  EXPECT_EQ(ElementCount({2, 0, 3}), 0u);
}

TEST(TensorType, RangesOfIntegers) {
  EXPECT_EQ(RangeOf(circle::TensorType_INT4)->min, -8);
  EXPECT_EQ(RangeOf(circle::TensorType_UINT4)->max, 15);
  EXPECT_EQ(RangeOf(circle::TensorType_INT16)->max, 32767);
  EXPECT_FALSE(RangeOf(circle::TensorType_FLOAT32).has_value());
  EXPECT_TRUE(IsQuantizedType(circle::TensorType_INT32));
  EXPECT_FALSE(IsQuantizedType(circle::TensorType_UINT16));
  EXPECT_FALSE(IsQuantizedType(circle::TensorType_BOOL));
}

}  // namespace
}  // namespace q_implant
