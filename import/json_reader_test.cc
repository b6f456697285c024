// SPDX-License-Identifier: Apache-2.0
#include "import/json_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace q_implant {
namespace {

using ::testing::ElementsAre;

TEST(JsonReaderTest, ReadsValues) {
  Diagnostics diagnostics;
  const auto root = ReadJson(R"({"a": [1, -2.5, "x\u00e9", null, true]})", "p.json", diagnostics);
  ASSERT_TRUE(root.has_value());
  const Json::Value& array = (*root)["a"];
  EXPECT_EQ(array[0].asInt(), 1);
  EXPECT_EQ(array[1].asDouble(), -2.5);
  EXPECT_EQ(array[2].asString(), "x\xC3\xA9");
  EXPECT_TRUE(array[3].isNull());
  EXPECT_TRUE(array[4].asBool());
}

TEST(JsonReaderTest, SkipsAByteOrderMark) {
  Diagnostics diagnostics;
  EXPECT_TRUE(ReadJson("\xEF\xBB\xBF{}", "p.json", diagnostics).has_value());
  EXPECT_FALSE(ReadJson("\xEF\xBB\xBF[1 2]", "p.json", diagnostics).has_value());
  EXPECT_EQ(diagnostics.all().front().ToString(),
            "error: p.json:1:4: not JSON: expected ',' or ']', found '2'");
}

TEST(JsonReaderTest, ReadsValuesThatAreNoObject) {
  Diagnostics diagnostics;
  EXPECT_EQ(ReadJson("3", "p.json", diagnostics)->asInt(), 3);
  EXPECT_FALSE(diagnostics.has_errors());
}

// What jsoncpp can read must be whatever ScanJson accepts, up to the deepest nesting.
TEST(JsonReaderTest, ReadsTheDeepestNesting) {
  Diagnostics diagnostics;
  const std::string text = std::string(64, '[') + std::string(64, ']');
  EXPECT_TRUE(ReadJson(text, "p.json", diagnostics).has_value());
  EXPECT_TRUE(ReadJson("[1e-400, -0, 18446744073709551616]", "p.json", diagnostics).has_value());
}

TEST(JsonReaderTest, HugeNestingIsAnError) {
  Diagnostics diagnostics;
  EXPECT_FALSE(ReadJson(std::string(1000000, '['), "p.json", diagnostics).has_value());
  EXPECT_EQ(diagnostics.all().front().ToString(),
            "error: p.json:1:65: nested too deeply: expected at most 64 objects and arrays inside "
            "each other");
}

TEST(JsonReaderTest, MembersComeInTheOrderOfTheText) {
  Diagnostics diagnostics;
  const auto root = ReadJson(R"({"b": 1, "a": {"d": 1}, "c": []})", "p.json", diagnostics);
  std::vector<std::string> names;
  for (const auto& [name, value] : MembersOf(*root)) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("b", "a", "c"));
}

TEST(JsonReaderTest, DescribesValues) {
  Diagnostics diagnostics;
  const auto root = ReadJson(R"([null, false, 0.0, 3, -1, "x\n", [], {}, 18446744073709551615])",
                             "p.json", diagnostics);
  std::vector<std::string> texts;
  for (const Json::Value& value : *root) texts.push_back(DescribeJson(value));
  EXPECT_THAT(texts, ElementsAre("null", "false", "the number 0.0", "the number 3", "the number -1",
                                 "the string 'x\\n'", "an array", "an object",
                                 "the number 18446744073709551615"));
}

TEST(JsonReaderTest, AFileMustBeAnObject) {
  const std::string path = ::testing::TempDir() + "/json_reader_test.json";
  std::ofstream(path) << "[1]";
  Diagnostics diagnostics;
  EXPECT_FALSE(ReadJsonObject(path, diagnostics).has_value());
  EXPECT_EQ(diagnostics.all().front().ToString(),
            "error: " + path +
                ": the outermost value is not an object: expected '{' ... '}', found an array");
}

TEST(JsonReaderTest, AFileMustBeThere) {
  Diagnostics diagnostics;
  EXPECT_FALSE(ReadJsonObject("/nowhere/p.json", diagnostics).has_value());
  EXPECT_EQ(diagnostics.all().front().ToString(),
            "error: /nowhere/p.json: there is no such file; check the name and the folder");
}

}  // namespace
}  // namespace q_implant
