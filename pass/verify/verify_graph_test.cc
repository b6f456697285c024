// SPDX-License-Identifier: Apache-2.0
#include "pass/verify/verify_graph.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Problems(absl::string_view text) {
  return VerifyModel(ModelFromText(text));
}

TEST(VerifyTest, SoundModels) {
  EXPECT_THAT(Problems(""), IsEmpty());
  EXPECT_THAT(Problems(R"(graph (%x: float32[1,2]) -> (%y, %x) {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    const %b: int32[2] q([0.5, 0.25], 0, axis 0) = {1, 2}
    const %four: int4[3] q(0.5, 0) = {1, 2, 3}
    const %name: string[1] = 12 bytes
    %q: int8[1,2] q(1, 0) = QUANTIZE(%x) {}
    %f: int8[1,2] q(1, 0) = FULLY_CONNECTED(%q, %w, %b) {}
    %i: int32[1,2] = ADD(%b, %b) {}
    %l: bool[1,2] = LESS(%f, %q) {}
    %y: float32[1,2] = DEQUANTIZE(%f) {}
  })"),
              IsEmpty());
}

// Floats with hybrid weights, and operators that the table claims nothing about.
TEST(VerifyTest, MixedTypesThatAreSound) {
  EXPECT_THAT(Problems(R"(graph (%x: float32[1,2]) -> () {
    const %w: int8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
    %m: float32[1,2] = BATCH_MATMUL(%x, %w) {}
    %z: int32[2] = CAST(%y) {}
    %c: int8[2] = CUSTOM "c"(%y, %z)
  })"),
              IsEmpty());
}

// --- references ---

constexpr char kAdd[] = "graph (%x: float32[1]) -> (%y) { %y: float32[1] = ADD(%x, %x) {} }";

TEST(VerifyTest, References) {
  Model model = ModelFromText(kAdd);
  model.graphs[0].inputs.push_back(9);
  model.graphs[0].outputs.push_back(-1);
  model.graphs[0].nodes[0].inputs[1] = 2;
  model.graphs[0].nodes[0].outputs.push_back(1000000);
  EXPECT_THAT(VerifyModel(model), ElementsAre("graph 0: a graph input is tensor 9 of 2",
                                              "graph 0: an output of a node is tensor 1000000 of 2",
                                              "graph 0: an input of a node is tensor 2 of 2",
                                              "graph 0: a graph output is tensor -1 of 2"));
}

TEST(VerifyTest, SignaturesNameTensors) {
  Model model =
      ModelFromText("graph (%x: float32[1]) -> (%x) {}\nsignature s of graph 0 (a: %x) -> (b: %x)");
  EXPECT_THAT(VerifyModel(model), IsEmpty());
  model.signature_defs[0].inputs[0].tensor = 1;
  model.signature_defs[0].outputs[0].tensor = kNoTensor;
  EXPECT_THAT(VerifyModel(model), ElementsAre("signature 's': 'a' is tensor 1 of 1",
                                              "signature 's': 'b' is tensor -1 of 1"));
}

TEST(VerifyTest, OptionalInputsAreSound) {
  Model model = ModelFromText(kAdd);
  model.graphs[0].nodes[0].inputs.push_back(kNoTensor);
  model.graphs[0].nodes[0].outputs.push_back(kNoTensor);
  EXPECT_THAT(VerifyModel(model), IsEmpty());
}

TEST(VerifyTest, Buffers) {
  Model model = ModelFromText(kAdd);
  model.graphs[0].tensor(0).buffer = 9;
  EXPECT_THAT(VerifyModel(model), ElementsAre("graph 0: 'x' has buffer 9 of 1"));
}

// --- tensors ---

TEST(VerifyTest, SizesOfConstants) {
  EXPECT_THAT(Problems(R"(graph () -> () {
    const %a: float32[2] = 7 bytes
    const %b: int4[3] = 3 bytes
    const %c: int8[2,3] = 6 bytes
  })"),
              ElementsAre("graph 0: constant 'a' has 7 bytes, its shape and type need 8",
                          "graph 0: constant 'b' has 3 bytes, its shape and type need 2"));
}

TEST(VerifyTest, ZeroPointsAsManyAsScales) {
  EXPECT_THAT(Problems("graph (%q: int8[2] q([1, 2], [0], axis 0)) -> () {}"),
              ElementsAre("graph 0: 'q' has 2 scales and 1 zero points"));
  EXPECT_THAT(Problems("graph (%q: int8[2] q([1, 2], axis 0)) -> () {}"), IsEmpty());
}

TEST(VerifyTest, ScalesAsManyAsChannels) {
  EXPECT_THAT(Problems("graph (%a: int8[3] q([1, 2], 0, axis 0), %b: int8[2] q([1, 2], 0, axis 1),"
                       " %c: int8[2,2] q([1, 2], 0, axis 1)) -> () {}"),
              ElementsAre("graph 0: 'a' has 2 scales along axis 0, which is not that long",
                          "graph 0: 'b' has 2 scales along axis 1, which is not that long"));
}

