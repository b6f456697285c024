// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/buffer_users.h"

#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

constexpr char kShared[] = R"(
  graph () -> () {
    const %a: int8[1] buffer 1 = {1}
    const %b: int8[1] buffer 2 = {2}
    tensor %x: int8[1]
  }
  graph () -> () { const %c: int8[1] buffer 1 = {1} })";

TEST(BufferUsersTest, TheOnlyUserKeepsItsBuffer) {
  Model model = ModelFromText(kShared);
  BufferUsers users(model);
  Tensor& b = model.graphs[0].tensor(1);
  users.SetData(model, b, Bytes::Own({7}));
  EXPECT_EQ(b.buffer, 2u);
  EXPECT_EQ(model.ConstantData(b).span()[0], 7);
}

TEST(BufferUsersTest, ASharedBufferIsLeftToTheOthers) {
  Model model = ModelFromText(kShared);
  BufferUsers users(model);
  Tensor& a = model.graphs[0].tensor(0);
  Tensor& c = model.graphs[1].tensor(0);
  users.SetData(model, a, Bytes::Own({7}));
  EXPECT_EQ(a.buffer, 3u);
  EXPECT_EQ(model.ConstantData(a).span()[0], 7);
  EXPECT_EQ(model.ConstantData(c).span()[0], 1);
  // Now %c is the only user.
  users.SetData(model, c, Bytes::Own({8}));
  EXPECT_EQ(c.buffer, 1u);
}

TEST(BufferUsersTest, MetadataIsAUser) {
  Model model = ModelFromText(kShared);
  model.metadata.push_back({.name = {}, .buffer = 2});
  BufferUsers users(model);
  Tensor& b = model.graphs[0].tensor(1);
  users.SetData(model, b, Bytes::Own({7}));
  EXPECT_EQ(b.buffer, 3u);
  EXPECT_EQ(model.buffers[2].span()[0], 2);
}

TEST(BufferUsersTest, BufferZeroIsNeverFilled) {
  Model model = ModelFromText("graph (%x: int8[1]) -> () {}");
  BufferUsers users(model);
  Tensor& x = model.graphs[0].tensor(0);
  users.SetData(model, x, Bytes::Own({7}));
  EXPECT_EQ(x.buffer, 1u);
  EXPECT_TRUE(model.buffers[0].empty());
}

TEST(BufferUsersTest, TheEmptyBuffer) {
  Model model = ModelFromText(kShared);
  BufferUsers users(model);
  EXPECT_EQ(users.Empty(model), 0u);
  EXPECT_EQ(model.buffers.size(), 3u);
}

// A file may break the convention that buffer 0 is empty.
TEST(BufferUsersTest, TheEmptyBufferWhereTheFirstHoldsData) {
  Model model = ModelFromText(kShared);
  model.buffers[0] = Bytes::Own({9});
  BufferUsers users(model);
  EXPECT_EQ(users.Empty(model), 3u);
  EXPECT_EQ(users.Empty(model), 3u);
  EXPECT_TRUE(model.buffers[3].empty());
}

TEST(BufferUsersTest, WhatNobodyReadsIsEmptied) {
  Model model = ModelFromText(kShared);
  BufferUsers users(model);
  users.Drop(model, model.graphs[0].tensor(0));
  EXPECT_FALSE(model.buffers[1].empty());
  users.Drop(model, model.graphs[1].tensor(0));
  EXPECT_TRUE(model.buffers[1].empty());
  EXPECT_EQ(model.buffers.size(), 3u);
}

TEST(BufferUsersTest, WhatComesToTheSameSharesAgain) {
  Model model = ModelFromText(kShared);
  BufferUsers users(model);
  Tensor& a = model.graphs[0].tensor(0);
  Tensor& c = model.graphs[1].tensor(0);
  users.SetData(model, a, Bytes::Own({7}));
  users.SetData(model, c, Bytes::Own({7}));
  EXPECT_EQ(a.buffer, 3u);
  EXPECT_EQ(c.buffer, 3u);
  EXPECT_TRUE(model.buffers[1].empty());
  EXPECT_EQ(users.Add(model, Bytes::Own({7}), 1), 3u);
  EXPECT_EQ(users.Add(model, Bytes::Own({8}), 1), 4u);
  EXPECT_EQ(users.Add(model, Bytes::Own({8}), 1), 4u);
}

TEST(BufferUsersTest, EqualBytesOfDifferentSourcesStayApart) {
  Model model = ModelFromText(kShared);
  BufferUsers users(model);
  Tensor& a = model.graphs[0].tensor(0);
  Tensor& b = model.graphs[0].tensor(1);
  users.SetData(model, a, Bytes::Own({7}));
  users.SetData(model, b, Bytes::Own({7}));
  EXPECT_NE(a.buffer, b.buffer);
}

TEST(BufferUsersTest, TheSameMemoryIsOneBuffer) {
  Model model = ModelFromText(kShared);
  BufferUsers users(model);
  Tensor& a = model.graphs[0].tensor(0);
  Tensor& b = model.graphs[0].tensor(1);
  const Bytes data = Bytes::Own({7});
  users.SetData(model, a, data);
  users.SetData(model, b, data);
  EXPECT_EQ(a.buffer, b.buffer);
}

// A buffer that got other data after it was remembered is not taken for what it was.
TEST(BufferUsersTest, WhatABufferHoldsNowCounts) {
  Model model = ModelFromText(kShared);
  BufferUsers users(model);
  Tensor& a = model.graphs[0].tensor(0);
  Tensor& c = model.graphs[1].tensor(0);
  users.SetData(model, a, Bytes::Own({7}));
  users.SetData(model, a, Bytes::Own({9}));
  users.SetData(model, c, Bytes::Own({7}));
  EXPECT_EQ(model.ConstantData(a).span()[0], 9);
  EXPECT_EQ(model.ConstantData(c).span()[0], 7);
}

}  // namespace
}  // namespace q_implant
