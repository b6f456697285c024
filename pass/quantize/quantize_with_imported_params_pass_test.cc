// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/quantize_with_imported_params_pass.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/testing/graph_text.h"
#include "ir/testing/long_chain.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

// A small classifier as tico writes it: Relu on its own, a residual, a pooled head.
constexpr char kNetwork[] = R"(graph main(%image: float32[1,2,2,1]) -> (%probabilities) {
  const %conv.weight: float32[2,1,1,1] = {1, -0.5}
  const %conv.bias: float32[2] = {0.25, -0.25}
  const %shape: int32[2] = {1, 2}
  const %fc.weight: float32[2,2] = {1, 0.5, -1, 0.25}
  %conv: float32[1,2,2,2] = CONV_2D(%image, %conv.weight, %conv.bias) {stride_w: 1, stride_h: 1}
  %relu: float32[1,2,2,2] = RELU(%conv)
  %add: float32[1,2,2,2] = ADD(%relu, %image) {}
  %pool: float32[1,1,1,2] = MAX_POOL_2D(%add) {padding: VALID, stride_w: 2, stride_h: 2, filter_width: 2, filter_height: 2}
  %flat: float32[1,2] = RESHAPE(%pool, %shape) {}
  %fc: float32[1,2] = FULLY_CONNECTED(%flat, %fc.weight, _) {}
  %probabilities: float32[1,2] = SOFTMAX(%fc) {beta: 1}
}
signature serving_default of graph 0 (image: %image) -> (probabilities: %probabilities))";

constexpr char kNetworkParams[] = R"(
  tensor %image: int8[] q(0.5, -128)
  const %conv.weight: int8[2,1,1,1] q([0.5, 0.25], 0, axis 0) = {3, -2}
  tensor %relu: int8[] q(1, -128)
  tensor %add: int8[] q(2, -128)
  tensor %fc.weight: int8[] q(0.25, 0)
  tensor %fc: int8[] q(0.5, 0)
  tensor %probabilities: int8[] q(0.00390625, -128)
)";

constexpr char kQuantizedNetwork[] =
    R"(graph main(%image: int8[1,2,2,1] q(0.5, -128)) -> (%probabilities) {
  const %conv.weight: int8[2,1,1,1] q([0.5, 0.25], 0, axis 0) = {3, -2}
  const %conv.bias: int32[2] q([0.25, 0.125], 0, axis 0) = {1, -2}
  %relu: int8[1,2,2,2] q(1, -128) = CONV_2D(%image, %conv.weight, %conv.bias) {stride_w: 1, stride_h: 1}
  %add: int8[1,2,2,2] q(2, -128) = ADD(%relu, %image) {}
  %pool: int8[1,1,1,2] q(2, -128) = MAX_POOL_2D(%add) {padding: VALID, stride_w: 2, stride_h: 2, filter_width: 2, filter_height: 2}
  const %shape: int32[2] = {1, 2}
  %flat: int8[1,2] q(2, -128) = RESHAPE(%pool, %shape) {}
  const %fc.weight: int8[2,2] q(0.25, 0) = {4, 2, -4, 1}
  %fc: int8[1,2] q(0.5, 0) = FULLY_CONNECTED(%flat, %fc.weight, _) {}
  %probabilities: int8[1,2] q(0.00390625, -128) = SOFTMAX(%fc) {beta: 1}
}
signature serving_default of graph 0 (image: %image) -> (probabilities: %probabilities))";

TEST(QuantizePassTest, AWholeNetwork) {
  const Outcome outcome = RunPass(kNetwork, kNetworkParams);
  EXPECT_EQ(outcome.model, Canonical(kQuantizedNetwork));
  EXPECT_EQ(outcome.report, "");
  EXPECT_EQ(outcome.notes,
            "note: model.circle: tensor 'conv': a RELU that cut nothing off was removed; 'relu' "
            "stands for "
            "the tensor\n");
  EXPECT_EQ(outcome.summary.annotated, 7u);
  EXPECT_EQ(outcome.summary.propagated, 3u);  // conv, pool, flat
  EXPECT_EQ(outcome.summary.derived, 1u);     // conv.bias
  EXPECT_EQ(outcome.summary.left_float, 0u);
}

TEST(QuantizePassTest, WithoutEntriesNothingHappens) {
  Model model = ModelFromText(kNetwork);
  QuantizeWithImportedParamsPass pass((Params()));
  Diagnostics diagnostics;
  EXPECT_EQ(pass.name(), "quantize_with_imported_params");
  EXPECT_EQ(pass.Run(model, diagnostics), absl::StatusOr<bool>(false));
  EXPECT_EQ(PrintModel(model), Canonical(kNetwork));
  EXPECT_EQ(pass.summary().left_float, 11u);  // all but %shape
}

