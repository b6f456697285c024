// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/unused_buffers.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

using testing::ElementsAre;

TEST(UnusedBuffersTest, TensorsAndMetadataUseBuffers) {
  Model model = ModelFromText(R"(graph () -> () {
    const %a: int8[1] = {1}
    const %b: int8[1] = {2}
  })");
  model.AddBuffer(Bytes::Own({3}));
  model.AddBuffer(Bytes::Own({4}));
  model.metadata.push_back({.name = std::string("m"), .buffer = 4});
  EXPECT_THAT(FindUsedBuffers(model), ElementsAre(true, true, true, false, true));
}

TEST(UnusedBuffersTest, UsersFollow) {
  Model model = ModelFromText(R"(graph () -> () {
    const %a: int8[1] = {1}
    const %b: int8[1] = {2}
  })");
  model.AddBuffer(Bytes::Own({4}));
  model.metadata.push_back({.name = std::string("m"), .buffer = 3});
  model.metadata_buffer.push_back(-1);
  model.metadata_buffer.push_back(3);
  model.graphs[0].tensors[0].buffer = 0;
  RemoveBuffers({false, true}, model);
  ASSERT_EQ(model.buffers.size(), 3u);
  EXPECT_EQ(model.ConstantData(model.graphs[0].tensors[1]).span()[0], 2);
  EXPECT_EQ(model.buffers[model.metadata[0].buffer].span()[0], 4);
  EXPECT_THAT(model.metadata_buffer, ElementsAre(-1, 2));
}

TEST(UnusedBuffersTest, NothingToRemove) {
  Model model = ModelFromText("graph () -> () { const %a: int8[1] = {1} }");
  RemoveBuffers({false, false}, model);
  EXPECT_EQ(model.buffers.size(), 2u);
}

}  // namespace
}  // namespace q_implant
