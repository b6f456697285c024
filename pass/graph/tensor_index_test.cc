// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/tensor_index.h"

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {

void PrintTo(const TensorRef& ref, std::ostream* out) {
  *out << "#" << ref.graph << "/" << ref.tensor;
}

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// --- Find ---

class FindTest : public testing::Test {
 protected:
  std::vector<TensorRef> Find(absl::string_view key) const { return index_.Find(key); }

  Model model_ = ModelFromText(R"(
  graph (%x: float32[1], %1:y: float32[1], %#2: float32[1]) -> () {}
  graph (%x#0: float32[1], %y#1: float32[1], %"#0/0"#2: float32[1], %x#3: float32[1],
         %a:b#4: float32[1]) -> () {})");
  TensorIndex index_{model_};
};

TEST_F(FindTest, ByName) {
  EXPECT_THAT(Find("y"), ElementsAre(TensorRef{1, 1}));
  EXPECT_THAT(Find("x"), ElementsAre(TensorRef{0, 0}, TensorRef{1, 0}, TensorRef{1, 3}));
  EXPECT_THAT(Find("z"), IsEmpty());
  EXPECT_THAT(Find(""), IsEmpty());
}

TEST_F(FindTest, TheExactNameWins) {
  EXPECT_THAT(Find("1:y"), ElementsAre(TensorRef{0, 1}));
  EXPECT_THAT(Find("#0/0"), ElementsAre(TensorRef{1, 2}));
}

TEST_F(FindTest, ByGraphAndName) {
  EXPECT_THAT(Find("0:x"), ElementsAre(TensorRef{0, 0}));
  EXPECT_THAT(Find("1:x"), ElementsAre(TensorRef{1, 0}, TensorRef{1, 3}));
  EXPECT_THAT(Find("1:a:b"), ElementsAre(TensorRef{1, 4}));
  EXPECT_THAT(Find("0:y"), IsEmpty());
  EXPECT_THAT(Find("2:x"), IsEmpty());
  EXPECT_THAT(Find("one:x"), IsEmpty());
  EXPECT_THAT(Find(":x"), IsEmpty());
}

TEST_F(FindTest, ByPosition) {
  EXPECT_THAT(Find("#0/2"), ElementsAre(TensorRef{0, 2}));
  EXPECT_THAT(Find("#1/0"), ElementsAre(TensorRef{1, 0}));
  EXPECT_THAT(Find("#0/3"), IsEmpty());
  EXPECT_THAT(Find("#2/0"), IsEmpty());
  EXPECT_THAT(Find("#0/-1"), IsEmpty());
  EXPECT_THAT(Find("#0"), IsEmpty());
  EXPECT_THAT(Find("#/0"), IsEmpty());
  EXPECT_THAT(Find("#a/b"), IsEmpty());
}

// --- Nearest ---

// The nearest of these names, in model order.
std::vector<std::string> Nearest(absl::string_view key, const std::vector<std::string>& names,
                                 size_t limit = 3) {
  std::string inputs;
  for (const std::string& name : names) {
    absl::StrAppend(&inputs, inputs.empty() ? "" : ", ", "%\"", name, "\": float32[1]");
  }
  const Model model = ModelFromText(absl::StrCat("graph (", inputs, ") -> () {}"));
  return TensorIndex(model).Nearest(key, limit);
}

TEST(NearestTest, ByEditDistance) {
  EXPECT_THAT(Nearest("conv1_weights", {"conv2_weight", "conv1_weight", "dense_kernel"}),
              ElementsAre("conv1_weight", "conv2_weight"));
}

TEST(NearestTest, SeparatorsAndCaseDoNotCount) {
  EXPECT_THAT(Nearest("conv1.weight", {"conv1_weighs", "Conv1/Weight"}),
              ElementsAre("Conv1/Weight", "conv1_weighs"));
}

TEST(NearestTest, ByAPartOfAJoinedName) {
  EXPECT_THAT(Nearest("net/fc/BiasAdd", {"net/fc/MatMul;net/fc/BiasAdd", "net/other"}),
              ElementsAre("net/fc/MatMul;net/fc/BiasAdd"));
}

TEST(NearestTest, ByACommonEnding) {
  EXPECT_THAT(Nearest("model.backbone.layer1.conv.weight",
                      {"layer1.conv.weight", "xyz.layer7.conv.weight", "unrelated"}),
              ElementsAre("layer1.conv.weight", "xyz.layer7.conv.weight"));
}

TEST(NearestTest, NoMoreThanTheLimitInModelOrder) {
  EXPECT_THAT(Nearest("conv0", {"conv4", "conv3", "conv2", "conv1"}, 2),
              ElementsAre("conv4", "conv3"));
}

TEST(NearestTest, NothingThatIsUnlike) {
  EXPECT_THAT(Nearest("conv", {"x", "y", "dense_17"}), IsEmpty());
}

// One letter changed for another of one is all of the name.
TEST(NearestTest, ShortNamesMustShareSomething) {
  EXPECT_THAT(Nearest("w", {"x", "xy"}), IsEmpty());
  EXPECT_THAT(Nearest("w1", {"x2", "w2"}), ElementsAre("w2"));
}

}  // namespace
}  // namespace q_implant
