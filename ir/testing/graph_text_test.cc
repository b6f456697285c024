// SPDX-License-Identifier: Apache-2.0
#include "ir/testing/graph_text.h"

#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/option_text.h"
#include "ir/printer.h"

namespace q_implant {
namespace {

// Texts that the printer could have written: reading and printing must give them again.
class RoundTripTest : public testing::TestWithParam<const char*> {};

TEST_P(RoundTripTest, PrintsWhatItRead) {
  const absl::StatusOr<Model> model = ParseModel(GetParam());
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(PrintModel(*model), GetParam());
}

constexpr const char* kTexts[] = {
    "",

    R"(graph main(%ifm: uint8[1,3,3,2] q(0.5, 128)) -> (%ofm) {
  const %ker: uint8[1,1,1,2] q(0.25, 128) = {1, 255}
  const %bias: int32[1] q(0.125, 0) = {-70000}
  %conv: uint8[1,3,3,1] q(0.5, 3) = CONV_2D@2(%ifm, %ker, %bias) {padding: VALID, stride_w: 1, stride_h: 2}
  %ofm: uint8[1,3,3,1] q(0.5, 3) = RELU(%conv)
}
)",

    // Every way to write parameters.
    R"(graph quantization() -> () {
  tensor %a: int8[1] q(0.1)
  tensor %b: int8[1] q(0.1, -128, axis 3)
  tensor %c: int8[2] q([0.1, 0.2], 0, axis 0)
  tensor %d: int8[2] q([0.1, 0.2], [0, 1], axis 1)
  tensor %e: int8[2] q([0.1, 0.2], [3], axis 0)
  tensor %f: int8[2] q([0.1, 0.2], axis 0)
  tensor %g: int8[64] q(64 x 0.001..0.034, 0, axis 0)
  tensor %h: int8[64] q(64 x 0.1, 64 x -3..5, axis 0)
  tensor %i: int8[1] q([], [3])
  tensor %j: float32[1] range(-1, 1)
  tensor %k: int8[9] q(0.1, 0) range(9 x -1..-0.5, [])
  tensor %l: mxfp4[32] MXQuantization {axis: 2}
  tensor %m: int4[32] q(1e-08, 0) BlockwiseQuantization {scales: 3, block_size: 32}
}
)",

    R"(graph constants() -> () {
  const %a: float32[2,2] = {0.1, -0, inf, 1e-12}
  const %b: float16[2] = {0.5, -65504}
  const %c: bfloat16[2] = {0.5, -3}
  const %d: int4[3] = {-8, 7, 0}
  const %e: uint4[2] = {15, 0}
  const %f: bool[2] = {1, 0}
  const %g: int64[2] = {-9223372036854775808, 9223372036854775807}
  const %h: uint64[1] = {18446744073709551615}
  const %i: float64[] = {0.1}
  const %j: uint32[1] = {4294967295}
  const %k: int16[1] = {-32768}
  const %l: float32[1000] = 4000 bytes
  const %m: float32[2] = 7 bytes
  const %n: string[1] = 12 bytes
}
)",

    R"(graph names(%#0: float32[1], %x#1: float32[1], %x#3: float32[1]) -> (%"a b") {
  %"a b": float32[1] = ADD(%#0, %x#1)
  tensor %model/a::b:0: float32[1]
  %"#7\n": float32[1] = ADD(%model/a::b:0, %x#3) {fused_activation_function: RELU}
}
)",

    R"(graph shapes(%a: float32[], %b: float32[*], %c: float32[?,3,?8], %d: float32[0]) -> () {
}
)",

    R"(graph nodes(%x: float32[1]) -> (%y) {
  tensor %state: float32[1] variable
  tensor %inner: int16[1] q(0.5, 0)
  %y: float32[1], %z: float32[1] = CUSTOM@3 "My\"Op"(%x, _, %state) intermediates(%inner) mutates(2) custom_options 3 bytes
  CALL_ONCE() {init_subgraph_index: 1}
  OP_9999(%y)
  OP_-99(%y)
  %y = ADD(%x, %x) MulOptions {}
  %v: float32[1] = MAX_POOL_2D(%y) {padding: VALID, filter_width: 2}
  %w: float32[1] = STABLEHLO_COMPOSITE(%y) {name: "a {\"b\"}", decomposition_subgraph_index: 1}
  %u: float32[1] = RESHAPE(%w, _) {new_shape: [1, -1]}
}
graph () -> () {
}
)",

    R"(model TFL3 version 3 "two graphs"
