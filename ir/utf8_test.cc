// SPDX-License-Identifier: Apache-2.0
#include "ir/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace q_implant {
namespace {

TEST(Utf8Test, AcceptsEveryCodePointThatAppendUtf8Writes) {
  for (uint32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    if (code_point >= 0xD800 && code_point < 0xE000) continue;
    std::string text;
    AppendUtf8(code_point, &text);
    ASSERT_EQ(FindInvalidUtf8(text), text.size()) << std::hex << code_point;
  }
}

TEST(Utf8Test, WritesKnownBytes) {
  std::string text;
  for (uint32_t code_point : {0x41u, 0xE9u, 0xAC00u, 0x1F600u}) AppendUtf8(code_point, &text);
  EXPECT_EQ(text, "A\xC3\xA9\xEA\xB0\x80\xF0\x9F\x98\x80");
}

TEST(Utf8Test, FindsTheFirstInvalidSequence) {
  EXPECT_EQ(FindInvalidUtf8(""), 0u);
  EXPECT_EQ(FindInvalidUtf8("ab\x80"), 2u);            // a continuation alone
  EXPECT_EQ(FindInvalidUtf8("\xE9t\xE9"), 0u);         // Latin-1
  EXPECT_EQ(FindInvalidUtf8("a\xC3"), 1u);             // cut off
  EXPECT_EQ(FindInvalidUtf8("\xC0\x80"), 0u);          // overlong, 2 bytes
  EXPECT_EQ(FindInvalidUtf8("\xE0\x9F\xBF"), 0u);      // overlong, 3 bytes
  EXPECT_EQ(FindInvalidUtf8("\xF0\x8F\xBF\xBF"), 0u);  // overlong, 4 bytes
  EXPECT_EQ(FindInvalidUtf8("\xED\xA0\x80"), 0u);      // the surrogate U+D800
  EXPECT_EQ(FindInvalidUtf8("\xF4\x90\x80\x80"), 0u);  // U+110000
  EXPECT_EQ(FindInvalidUtf8("\xFF"), 0u);
}

}  // namespace
}  // namespace q_implant
