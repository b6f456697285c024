// SPDX-License-Identifier: Apache-2.0
#include "pass/rewrite/remove_unused_passes.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

// What a pass tells, and the model after it; it says whether it changed anything, too.
std::string After(Pass&& pass, Model& model) {
  Diagnostics diagnostics;
  const absl::StatusOr<bool> changed = pass.Run(model, diagnostics);
  EXPECT_EQ(changed, absl::StatusOr<bool>(!diagnostics.all().empty()));
  std::string told;
  for (const Diagnostic& note : diagnostics.all()) absl::StrAppend(&told, note.ToString(), "\n");
  return absl::StrCat(told, PrintModel(model));
}

std::string Expected(absl::string_view told, absl::string_view text) {
  return absl::StrCat(told, told.empty() ? "" : "\n", Canonical(text));
}

constexpr char kUnusedTensors[] = R"(
  graph (%x: float32[2], %unread: float32[2]) -> (%y) {
    tensor %gone: float32[2]
    const %also: float32[1] = {1}
    tensor %w: int4[32] BlockwiseQuantization {scales: 6, zero_points: 7, block_size: 32}
    %y: float32[2] = CUSTOM "c"(%x, %w)
    tensor %s#6: float16[1]
    tensor %z#7: int32[1]
  }
  graph () -> () {
    tensor %a: float32[1]
  })";

TEST(RemoveUnusedTensorsTest, WhatNothingNamesGoes) {
  Model model = ModelFromText(kUnusedTensors);
  const size_t before = model.buffers.size();
  const std::string after = After(RemoveUnusedTensorsPass(), model);
  EXPECT_EQ(after.substr(0, after.find('\n')), "note: 3 tensors that nothing used went");
  EXPECT_EQ(after.find("gone"), after.npos) << after;
  EXPECT_EQ(after.find("also"), after.npos) << after;
  EXPECT_NE(after.find("%unread"), after.npos) << after;
  EXPECT_NE(after.find("%s"), after.npos) << after;
  EXPECT_NE(after.find("%z"), after.npos) << after;
  EXPECT_EQ(model.graphs[1].tensors.size(), 0u);
  EXPECT_EQ(model.buffers.size(), before);
}

TEST(RemoveUnusedTensorsTest, NothingToDo) {
  constexpr char text[] = "graph (%x: float32[2]) -> (%y) { %y: float32[2] = ABS(%x) {} }";
  Model model = ModelFromText(text);
  EXPECT_EQ(After(RemoveUnusedTensorsPass(), model), Expected("", text));
}

TEST(RemoveUnusedBuffersTest, WhatNoTensorHasGoes) {
  constexpr char text[] = R"(graph (%x: float32[2]) -> (%y) {
    const %c: float32[2] = {1, 2}
    %y: float32[2] = ADD(%x, %c) {}
  })";
  Model model = ModelFromText(text);
  model.buffers.insert(model.buffers.begin() + 1, Bytes::Own({1, 2, 3}));
  for (Tensor& tensor : model.graphs[0].tensors) tensor.buffer += tensor.buffer > 0 ? 1 : 0;
  EXPECT_EQ(After(RemoveUnusedBuffersPass(), model),
            Expected("note: 1 buffer that nothing used went, 3 bytes", text));
  EXPECT_EQ(After(RemoveUnusedBuffersPass(), model), Expected("", text));
}

TEST(RemoveUnusedOperatorCodesTest, WhatNoNodeHasGoes) {
  constexpr char text[] = "graph (%x: float32[2]) -> (%y) { %y: float32[2] = ABS(%x) {} }";
  Model model = ModelFromText(text);
  model.AddOperatorCode(
      {.builtin = circle::BuiltinOperator_CONV_2D, .custom_code = "", .version = 1});
  model.AddOperatorCode({.builtin = circle::BuiltinOperator_ABS, .custom_code = "", .version = 2});
  EXPECT_EQ(After(RemoveUnusedOperatorCodesPass(), model),
            Expected("note: 2 operator codes that nothing used went", text));
  EXPECT_EQ(model.operator_codes().size(), 1u);
  EXPECT_EQ(After(RemoveUnusedOperatorCodesPass(), model), Expected("", text));
}

}  // namespace
}  // namespace q_implant
