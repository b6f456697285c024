// SPDX-License-Identifier: Apache-2.0
#include "ir/value_text.h"

#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace q_implant {
namespace {

std::string Floats(std::vector<float> numbers) { return NumbersText(numbers); }
std::string Integers(std::vector<int64_t> numbers) { return NumbersText(numbers); }

TEST(ValueTextTest, NumbersAreTheShortestThatReadBack) {
  EXPECT_EQ(NumberText(0.1f), "0.1");
  EXPECT_EQ(NumberText(0.003921569f), "0.003921569");
  EXPECT_EQ(NumberText(1e-12f), "1e-12");
  EXPECT_EQ(NumberText(-0.0f), "-0");
  EXPECT_EQ(NumberText(std::numeric_limits<float>::infinity()), "inf");
  EXPECT_EQ(NumberText(std::numeric_limits<int64_t>::min()), "-9223372036854775808");
}

TEST(ValueTextTest, ManyNumbersAreSummedUp) {
  EXPECT_EQ(Floats({}), "[]");
  EXPECT_EQ(Floats({0.5f}), "0.5");
  EXPECT_EQ(Integers({1, 2, 3, 4, 5, 6, 7, 8}), "[1, 2, 3, 4, 5, 6, 7, 8]");
  EXPECT_EQ(Integers({1, 2, 3, 4, -5, 6, 7, 8, 0}), "9 x -5..8");
  EXPECT_EQ(Floats(std::vector<float>(64, 0.25f)), "64 x 0.25");
}

TEST(ValueTextTest, FewElementsArePrinted) {
  const std::vector<uint8_t> bytes = {0xf7, 0x08};
  EXPECT_EQ(DataText(circle::TensorType_UINT8, {2}, bytes), "{247, 8}");
  EXPECT_EQ(DataText(circle::TensorType_INT8, {1, 2}, bytes), "{-9, 8}");
  EXPECT_EQ(DataText(circle::TensorType_INT4, {3}, bytes), "{7, -1, -8}");
  EXPECT_EQ(DataText(circle::TensorType_UINT4, {2, 2}, bytes), "{7, 15, 8, 0}");
  EXPECT_EQ(DataText(circle::TensorType_INT16, {1}, bytes), "{2295}");
  EXPECT_EQ(DataText(circle::TensorType_FLOAT16, {}, std::vector<uint8_t>{0, 0x3c}), "{1}");
  EXPECT_EQ(DataText(circle::TensorType_BFLOAT16, {}, std::vector<uint8_t>{0x80, 0x3f}), "{1}");
  EXPECT_EQ(DataText(circle::TensorType_FLOAT32, {}, std::vector<uint8_t>{0, 0, 0x80, 0xbf}),
            "{-1}");
}

TEST(ValueTextTest, ElementsOfEachWidth) {
  const std::vector<uint8_t> bytes = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  EXPECT_EQ(DataText(circle::TensorType_UINT16, {4}, bytes), "{65534, 65535, 65535, 65535}");
  EXPECT_EQ(DataText(circle::TensorType_INT32, {2}, bytes), "{-2, -1}");
  EXPECT_EQ(DataText(circle::TensorType_UINT32, {2}, bytes), "{4294967294, 4294967295}");
  EXPECT_EQ(DataText(circle::TensorType_INT64, {1}, bytes), "{-2}");
  EXPECT_EQ(DataText(circle::TensorType_UINT64, {1}, bytes), "{18446744073709551614}");
  EXPECT_EQ(DataText(circle::TensorType_BOOL, {2}, std::vector<uint8_t>{1, 0}), "{1, 0}");
  EXPECT_EQ(
      DataText(circle::TensorType_FLOAT64, {1}, std::vector<uint8_t>{0, 0, 0, 0, 0, 0, 0xe0, 0x3f}),
      "{0.5}");
}

TEST(ValueTextTest, OtherDataIsShownBySize) {
  const std::vector<uint8_t> bytes(9);
  EXPECT_EQ(DataText(circle::TensorType_INT8, {9}, bytes), "9 bytes");  // many
  EXPECT_EQ(DataText(circle::TensorType_INT8, {8}, bytes), "9 bytes");  // not the shape's size
  EXPECT_EQ(DataText(circle::TensorType_STRING, {1}, bytes), "9 bytes");
  EXPECT_EQ(DataText(circle::TensorType_GGML_Q4_0, {1}, bytes), "9 bytes");
}

TEST(ValueTextTest, NamesAreQuotedWhereAReaderCouldMistakeThem) {
  EXPECT_EQ(NameText("model/dense:0::x-1;y@z"), "model/dense:0::x-1;y@z");
  EXPECT_EQ(NameText(""), "\"\"");
  EXPECT_EQ(NameText("a b"), "\"a b\"");
  EXPECT_EQ(NameText("a:"), "\"a:\"");
  EXPECT_EQ(NameText("a#1"), "\"a#1\"");
  EXPECT_EQ(NameText("\"\n가"), "\"\\\"\\n가\"");
}

}  // namespace
}  // namespace q_implant
