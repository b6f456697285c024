// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/calls.h"

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<int32_t> Called(absl::string_view node) {
  return CalledGraphs(
      ModelFromText(absl::StrCat("graph () -> () {", node, "}")).graphs[0].nodes[0]);
}

TEST(CalledGraphsTest, EveryOperatorThatRunsGraphs) {
  EXPECT_THAT(Called("CALL() {subgraph: 3}"), ElementsAre(3));
  EXPECT_THAT(Called("CALL_ONCE() {init_subgraph_index: 3}"), ElementsAre(3));
  EXPECT_THAT(Called("IF() {then_subgraph_index: 3, else_subgraph_index: 4}"), ElementsAre(3, 4));
  EXPECT_THAT(Called("WHILE() {cond_subgraph_index: 3, body_subgraph_index: 4}"),
              ElementsAre(3, 4));
  EXPECT_THAT(Called("STABLEHLO_REDUCE() {body_subgraph_index: 3}"), ElementsAre(3));
  EXPECT_THAT(Called("STABLEHLO_REDUCE_WINDOW() {body_subgraph_index: 3}"), ElementsAre(3));
  EXPECT_THAT(Called("STABLEHLO_SCATTER() {update_computation_subgraph_index: 3}"), ElementsAre(3));
  EXPECT_THAT(Called("STABLEHLO_SORT() {comparator_subgraph_index: 3}"), ElementsAre(3));
  EXPECT_THAT(Called("STABLEHLO_WHILE() {cond_subgraph_index: 3, body_subgraph_index: 4}"),
              ElementsAre(3, 4));
  EXPECT_THAT(Called("STABLEHLO_CASE() {branch_subgraph_indices: [3, 4, 5]}"),
              ElementsAre(3, 4, 5));
  EXPECT_THAT(Called("STABLEHLO_CASE() {}"), IsEmpty());
  EXPECT_THAT(Called("STABLEHLO_COMPOSITE() {decomposition_subgraph_index: 3}"), ElementsAre(3));
}

TEST(CalledGraphsTest, OtherOperators) {
  EXPECT_THAT(Called("ADD() {}"), IsEmpty());
  EXPECT_THAT(Called("WHILE()"), IsEmpty());
}

TEST(FindCalledGraphsTest, FromAnyGraph) {
  EXPECT_THAT(FindCalledGraphs(ModelFromText(R"(
  graph () -> () { IF() {then_subgraph_index: 2, else_subgraph_index: 9} }
  graph () -> () {}
  graph () -> () { CALL() {subgraph: 3} }
  graph () -> () { CALL_ONCE() {init_subgraph_index: -1} })")),
              ElementsAre(false, false, true, true));
}

}  // namespace
}  // namespace q_implant
