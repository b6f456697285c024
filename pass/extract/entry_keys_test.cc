// SPDX-License-Identifier: Apache-2.0
#include "pass/extract/entry_keys.h"

#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

// Tensors x, s, y in the main graph and x, c, y in the other.
Model TwoGraphs() {
  return ModelFromText(R"(graph main(%x: int8[1] q(1, 0)) -> (%y) {
    %s: int8[1] q(1, 0) = CUSTOM "c"(%x)
    %y: int8[1] q(1, 0) = CUSTOM "c"(%s)
  }
  graph other(%x: int8[1] q(1, 0)) -> (%y) {
    %c: int8[1] q(1, 0) = CUSTOM "c"(%x)
    %y: int8[1] q(1, 0) = CUSTOM "c"(%c)
  })");
}

std::vector<EntryKeys::Changes> NoChanges() {
  return {{.extra = {false, false, false}, .former = {}},
          {.extra = {false, false, false}, .former = {}}};
}

TEST(EntryKeysTest, ANameThatOneTensorHasIsTheKey) {
  EXPECT_EQ(EntryKeys(TwoGraphs(), NoChanges()).KeyOf(0, 1, "s"), "s");
}

TEST(EntryKeysTest, ANameOfSeveralGraphsGoesWithTheGraph) {
  EXPECT_EQ(EntryKeys(TwoGraphs(), NoChanges()).KeyOf(1, 0, "x"), "1:x");
}

TEST(EntryKeysTest, ANameOfATensorThatWentCounts) {
  std::vector<EntryKeys::Changes> changes = NoChanges();
  changes[0].former = {"c"};
  EXPECT_EQ(EntryKeys(TwoGraphs(), changes).KeyOf(1, 1, "c"), "1:c");
  EXPECT_EQ(EntryKeys(TwoGraphs(), changes).KeyOf(0, 1, "c"), "0:c");
}

TEST(EntryKeysTest, NamesThatAreNoneGoByPosition) {
  for (const std::string& name : {std::string(), std::string("\xff"), std::string("a\0b", 3)}) {
    Model model = TwoGraphs();
    model.graphs[1].tensors[2].name = name;
    std::vector<EntryKeys::Changes> changes = NoChanges();
    EXPECT_EQ(EntryKeys(model, changes).KeyOf(1, 2, name), "#1/2");
    changes[1].extra[0] = true;  // the float32 model does not have it
    EXPECT_EQ(EntryKeys(model, changes).KeyOf(1, 2, name), "#1/1");
    EXPECT_TRUE(EntryKeys::IsPosition("#1/1", name));
  }
  EXPECT_FALSE(EntryKeys::IsPosition("#1/1", "#1/1"));
}

TEST(EntryKeysTest, ANameThatRepeatsInItsGraphOrThatAKeyWouldMeanGoesByPosition) {
  Model model = TwoGraphs();
  model.graphs[1].tensors[1].name = "y";
  EXPECT_EQ(EntryKeys(model, NoChanges()).KeyOf(1, 1, "y"), "#1/1");
  model.graphs[1].tensors[1].name = "0:x";
  EXPECT_EQ(EntryKeys(model, NoChanges()).KeyOf(0, 0, "x"), "#0/0");
}

}  // namespace
}  // namespace q_implant
