// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/moved_constants.h"

#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

using testing::ElementsAre;

// --- MoveOf ---

// The move of the only node of a graph, from %x.
std::optional<Move> MoveOfNode(absl::string_view text) {
  const Model model = ModelFromText(text);
  return MoveOf(model, model.graphs[0], model.graphs[0].nodes[0]);
}

TEST(MoveOfTest, OperatorsThatKeepTheOrder) {
  for (const char* node :
       {"RESHAPE(%x, %s) {}", "RESHAPE(%x) {}", "SQUEEZE(%x) {}", "EXPAND_DIMS(%x, %s) {}"}) {
    const auto move = MoveOfNode(absl::StrCat(
        "graph (%x: float32[2,3], %s: int32[1]) -> () { %y: float32[1,6] = ", node, "}"));
    ASSERT_TRUE(move.has_value()) << node;
    EXPECT_THAT(move->from_shape, ElementsAre(2, 3));
    EXPECT_THAT(move->to_shape, ElementsAre(1, 6));
    EXPECT_THAT(move->permutation, ElementsAre());
  }
}

TEST(MoveOfTest, Transpose) {
  const auto move = MoveOfNode(R"(graph (%x: float32[2,3,4]) -> () {
    const %p: int32[3] = {2, 0, 1}
    %y: float32[4,2,3] = TRANSPOSE(%x, %p) {}
  })");
  ASSERT_TRUE(move.has_value());
  EXPECT_THAT(move->permutation, ElementsAre(2, 0, 1));
}

TEST(MoveOfTest, NegativeAxesCountFromTheEnd) {
  const auto move = MoveOfNode(R"(graph (%x: float32[2,3]) -> () {
    const %p: int32[2] = {-1, 0}
    %y: float32[3,2] = TRANSPOSE(%x, %p) {}
  })");
  ASSERT_TRUE(move.has_value());
  EXPECT_THAT(move->permutation, ElementsAre(1, 0));
}

TEST(MoveOfTest, PermutationsThatAreNone) {
  for (const char* permutation :
       {"const %p: int32[2] = {0, 0}", "const %p: int32[2] = {0, 2}",
        "const %p: int32[2] = {-3, 0}", "const %p: int32[1] = {0}", "const %p: int64[2] = {1, 0}",
        "tensor %p: int32[2]",
        "const %p: int32[2] = {0, 1}"}) {  // the last one does not give the shape of %y
    EXPECT_FALSE(MoveOfNode(absl::StrCat("graph (%x: float32[2,3]) -> () {", permutation,
                                         "%y: float32[3,2] = TRANSPOSE(%x, %p) {} }"))
                     .has_value())
        << permutation;
  }
  EXPECT_FALSE(MoveOfNode("graph (%x: float32[2,3]) -> () { %y: float32[3,2] = TRANSPOSE(%x) {} }")
                   .has_value());
}

TEST(MoveOfTest, OtherNodes) {
  EXPECT_FALSE(
      MoveOfNode("graph (%x: float32[2]) -> () { %y: float32[2] = RELU(%x) }").has_value());
  EXPECT_FALSE(
      MoveOfNode("graph (%x: float32[2]) -> () { %y: float32[3] = RESHAPE(%x) {} }").has_value());
  EXPECT_FALSE(MoveOfNode("graph () -> () { %y: float32[1] = RESHAPE(_) {} }").has_value());
  EXPECT_FALSE(MoveOfNode("graph (%x: float32[2]) -> () { RESHAPE(%x) {} }").has_value());
}

// --- MoveData ---

std::vector<uint8_t> Moved(const Move& move, size_t element_size) {
  size_t count = element_size;
  for (int32_t dim : move.from_shape) count *= static_cast<size_t>(dim);
  std::vector<uint8_t> data(count);
  std::iota(data.begin(), data.end(), 0);
  const Bytes moved = MoveData(move, Bytes::Own(data), element_size);
  return {moved.span().begin(), moved.span().end()};
}

