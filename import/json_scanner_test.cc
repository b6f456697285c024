// SPDX-License-Identifier: Apache-2.0
#include "import/json_scanner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace q_implant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Scan(absl::string_view text) {
  Diagnostics diagnostics;
  const bool clean = ScanJson(text, "p.json", diagnostics);
  std::vector<std::string> messages;
  for (const Diagnostic& diagnostic : diagnostics.all()) messages.push_back(diagnostic.ToString());
  EXPECT_EQ(clean, messages.empty());
  return messages;
}

std::string Nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonScannerTest, AcceptsEveryValue) {
  for (const char* text :
       {"{}", "[]", " [ 1 , 2 ] ", "null", "true", "false", "\"\"", "0", "-0", "10", "-1.5e+10",
        "1E-400", "{\"a\":{\"b\":[{},[],null]}}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
        "\"\\ud83d\\ude00\"", "\"\xEA\xB0\x80\"", "{\n\t\"a\" :\r\n1 }\n", "{\"\":1}"}) {
    EXPECT_THAT(Scan(text), IsEmpty()) << text;
  }
  EXPECT_THAT(Scan(Nested(64)), IsEmpty());
}

struct BadText {
  const char* name;
  std::string text;
  std::string message;
};

class JsonScannerErrorTest : public ::testing::TestWithParam<BadText> {};

TEST_P(JsonScannerErrorTest, HasItsMessage) {
  EXPECT_THAT(Scan(GetParam().text), ElementsAre("error: p.json:" + GetParam().message));
}

const std::string kNoWord = "expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u";

