// SPDX-License-Identifier: Apache-2.0
#include "import/name_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"

namespace q_implant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class NameMapTest : public ::testing::Test {
 protected:
  NameMap Read(const std::string& text) {
    const std::string path = ::testing::TempDir() + "/name_map_test.json";
    std::ofstream(path) << text;
    return NameMap::Read(path, diagnostics_);
  }

  std::vector<std::string> Messages() const {
    std::vector<std::string> messages;
    for (const Diagnostic& diagnostic : diagnostics_.all()) {
      messages.push_back(
          absl::StrReplaceAll(diagnostic.ToString(), {{::testing::TempDir() + "/", ""}}));
    }
    return messages;
  }

  Diagnostics diagnostics_;
};

TEST_F(NameMapTest, MapsNamesAndKeepsOthers) {
  const NameMap map = Read(R"({"conv.weight": "ker", "a": "b", "b": "a"})");
  EXPECT_EQ(map.TargetOf("conv.weight"), "ker");
  EXPECT_EQ(map.TargetOf("a"), "b");  // applied once
  EXPECT_EQ(map.TargetOf("b"), "a");
  EXPECT_EQ(map.TargetOf("ofm"), "ofm");
  EXPECT_THAT(Messages(), IsEmpty());
}

TEST_F(NameMapTest, AMapOfNoNamesChangesNothing) {
  EXPECT_EQ(NameMap().TargetOf("a"), "a");
  NameMap().NoteUnused({}, diagnostics_);
  EXPECT_THAT(Messages(), IsEmpty());
}

TEST_F(NameMapTest, ReportsEveryWrongMember) {
  const NameMap map = Read(R"({"a": 1, "b": "", "": "c", "d": null, "e": "f"})");
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: name_map_test.json: tensor 'a': not mapped to a name: expected \"name in "
                  "the param file\": \"name in the model\", found the number 1",
                  "error: name_map_test.json: tensor 'b': not mapped to a name: expected \"name in "
                  "the param file\": \"name in the model\", found the string ''",
                  "error: name_map_test.json: the name is empty: expected \"name in the param "
                  "file\": \"name in the model\"",
                  "error: name_map_test.json: tensor 'd': not mapped to a name: expected \"name in "
                  "the param file\": \"name in the model\", found null"));
  EXPECT_EQ(map.TargetOf("e"), "f");
}

TEST_F(NameMapTest, IsStrictJson) {
  Read("{\"a\": \"b\",\n \"a\": \"c\"}");
  Read("[]");
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: name_map_test.json:2:2: the key 'a' is here for the second time: "
                  "expected every key once, found the first in line 1, column 2; remove one "
                  "of the two",
                  "error: name_map_test.json: the outermost value is not an object: "
                  "expected '{' ... '}', found an array"));
}

TEST_F(NameMapTest, NotesUnusedNamesOnce) {
  const NameMap map = Read(R"({"e": "1", "d": "2", "c": "3", "b": "4", "a": "5"})");
  const std::vector<std::string> none, three = {"a", "b", "c"};
  map.NoteUnused(none, diagnostics_);
  map.NoteUnused(three, diagnostics_);
  EXPECT_THAT(Messages(),
              ElementsAre("note: name_map_test.json: 5 of 5 names in the name map are not in the "
                          "param file: found 'e', 'd', 'c', ...",
                          "note: name_map_test.json: 2 of 5 names in the name map are not in the "
                          "param file: found 'e', 'd'"));
}

TEST_F(NameMapTest, NotesNothingWhereAllAreUsed) {
  const std::vector<std::string> keys = {"a", "x"};
  Read(R"({"a": "1"})").NoteUnused(keys, diagnostics_);
  EXPECT_THAT(Messages(), IsEmpty());
}

}  // namespace
}  // namespace q_implant