graph main(%x: float32[1]) -> (%x) {
  const %w: int8[2] buffer 3 = {1, 2}
}
graph other(%x: float32[1]) -> () {
  const %v: int8[2] buffer 3 = {1, 2}
  const %u: int8[2] = {1, 2}
}
signature serving_default of graph 1 (in: %x, "a b": %v) -> (out: %u)
metadata min_runtime_version 16 bytes
)",
};

INSTANTIATE_TEST_SUITE_P(Texts, RoundTripTest, testing::ValuesIn(kTexts));

TEST(GraphTextTest, EveryOperatorAndItsTableRoundTrips) {
  for (circle::BuiltinOperator op : circle::EnumValuesBuiltinOperator()) {
    const bool has_options = OptionsTableOf(op) != OptionsTable();
    const std::string text =
        absl::StrCat("graph () -> () {\n  ", circle::EnumNameBuiltinOperator(op), "()",
                     has_options ? " {}" : "", "\n}\n");
    EXPECT_EQ(Canonical(text), text);
  }
}

TEST(GraphTextTest, BlanksCommentsAndDefaultsDoNotMatter) {
  EXPECT_EQ(Canonical(R"(
    // What a test would write.
    graph main(%x: FLOAT32[ 1 ]) -> (%y) { %y: float32[1]
        = CONV_2D(%x, %w, _) {padding: SAME,   // the default
                              stride_w: 1}
      const %w: float32[1] = {2.50}
    })"),
            "graph main(%x: float32[1]) -> (%y) {\n"
            "  const %w: float32[1] = {2.5}\n"
            "  %y: float32[1] = CONV_2D(%x, %w, _) {stride_w: 1}\n"
            "}\n");
}

TEST(GraphTextTest, FillsAndRamps) {
  EXPECT_EQ(Canonical("graph () -> () {\n"
                      "  const %a: float32[3] = fill(0.1)\n"
                      "  const %b: int8[2,2] = ramp(-3, 2)\n"
                      "  const %c: float16[2] = ramp(0.5, 0.25)\n"
                      "}"),
            "graph () -> () {\n"
            "  const %a: float32[3] = {0.1, 0.1, 0.1}\n"
            "  const %b: int8[2,2] = {-3, -1, 1, 3}\n"
            "  const %c: float16[2] = {0.5, 0.75}\n"
            "}\n");
}

TEST(GraphTextTest, MakesWhatTheTextSays) {
  const Model model = ModelFromText(R"(graph main(%x: int8[?,2] q(0.5, -1)) -> (%y) {
    const %w: float32[2] = {1, 2}
    %y: float32[1] = FULLY_CONNECTED(%x, %w, _) {keep_num_dims: true}
  })");
  const Graph& graph = model.graphs[0];
  EXPECT_EQ(graph.name, "main");
  EXPECT_EQ(graph.inputs, std::vector<TensorId>{0});
  EXPECT_EQ(graph.outputs, std::vector<TensorId>{2});
  EXPECT_EQ(graph.tensor(0).shape, (std::vector<int32_t>{1, 2}));
  EXPECT_EQ(graph.tensor(0).shape_signature, (std::vector<int32_t>{-1, 2}));
  EXPECT_EQ(graph.tensor(0).quantization->scale, std::vector<float>{0.5f});
  EXPECT_EQ(graph.tensor(0).quantization->zero_point, std::vector<int64_t>{-1});
  EXPECT_FALSE(model.IsConstant(graph.tensor(0)));
  float weights[2] = {};
  ASSERT_EQ(model.ConstantData(graph.tensor(1)).size(), sizeof(weights));
  std::memcpy(weights, model.ConstantData(graph.tensor(1)).data(), sizeof(weights));
  EXPECT_EQ(weights[1], 2.0f);
  const Node& node = graph.nodes[0];
  EXPECT_EQ(node.op(), circle::BuiltinOperator_FULLY_CONNECTED);
  EXPECT_EQ(node.inputs, (std::vector<TensorId>{0, 1, kNoTensor}));
  ASSERT_NE(node.OptionsAs<circle::FullyConnectedOptions>(), nullptr);
  EXPECT_TRUE(node.OptionsAs<circle::FullyConnectedOptions>()->keep_num_dims());
}

