// SPDX-License-Identifier: Apache-2.0
#include "pass/verify/verify_change.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

using testing::ElementsAre;

// What a change from one model to another is told.
std::string Check(absl::string_view before, absl::string_view after) {
  return std::string(
      Verification(ModelFromText(before)).Check(ModelFromText(after), "the model").message());
}

std::string Bug(absl::string_view problems) {
  return absl::StrCat("the model is not sound, please report this as a bug of q-implant:\n  ",
                      problems);
}

constexpr char kSound[] = R"(graph (%x: int8[2] q(0.5, 3), %i: int32[2]) -> (%y) {
    %y: int8[2] q(0.5, 3) = RESHAPE(%x, %i) {}
  })";

TEST(VerificationTest, SoundBeforeAndAfter) { EXPECT_EQ(Check(kSound, kSound), ""); }

TEST(VerificationTest, WhatTheChangeDid) {
  EXPECT_EQ(Check(kSound, R"(graph (%x: int8[2] q(0.5, 3), %i: int32[2]) -> (%y) {
    %a: int8[2] q(0, 3) = RESHAPE(%x, %i) {}
    %y: int8[2] q(0.5, 3) = RESHAPE(%a, %i) {}
  })"),
            Bug("graph 0: 'a' has scale 0"));
  EXPECT_EQ(Check(kSound, R"(graph (%x: int8[2] q(0.5, 3), %i: int32[2]) -> (%y) {
    %y: int8[2] q(0.5, 4) = RESHAPE(%x, %i) {}
  })"),
            Bug("graph 0: RESHAPE 'y' needs equal parameters on all sides, but has int8 scale 0.5 "
                "zero point 3 beside int8 scale 0.5 zero point 4 ('y')"));
}

TEST(VerificationTest, FaultsThatTheModelCameWith) {
  constexpr char kFaulty[] = "graph (%x: int8[2] q(0, 3)) -> (%x) {}";
  const Model faulty = ModelFromText(kFaulty);
  const Verification verification(faulty);
  Diagnostics diagnostics;
  verification.WarnOfFaults(faulty, diagnostics);
  ASSERT_EQ(diagnostics.all().size(), 1u);
  EXPECT_EQ(diagnostics.all()[0].problem, "the model came with a fault: graph 0: 'x' has scale 0");
  EXPECT_TRUE(verification.Check(ModelFromText(kFaulty), "the model").ok());
  EXPECT_EQ(Check(kFaulty, "graph (%x: int8[2] q(0, 300)) -> (%x) {}"),
            "the model came with faults, and the model would have others; repair the model first:\n"
            "  graph 0: 'x' has zero point 300 outside int8");
}

TEST(VerificationTest, MisreadNodesThatTheModelCameWith) {
  constexpr char kMisread[] = R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
    %y: int8[2] q(0.25, 3) = RELU(%x)
    %z: int8[2] q(0.25, 3) = SIN(%x)
  })";
  EXPECT_EQ(Check(kMisread, kMisread), "");
}

// What stands behind a node may give its output another name.
TEST(VerificationTest, FaultsOfNodesWhoseOutputHasAnotherName) {
  constexpr char kBefore[] = R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: uint8[2,2] q(0.5, 3) = {1, 2, 3, 4}
    %y: float32[1,2] = BATCH_MATMUL(%x, %w) {}
  })";
  EXPECT_EQ(Check(kBefore, R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: uint8[2,2] q(0.5, 3) = {1, 2, 3, 4}
    %y_float: float32[1,2] = BATCH_MATMUL(%x, %w) {}
    %y: uint8[1,2] q(0.5, 3) = QUANTIZE(%y_float) {}
  })"),
            "");
  EXPECT_EQ(Check(kBefore, R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: uint8[2,2] q(0.5, 3) = {1, 2, 3, 4}
    %y_float: float32[1,2] = BATCH_MATMUL(%x, %w) {}
    %y: float32[1,2] = BATCH_MATMUL(%y_float, %w) {}
  })"),
            "the model came with faults, and the model would have others; repair the model first:\n"
            "  graph 0: BATCH_MATMUL 'y_float' mixes float32 and uint8 ('w')");
}

TEST(VerificationTest, NamesOfNewTensors) {
  Model before = ModelFromText("graph (%a: float32[1], %b: float32[1], %c: float32[1]) -> () {}");
  for (Tensor& tensor : before.graphs[0].tensors) tensor.name = std::string("twice");
  before.graphs[0].tensors[2].name.clear();
  const Verification verification(before);
  EXPECT_TRUE(verification.Check(before, "it").ok());
  const auto after_adding = [&](const std::string& name) {
    Model after = ModelFromText(
        "graph (%a: float32[1], %b: float32[1], %c: float32[1], %d: float32[1]) -> () {}");
    for (size_t t = 0; t < 3; ++t) {
      after.graphs[0].tensors[t].name = before.graphs[0].tensors[t].name;
    }
    after.graphs[0].tensors[3].name = name;
    return std::string(verification.Check(after, "the model").message());
  };
  EXPECT_EQ(after_adding("new"), "");
  EXPECT_EQ(after_adding("twice"), Bug("'twice' names 3 tensors"));
  EXPECT_EQ(after_adding(""), Bug("a new tensor has no name"));
}

TEST(VerificationTest, Orphans) {
  constexpr char kOrphan[] = "graph (%x: float32[1]) -> (%x) { const %w: float32[1] = {1} }";
  EXPECT_EQ(Check(kOrphan, kOrphan), "");
  EXPECT_EQ(Check("graph (%x: float32[1]) -> (%x) {}", kOrphan),
            Bug("nothing makes or reads 'w' any more"));
}

TEST(VerificationTest, BuffersThatAreLeftOver) {
  Model model = ModelFromText("graph (%x: float32[1]) -> (%x) {}");
  const Verification verification(model);
  model.AddBuffer(Bytes::Own({1}));
  EXPECT_EQ(verification.Check(model, "the model").message(), Bug("1 buffers are left over"));
  EXPECT_TRUE(Verification(model).Check(model, "the model").ok());
}

// A pass may leave them to others.
TEST(VerificationTest, LeftoversAreSoundAsAGraph) {
  Model model = ModelFromText("graph (%x: float32[1]) -> (%x) {}");
  const Verification verification(model, std::nullopt);
  model = ModelFromText("graph (%x: float32[1]) -> (%x) { const %w: float32[1] = {1} }");
  model.AddBuffer(Bytes::Own({1}));
  EXPECT_EQ(verification.Check(model, "the model"), absl::OkStatus());
}

}  // namespace
}  // namespace q_implant