TEST(VerifyTest, ScalesAboveZero) {
  EXPECT_THAT(Problems("graph (%a: int8[1] q(0, 0), %b: int8[1] q(-1, 0), %c: int8[1] q(inf, 0),"
                       " %d: int8[1] q(nan, 0), %e: int8[2] q([1, -2], 0, axis 0)) -> () {}"),
              ElementsAre("graph 0: 'a' has scale 0", "graph 0: 'b' has scale -1",
                          "graph 0: 'c' has scale inf", "graph 0: 'd' has scale nan",
                          "graph 0: 'e' has scale -2"));
}

TEST(VerifyTest, ZeroPointsInRange) {
  EXPECT_THAT(Problems("graph (%a: int8[1] q(1, 128), %b: uint8[1] q(1, -1), %c: int4[1] q(1, 8),"
                       " %d: uint8[1] q(1, 255)) -> () {}"),
              ElementsAre("graph 0: 'a' has zero point 128 outside int8",
                          "graph 0: 'b' has zero point -1 outside uint8",
                          "graph 0: 'c' has zero point 8 outside int4"));
}

// --- order ---

TEST(VerifyTest, NodesReadWhatIsMade) {
  EXPECT_THAT(Problems(R"(graph (%x: float32[1]) -> () {
    %a: float32[1] = SIN(%b)
    %b: float32[1] = SIN(%x)
  })"),
              ElementsAre("graph 0: SIN 'a' reads 'b' before it is made"));
}

TEST(VerifyTest, TensorsAreMadeOnce) {
  EXPECT_THAT(Problems(R"(graph (%x: float32[1]) -> () {
    %a: float32[1] = SIN(%x)
    %a = COS(%x)
  })"),
              ElementsAre("graph 0: 'a' is made by two nodes"));
}

// --- types ---

TEST(VerifyTest, DataOfOneType) {
  EXPECT_THAT(Problems(R"(graph (%x: int8[1] q(1, 0), %f: float32[1]) -> () {
    %a: int8[1] q(1, 0) = ADD(%x, %f) {}
    %b: float32[1] = RELU(%x)
    %c: bool[1] = LESS(%x, %f) {}
    %d: float32[1] = BATCH_MATMUL(%x, %f) {}
  })"),
              ElementsAre("graph 0: ADD 'a' mixes int8 and float32 ('f')",
                          "graph 0: RELU 'b' mixes int8 and float32 ('b')",
                          "graph 0: LESS 'c' mixes int8 and float32 ('f')",
                          "graph 0: BATCH_MATMUL 'd' mixes int8 and float32 ('f')"));
}

TEST(VerifyTest, FillsOfTheTypeOfTheData) {
  EXPECT_THAT(Problems(R"(graph (%x: int8[1] q(1, 0), %p: int32[1,2]) -> () {
    const %v: float32[] = {0}
    %y: int8[1] q(1, 0) = PADV2(%x, %p, %v) {}
  })"),
              ElementsAre("graph 0: PADV2 'y' mixes int8 and float32 ('v')"));
}

TEST(VerifyTest, WeightsAndBiasesOfIntegerNodes) {
  EXPECT_THAT(Problems(R"(graph (%x: int8[1,1] q(1, 0)) -> () {
    const %w: float32[1,1] = {1}
    const %v: int8[1,1] q(1, 0) = {1}
    const %b: float32[1] = {1}
    %y: int8[1,1] q(1, 0) = FULLY_CONNECTED(%x, %w, _) {}
    %z: int8[1,1] q(1, 0) = FULLY_CONNECTED(%x, %v, %b) {}
  })"),
              ElementsAre("graph 0: FULLY_CONNECTED 'y' has int8 data beside float32 weights",
                          "graph 0: FULLY_CONNECTED 'z' has int8 data beside a float32 bias"));
}

TEST(VerifyTest, Conversions) {
  EXPECT_THAT(Problems(R"(graph (%x: float32[1], %q: int8[1] q(1, 0)) -> () {
    QUANTIZE() {}
    %a: float32[1] = QUANTIZE(%x) {}
    %b: int8[1] q(1, 0) = DEQUANTIZE(%q) {}
    %c: uint8[1] q(1, 0) = QUANTIZE(%q) {}
  })"),
              ElementsAre("graph 0: QUANTIZE '' converts nothing",
                          "graph 0: QUANTIZE 'a' quantizes to float32",
                          "graph 0: DEQUANTIZE 'b' dequantizes to int8"));
}

TEST(VerifyTest, FloatsAreNotDequantized) {
  EXPECT_THAT(Problems(R"(graph (%x: float32[1], %h: float16[1]) -> () {
    %a: float32[1] = DEQUANTIZE(%x) {}
    %b: float32[1] = DEQUANTIZE(%h) {}
  })"),
              ElementsAre("graph 0: DEQUANTIZE 'a' dequantizes from float32"));
}

TEST(VerifyTest, EveryGraph) {
  EXPECT_THAT(Problems("graph () -> () {} graph (%a: int8[1] q(0, 0)) -> () {}"),
              ElementsAre("graph 1: 'a' has scale 0"));
}

}  // namespace
}  // namespace q_implant