TEST(GraphTextTest, AZeroPointWithoutBracketsIsThatOfEveryChannel) {
  const Model model =
      ModelFromText("graph () -> () { tensor %a: int8[9] q(9 x 0.1..0.9, 4, axis 0) }");
  const Quantization& q = *model.graphs[0].tensor(0).quantization;
  EXPECT_EQ(q.zero_point, std::vector<int64_t>(9, 4));
  ASSERT_EQ(q.scale.size(), 9u);
  EXPECT_EQ(q.scale[0], 0.1f);
  EXPECT_EQ(q.scale[8], 0.9f);
  EXPECT_LT(q.scale[3], q.scale[4]);
}

struct ErrorCase {
  const char* text;
  const char* message;
};

class ErrorTest : public testing::TestWithParam<ErrorCase> {};

TEST_P(ErrorTest, SaysWhereAndWhat) {
  const absl::StatusOr<Model> model = ParseModel(GetParam().text);
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.status().message(), GetParam().message);
}

constexpr ErrorCase kErrors[] = {
    {"grph", "1:1: expected 'graph', 'model', 'signature' or 'metadata', found 'grph'"},
    {"graph (", "1:8: expected ')', found the end"},
    {"graph () -> () {\n  %y = }",
     "2:8: expected an operator, 'const', 'tensor' or '}', found '}'"},
    {"graph () -> () {\n  CONV2D()\n}", "2:3: expected an operator, found 'CONV2D'"},
    {"graph () -> () {\n  tensor %x: int7[1]\n}", "2:14: expected an element type, found 'int7'"},
    {"graph () -> () {\n  tensor %x: int8[a]\n}", "2:19: expected a number of its type, found 'a'"},
    {"graph () -> () {\n  tensor %x: int8[1] q(0.5, 0.5)\n}",
     "2:29: expected a number of its type, found '0.5'"},
    {"graph () -> () {\n  RELU(%x)\n}", "2:8: %x is declared nowhere in its graph"},
    {"graph () -> () {\n  tensor %x: int8[1]\n  tensor %x: int8[1]\n}",
     "3:10: %x is declared twice; tensors of equal names need a number: %x#0"},
    {"graph () -> () {\n  tensor %x#1: int8[1]\n}",
     "2:10: expected a free number below 1 (there are that many tensors), found %x#1"},
    {"graph () -> () {\n  const %x: int8[2] = {1}\n}", "2:23: expected 2 elements, found 1"},
    {"graph () -> () {\n  const %x: int8[1] = {128}\n}",
     "2:23: expected elements of int8 in -128..127, found 128"},
    {"graph () -> () {\n  const %x: string[1] = {1}\n}",
     "2:25: expected '<size> bytes' for a constant of string, found '{1}'"},
    {"graph () -> () {\n  ADD() {axis: 1}\n}", "2:9: AddOptions: unknown field: axis"},
    {"graph () -> () {\n  RELU() {}\n}",
     "2:10: expected no options: this operator has none, found '{}'"},
    {"graph () -> () {\n  ADD() {\n", "2:9: expected '{' and a '}' that closes it, found '{'"},
    {"graph () -> () {\n  ADD() mutates(0)\n}",
     "2:17: expected the number of an input, below 0, found 0"},
    {"graph \"a", "1:7: expected a string in quotes, found '\"a'"},
    {"graph () -> () {\n  const %a: int8[1] buffer 1 = {1}\n  const %b: int8[1] buffer 1 = {2}\n}",
     "3:21: buffer 1 has other data above"},
    {"signature x of graph 0 () -> ()",
     "1:22: expected a graph that stands above, below 0, found 0"},
};

INSTANTIATE_TEST_SUITE_P(Errors, ErrorTest, testing::ValuesIn(kErrors));

TEST(GraphTextDeathTest, ModelFromTextEndsTheProgram) {
  EXPECT_DEATH(ModelFromText("graph"), "graph text 1:6: expected '\\(', found the end");
}

}  // namespace
}  // namespace q_implant
