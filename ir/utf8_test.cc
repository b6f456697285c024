// SPDX-License-Identifier: Apache-2.0
#include "ir/utf8.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

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

TEST(Utf8, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(WithEscapedBytes(""), "");
  EXPECT_EQ(WithEscapedBytes("\xC3\xA9\n\\"), "\xC3\xA9\n\\");
  EXPECT_EQ(WithEscapedBytes("a\xE9t\xC3"), "a\\xe9t\\xc3");
  EXPECT_EQ(WithEscapedBytes("\xED\xA0\x80", "%"), "%ed%a0%80");
}

TEST(Utf8, ALineHoldsNothingThatBreaksOrTurnsIt) {
  EXPECT_EQ(OneLineText("a b\xC3\xA9\xF0\x9F\x98\x80"), "a b\xC3\xA9\xF0\x9F\x98\x80");
  EXPECT_EQ(OneLineText("\n\x1b[0m\x7f"), "\\x0a\\x1b[0m\\x7f");
  EXPECT_EQ(OneLineText("\xC2\x85|\xC2\x9B"), "\\u0085|\\u009b") << "C1";
  EXPECT_EQ(OneLineText("\x85\x9B"), "\\x85\\x9b") << "C1 bytes";
  for (uint32_t c :
       {0x61Cu, 0x200Eu, 0x200Fu, 0x2028u, 0x2029u, 0x202Au, 0x202Eu, 0x2066u, 0x2069u}) {
    std::string text;
    AppendUtf8(c, &text);
    EXPECT_EQ(OneLineText(text), absl::StrCat("\\u", absl::Hex(c, absl::kZeroPad4)));
  }
}

TEST(Utf8, ClipsBetweenCharacters) {
  EXPECT_EQ(Clipped("abc", 3), "abc");
  EXPECT_EQ(Clipped("abcd", 3), "abc...");
  EXPECT_EQ(Clipped("ab\xC3\xA9z", 3), "ab...");
  EXPECT_EQ(Clipped("ab\xC3\xA9z", 4), "ab\xC3\xA9...");
}

}  // namespace
}  // namespace q_implant
