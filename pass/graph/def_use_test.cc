// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/def_use.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

// "0:1 2:0" for input 1 of node 0 and input 0 of node 2.
std::string UsesText(const DefUse& def_use, TensorId tensor) {
  std::string text;
  for (const Use& use : def_use.uses(tensor)) {
    absl::StrAppend(&text, text.empty() ? "" : " ", use.node, ":", use.slot);
  }
  return text;
}

TEST(DefUseTest, ProducersAndUses) {
  const Model model = ModelFromText(R"(graph (%x#0: float32[1]) -> (%y#3, %x#0) {
    const %c#1: float32[1] = {1}
    tensor %unused#5: float32[1]
    %a#2: float32[1], _, %b#4: float32[1] = CUSTOM "c"(%x#0, _, %c#1)
    %y#3: float32[1] = ADD(%a#2, %a#2) {}
    %y2#6: float32[1] = ADD(%c#1, %b#4) {}
  })");
  const DefUse def_use(model.graphs[0]);
  EXPECT_EQ(def_use.producer(0), kNoNode);
  EXPECT_EQ(def_use.producer(1), kNoNode);
  EXPECT_EQ(def_use.producer(2), 0);
  EXPECT_EQ(def_use.producer(3), 1);
  EXPECT_EQ(def_use.producer(4), 0);
  EXPECT_EQ(UsesText(def_use, 0), "0:0");
  EXPECT_EQ(UsesText(def_use, 1), "0:2 2:0");
  EXPECT_EQ(UsesText(def_use, 2), "1:0 1:1");
  EXPECT_EQ(UsesText(def_use, 3), "");
  EXPECT_EQ(UsesText(def_use, 4), "2:1");
  EXPECT_EQ(UsesText(def_use, 5), "");
  EXPECT_TRUE(def_use.is_input(0));
  EXPECT_TRUE(def_use.is_output(0));
  EXPECT_FALSE(def_use.is_input(3));
  EXPECT_TRUE(def_use.is_output(3));
  EXPECT_FALSE(def_use.is_output(2));
}

TEST(DefUseTest, AGraphWithoutNodes) {
  const DefUse def_use(ModelFromText("graph (%x: float32[1]) -> () {}").graphs[0]);
  EXPECT_EQ(def_use.producer(0), kNoNode);
  EXPECT_EQ(UsesText(def_use, 0), "");
}

}  // namespace
}  // namespace q_implant