INSTANTIATE_TEST_SUITE_P(
    All, JsonScannerErrorTest,
    ::testing::ValuesIn(std::vector<BadText>{
        {"Empty", "", "1:1: the file is empty: expected JSON"},
        {"Blank", " \n", "1:1: the file is empty: expected JSON"},
        {"Latin1", "{\n\"\xE9\": 1}",
         "2:2: not UTF-8: expected UTF-8 text, found the byte 0xe9; save the file as UTF-8"},
        {"Utf16", "\xFF\xFE{",
         "1:1: not UTF-8: expected UTF-8 text, found the byte 0xff; this is UTF-16: save the file "
         "as UTF-8"},
        {"TooDeep", Nested(65),
         "1:65: nested too deeply: expected at most 64 objects and arrays inside each other"},
        {"LineComment", "{\n  // no\n  \"a\": 1}",
         "2:3: a comment; JSON has no comments: remove it"},
        {"BlockComment", "{\"a\": 1 /* no */}", "1:9: a comment; JSON has no comments: remove it"},
        {"HashComment", "{\"a\": \"0.npy\", # no\n\"b\": 1}",
         "1:16: a comment; JSON has no comments: remove it"},
        {"SingleQuotes", "{'a': 1}", "1:2: a string in single quotes: expected double quotes"},
        {"SingleQuotedValue", "{\"a\": 'b'}",
         "1:7: a string in single quotes: expected double quotes"},
        {"NoQuotes", "{a: 1}", "1:2: not JSON: expected a name in double quotes, found 'a'"},
        {"NumericName", "{1: 1}", "1:2: not JSON: expected a name in double quotes, found '1'"},
        {"NoColon", "{\"a\" 1}", "1:6: not JSON: expected ':', found '1'"},
        {"NoComma", "{\"a\": 1\n\"b\": 2}", "2:1: not JSON: expected ',' or '}', found '\"'"},
        {"NoCommaInArray", "[1 2]", "1:4: not JSON: expected ',' or ']', found '2'"},
        {"TrailingComma", "{\"a\": 1,\n}",
         "1:8: a comma before '}': expected commas only between values; remove it"},
        {"TrailingCommaInArray", "[1, ]",
         "1:3: a comma before ']': expected commas only between values; remove it"},
        {"OnlyComma", "[,]", "1:2: not JSON: expected a value, found ','"},
        {"NoValue", "{\"a\": }", "1:7: not JSON: expected a value, found '}'"},
        {"Unfinished", "{\"a\": 1",
         "1:8: not JSON: expected ',' or '}', found the end of the file"},
        {"TwoValues", "{}\n{}", "2:1: not JSON: expected nothing after the JSON value, found '{'"},
        {"Word", "[yes]", "1:2: not JSON: expected a value, found 'y'"},
        {"Korean", "[\xEA\xB0\x80]", "1:2: not JSON: expected a value, found '\xEA\xB0\x80'"},
        {"Nul", std::string("[\0]", 3), "1:2: not JSON: expected a value, found the byte 0x00"},
        {"NaN", "[NaN]", "1:2: JSON has no NaN: expected a number"},
        {"Infinity", "[Infinity]", "1:2: JSON has no Infinity: expected a number"},
        {"MinusInfinity", "[-Infinity]", "1:3: JSON has no Infinity: expected a number"},
        {"PythonWord", "[None]",
         "1:2: 'None' is Python, not JSON: expected true, false or null; write the file with "
         "json.dump"},
        {"LeadingZero", "[-01]",
         "1:2: a number with a leading zero: found -01; JSON numbers are decimal: remove the zero"},
        {"NoFraction", "[1.]", "1:4: not JSON: expected a digit after '.', found ']'"},
        {"NoInteger", "[.5]", "1:2: not JSON: expected a value, found '.'"},
        {"NoExponent", "[1e]", "1:4: not JSON: expected a digit in the exponent, found ']'"},
        {"OnlyMinus", "[-]", "1:3: not JSON: expected a digit, found ']'"},
        {"Plus", "[+1]", "1:2: not JSON: expected a value, found '+'"},
        {"TooLarge", "[1e400]",
         "1:2: a number out of range: expected a magnitude below 1.8e308, found 1e400"},
        {"Tab", "[\"a\tb\"]",
         "1:4: a control character in a string: expected the escape \\u0009, found the byte 0x09"},
        {"NoClosingQuote", "[\"a]\n", "1:2: a string without an end: expected a closing '\"'"},
        {"NoClosingQuoteAtEnd", "[\"a", "1:2: a string without an end: expected a closing '\"'"},
        {"Backslash", "[\"a\\d.npy\"]",
         "1:4: an unknown escape in a string: " + kNoWord +
             "; write '/' between folders, and \"\\\\\" for a backslash"},
        {"ShortEscape", "[\"\\u12g4\"]",
         "1:3: an unfinished escape in a string: expected four hexadecimal digits after \\u"},
        {"CutEscape", "[\"\\u12",
         "1:3: an unfinished escape in a string: expected four hexadecimal digits after \\u"},
        {"NulEscape", "{\"a\\u0000\": 1}",
         "1:4: the character U+0000 in a string: expected a name that files and models can have"},
        {"HighSurrogate", "[\"\\ud83d\"]",
         "1:3: half of a surrogate pair in a string: expected \\ud800..\\udbff followed by "
         "\\udc00..\\udfff, found \\ud83d"},
        {"LowSurrogate", "[\"\\ude00\\ud83d\"]",
         "1:3: half of a surrogate pair in a string: expected \\ud800..\\udbff followed by "
         "\\udc00..\\udfff, found \\ude00"},
        {"TwoHighSurrogates", "[\"\\ud83d\\ud83d\"]",
         "1:3: half of a surrogate pair in a string: expected \\ud800..\\udbff followed by "
         "\\udc00..\\udfff, found \\ud83d"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(JsonScannerTest, ReportsEveryRepeatedKey) {
  EXPECT_THAT(
      Scan("{\"ifm\": {\"scale\": 1, \"scale\": 2},\n \"a\": 1,\n \"\\u0061\": 2, \"a\": 3}"),
      ElementsAre("error: p.json:1:22: the key 'scale' is here for the second time: expected every "
                  "key once, found the first in line 1, column 10; remove one of the two",
                  "error: p.json:3:2: the key 'a' is here for the second time: expected every key "
                  "once, found the first in line 2, column 2; remove one of the two",
                  "error: p.json:3:15: the key 'a' is here for the second time: expected every key "
                  "once, found the first in line 2, column 2; remove one of the two"));
}

TEST(JsonScannerTest, AllowsAKeyAgainInAnotherObject) {
  EXPECT_THAT(Scan("{\"a\": {\"a\": 1}, \"b\": {\"a\": 1}}"), IsEmpty());
}

TEST(JsonScannerTest, ManyRepeatedKeysTakeLinearTime) {
  std::string text = "{\"a\":1";
  for (int i = 0; i < 20000; ++i) text += ",\"a\":1";
  Diagnostics diagnostics;
  EXPECT_FALSE(ScanJson(text + "}", "p.json", diagnostics));
  EXPECT_EQ(diagnostics.MoreErrors(), "error: and 19900 more errors");
}

}  // namespace
}  // namespace q_implant
