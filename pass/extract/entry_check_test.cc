// SPDX-License-Identifier: Apache-2.0
#include "pass/extract/entry_check.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

// Of the last tensor of a graph of these.
std::string Why(absl::string_view tensors) {
  const Model model = ModelFromText(absl::StrCat("graph () -> () {\n", tensors, "\n}"));
  const Tensor& tensor = model.graphs[0].tensors.back();
  return WhyNoEntry(model, tensor, *ParamsOf(tensor), model.IsConstant(tensor));
}

TEST(EntryCheckTest, WhatAnEntryCanSay) {
  EXPECT_EQ(Why("tensor %x: int8[2] q(0.5, -128)"), "");
  EXPECT_EQ(Why("const %w: int8[2,1] q([0.5, 0.25], 0, axis 0) = {1, 2}"), "");
  EXPECT_EQ(Why("const %w: int4[3] q(0.5, 0) = {1, 2, 3}"), "");
}

TEST(EntryCheckTest, WhatItCanNot) {
  EXPECT_EQ(Why("tensor %x: int8[2] q(0, 0)"), "a scale is 0, no number above 0");
  EXPECT_EQ(Why("tensor %x: int8[2] q(0.5, 200)"), "the zero point 200 lies outside int8");
  EXPECT_EQ(Why("tensor %x: int8[2] q([0.5, 0.25], 0, axis 0)"), "an activation has 2 scales");
  EXPECT_EQ(Why("const %w: int8[2,2] q([0.5, 0.25, 1], 0, axis 1) = {1, 2, 3, 4}"),
            "3 scales do not fit dimension 1 of [2,2]");
}

TEST(EntryCheckTest, AConstantOfAnotherSize) {
  Model model = ModelFromText("graph () -> () {\nconst %w: int8[2] q(0.5, 0) = {1, 2}\n}");
  Tensor& tensor = model.graphs[0].tensors[0];
  tensor.shape = {3};
  EXPECT_EQ(WhyNoEntry(model, tensor, *ParamsOf(tensor), true),
            "the constant's 2 bytes do not fit its shape [3]");
}

}  // namespace
}  // namespace q_implant
