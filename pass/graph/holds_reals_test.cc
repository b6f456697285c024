// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/holds_reals.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

// The names of the tensors that do, of those that have scales.
std::string Reals(absl::string_view text) {
  const Model model = ModelFromText(text);
  const Graph& graph = model.graphs[0];
  const DefUse def_use(graph);
  std::string names;
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    const bool has_scales = graph.tensors[t].quantization.has_value();
    if (has_scales && HoldsReals(graph, def_use, static_cast<TensorId>(t))) {
      absl::StrAppend(&names, names.empty() ? "" : " ", graph.tensors[t].name);
    }
  }
  return names;
}

TEST(HoldsRealsTest, WhatOperatorsTakeAsControls) {
  EXPECT_EQ(Reals(R"(graph (%x: int8[2,2] q(0.5, 0)) -> (%i) {
    const %axes: int32[1] q(1, 0) = {1}
    const %axis: int32[] q(1, 0) = {1}
    %s: int8[2] q(0.5, 0) = MEAN(%x, %axes) {}
    %i: int64[] q(0.5, 0) = ARG_MAX(%s, %axis) {}
  })"),
            "x s");
}

TEST(HoldsRealsTest, WhatACastReadsAndMakes) {
  EXPECT_EQ(Reals(R"(graph (%x: uint8[2] q(1, 0)) -> (%z) {
    %y: int8[2] q(0.5, 0) = CAST(%x)
    %z: int8[2] q(0.5, 0) = ABS(%y)
    %w: uint8[2] q(1, 0) = CAST(%z)
  })"),
            "z");
}

TEST(HoldsRealsTest, BiasesAndOtherWideIntegers) {
  EXPECT_EQ(Reals(R"(graph (%x: int8[1,2] q(0.5, 0), %a: int32[2] q(0.5, 0)) -> (%y) {
    const %w: int8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    const %b: int32[2] q(0.25, 0) = {1, 2}
    const %c: int32[2] q(0.25, 0) = {1, 2}
    const %d: int64[2] q(0.25, 0) = {1, 2}
    const %unread: int32[2] q(0.25, 0) = {1, 2}
    const %small: int8[2] q(0.25, 0) = {1, 2}
    %sum: int32[2] q(0.5, 0) = ADD(%a, %c)
    %f: float32[2] = DEQUANTIZE(%d) {}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
  })"),
            "x w b d small y");
}

}  // namespace
}  // namespace q_implant