TEST(QuantizePassTest, SaysThatItChangedTheModel) {
  Model model = ModelFromText(kNetwork);
  QuantizeWithImportedParamsPass pass(ParamsFromText(kNetworkParams));
  Diagnostics diagnostics;
  EXPECT_EQ(pass.Run(model, diagnostics), absl::StatusOr<bool>(true));
}

constexpr char kHalf[] = R"(graph (%x: float32[1]) -> (%y) {
  %a: float32[1] = ADD(%x, %x) {}
  %b: float32[1] = SIN(%a)
  %y: float32[1] = COS(%b)
})";
constexpr char kHalfParams[] = "tensor %x: int8[] q(1, 0)  tensor %a: int8[] q(2, 0)";

TEST(QuantizePassTest, NotesWhyOperatorsBesideQuantizedTensorsStayFloat32) {
  const Outcome outcome = RunPass(kHalf, kHalfParams);
  EXPECT_EQ(outcome.notes,
            "note: model.circle: tensor 'b': SIN stays float32: the operator has no integer "
            "kernel\n");
  EXPECT_EQ(outcome.summary.annotated, 2u);
  EXPECT_EQ(outcome.summary.left_float, 2u);
}

TEST(QuantizePassTest, IgnoreUnknown) {
  EXPECT_EQ(Quantize(kHalf, absl::StrCat(kHalfParams, "tensor %unknown: int8[] q(1, 0)"),
                     {.ignore_unknown = true}),
            "warning: params.json: tensor 'unknown': no tensor of model.circle has this name (2 of "
            "3 names matched); see the tensors with --print_before, give a --name_map, or "
            "--ignore_unknown\n" +
                Canonical(R"(graph (%x: int8[1] q(1, 0)) -> (%y) {
  %a: int8[1] q(2, 0) = ADD(%x, %x) {}
  %a_dequant: float32[1] = DEQUANTIZE@2(%a) {}
  %b: float32[1] = SIN(%a_dequant)
  %y: float32[1] = COS(%b)
})"));
}

// docs/rules.md#verify. No rule makes such a node, so one is kept: RESHAPE does not convert between
// parameters.
TEST(QuantizePassTest, AResultThatIsNotSoundIsNoResult) {
  Model model = ModelFromText(R"(graph (%x: float32[2], %shape: int32[1]) -> (%y) {
    %y: float32[2] = RESHAPE(%x, %shape) {}
  })");
  const auto form = [](float scale) {
    return std::make_shared<const QuantParams>(
        QuantParams{.dtype = circle::TensorType_INT8, .scale = {scale}, .zero_point = {0}});
  };
  QuantizeWithImportedParamsPass pass(ParamsFromText("tensor %x: int8[] q(0.5, 0)"));
  pass.KeepNodes({{{.node = 0, .in = {form(0.5f), nullptr}, .out = {form(0.25f)}}}});
  Diagnostics diagnostics;
  EXPECT_EQ(pass.Run(model, diagnostics).status(),
            absl::InternalError(
                "the quantized model is not sound, please report this as a bug of q-implant:\n  "
                "graph 0: RESHAPE 'y_quantized' needs equal parameters on all sides, but has int8 "
                "scale 0.5 zero point 0 beside int8 scale 0.25 zero point 0 ('y_quantized')"));
}

// Deep and wide at once: nothing may recurse along a chain or look at all readers of a tensor for
// each of them. What it costs is quantize_benchmark.cc's matter.
TEST(QuantizePassTest, AHundredThousandNodes) {
  constexpr size_t kNodes = 100000;
  Model model = LongChain(kNodes);
  QuantizeWithImportedParamsPass pass(LongChainParams(kNodes));
  Diagnostics diagnostics;
  ASSERT_TRUE(pass.Run(model, diagnostics).ok()) << diagnostics.ToStatus();
  EXPECT_EQ(pass.summary().annotated, kNodes / 2);
  const Graph& graph = model.graphs[0];
  size_t islands = 0;
  size_t sound = 0;
  for (const Node& node : graph.nodes) {
    if (node.op() != circle::BuiltinOperator_COS) continue;
    ++islands;
    if (graph.tensor(node.inputs[0]).type == circle::TensorType_FLOAT32) ++sound;
  }
  EXPECT_EQ(islands, kNodes / 5);
  EXPECT_EQ(sound, islands);
}

}  // namespace
}  // namespace q_implant