TEST(MoveDataTest, Matrix) {
  EXPECT_THAT(Moved({{2, 3}, {3, 2}, {1, 0}}, 1), ElementsAre(0, 3, 1, 4, 2, 5));
}

// numpy.transpose(numpy.arange(12).reshape(2, 3, 2), (2, 0, 1)).ravel()
TEST(MoveDataTest, ThreeAxes) {
  EXPECT_THAT(Moved({{2, 3, 2}, {2, 2, 3}, {2, 0, 1}}, 1),
              ElementsAre(0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11));
}

TEST(MoveDataTest, WideElements) {
  EXPECT_THAT(Moved({{2, 2}, {2, 2}, {1, 0}}, 4),
              ElementsAre(0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15));
}

TEST(MoveDataTest, SharesWhatStays) {
  const Bytes data = Bytes::Own({1, 2, 3, 4});
  EXPECT_EQ(MoveData({{2, 2}, {4}, {}}, data, 1).data(), data.data());
  EXPECT_EQ(MoveData({{2, 2}, {2, 2}, {0, 1}}, data, 1).data(), data.data());
}

// --- MoveAxis ---

TEST(MoveAxisTest, FollowsATranspose) {
  const Move move = {{2, 3, 4}, {4, 2, 3}, {2, 0, 1}};
  EXPECT_EQ(MoveAxis(move, 0), 1);
  EXPECT_EQ(MoveAxis(move, 1), 2);
  EXPECT_EQ(MoveAxis(move, 2), 0);
}

TEST(MoveAxisTest, FollowsAReshapeThatKeepsIt) {
  EXPECT_EQ(MoveAxis({{4, 2, 3}, {4, 6}, {}}, 0), 0);
  EXPECT_EQ(MoveAxis({{2, 3, 4}, {6, 4}, {}}, 2), 1);
  EXPECT_EQ(MoveAxis({{4}, {1, 1, 4}, {}}, 0), 2);
  EXPECT_EQ(MoveAxis({{1, 4, 1}, {4}, {}}, 1), 0);
  EXPECT_EQ(MoveAxis({{4, 1, 2}, {1, 4, 2}, {}}, 0), 1);
}

TEST(MoveAxisTest, NothingWhereItIsSplitOrMerged) {
  EXPECT_EQ(MoveAxis({{4, 3}, {12}, {}}, 0), std::nullopt);
  EXPECT_EQ(MoveAxis({{4, 3}, {2, 2, 3}, {}}, 0), std::nullopt);
  EXPECT_EQ(MoveAxis({{2, 6}, {6, 2}, {}}, 1), std::nullopt);
  EXPECT_EQ(MoveAxis({{4}, {4}, {}}, 1), std::nullopt);
}

// --- FindMovedConstants ---

TEST(FindMovedConstantsTest, ChainsOfMovesFromConstants) {
  const Model model = ModelFromText(R"(graph (%x#0: float32[1,2]) -> () {
    const %c#1: float32[2,1] = {1, 2}
    const %p#2: int32[2] = {1, 0}
    %a#3: float32[1,2] = TRANSPOSE(%c#1, %p#2) {}
    %b#4: float32[2] = RESHAPE(%a#3) {}
    %d#5: float32[2] = RELU(%b#4)
    %e#6: float32[2] = RESHAPE(%x#0) {}
  })");
  EXPECT_THAT(FindMovedConstants(model, model.graphs[0]),
              ElementsAre(false, false, false, true, true, false, false));
}

TEST(FindMovedConstantsTest, NotGraphOutputs) {
  const Model model = ModelFromText(R"(graph () -> (%a#1) {
    const %c#0: float32[1,2] = {1, 2}
    %a#1: float32[2] = RESHAPE(%c#0) {}
    %b#2: float32[2,1] = RESHAPE(%a#1) {}
  })");
  EXPECT_THAT(FindMovedConstants(model, model.graphs[0]), ElementsAre(false, false, false));
}

}  // namespace
}  // namespace q_implant
