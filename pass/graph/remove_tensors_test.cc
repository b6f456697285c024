// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/remove_tensors.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

std::string Without(std::vector<TensorId> tensors, size_t graph, absl::string_view text) {
  Model model = ModelFromText(text);
  RemoveTensors(tensors, graph, model);
  return PrintModel(model);
}

TEST(RemoveTensorsTest, EveryReferenceFollows) {
  EXPECT_EQ(Without({0, 3}, 0, R"(
  graph (%x#1: float32[1]) -> (%y#4) {
    tensor %gone#0: float32[1]
    tensor %gone#3: float32[1]
    const %c#2: float32[1] = {7}
    tensor %i#5: float32[1]
    %y#4: float32[1] = ADD(%x#1, _, %c#2) intermediates(%i#5) {}
  }
  signature s of graph 0 (in: %x#1) -> (out: %y#4))"),
            Canonical(R"(
  graph (%x: float32[1]) -> (%y) {
    const %c: float32[1] = {7}
    tensor %i: float32[1]
    %y: float32[1] = ADD(%x, _, %c) intermediates(%i) {}
  }
  signature s of graph 0 (in: %x) -> (out: %y))"));
}

TEST(RemoveTensorsTest, TensorsMoveUpInOrder) {
  Model model = ModelFromText(
      "graph (%a: float32[1], %b: float32[2], %c: float32[3], %d: float32[4]) -> () {}");
  model.graphs[0].inputs = {0, 2, 3};
  RemoveTensors({1}, 0, model);
  ASSERT_EQ(model.graphs[0].tensors.size(), 3u);
  EXPECT_EQ(model.graphs[0].tensor(1).name, "c");
  EXPECT_EQ(model.graphs[0].tensor(2).name, "d");
  EXPECT_EQ(model.graphs[0].inputs, (std::vector<TensorId>{0, 1, 2}));
}

// Their scales and zero points are tensors.
TEST(RemoveTensorsTest, BlockwiseQuantizationFollows) {
  EXPECT_EQ(Without({0}, 0, R"(graph () -> () {
    tensor %gone#0: float32[1]
    tensor %w#1: int4[32] BlockwiseQuantization {scales: 2, zero_points: 3, block_size: 32}
    tensor %s#2: float16[1]
    tensor %z#3: int32[1]
  })"),
            Canonical(R"(graph () -> () {
    tensor %w: int4[32] BlockwiseQuantization {scales: 1, zero_points: 2, block_size: 32}
    tensor %s: float16[1]
    tensor %z: int32[1]
  })"));
}

TEST(RemoveTensorsTest, OtherGraphsStay) {
  EXPECT_EQ(Without({0}, 1, R"(
  graph (%x: float32[1]) -> () {
    tensor %w: int4[32] BlockwiseQuantization {scales: 0, zero_points: 0, block_size: 32}
  }
  graph (%b#1: float32[1]) -> () { tensor %gone#0: float32[1] }
  signature s of graph 0 (in: %x) -> ()
  signature t of graph 1 (in: %b#1) -> ())"),
            Canonical(R"(
  graph (%x: float32[1]) -> () {
    tensor %w: int4[32] BlockwiseQuantization {scales: 0, zero_points: 0, block_size: 32}
  }
  graph (%b: float32[1]) -> () {}
  signature s of graph 0 (in: %x) -> ()
  signature t of graph 1 (in: %b) -> ())"));
}

TEST(RemoveTensorsTest, NothingToRemove) {
  constexpr char kGraph[] = "graph (%x: float32[1]) -> (%x) {}";
  EXPECT_EQ(Without({}, 0, kGraph), Canonical(kGraph));
}

}  // namespace
}  // namespace q_implant
