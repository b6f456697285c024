// SPDX-License-Identifier: Apache-2.0
#include "ir/printer.h"

#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace q_implant {
namespace {

Tensor Float(std::string name, std::vector<int32_t> shape) {
  Tensor tensor;
  tensor.name = std::move(name);
  tensor.shape = std::move(shape);
  tensor.shape.stored_empty = tensor.shape.empty();
  return tensor;
}

Tensor Constant(Model& model, std::string name, std::vector<uint8_t> data) {
  Tensor tensor = Float(std::move(name), {static_cast<int32_t>(data.size())});
  tensor.type = circle::TensorType_UINT8;
  tensor.buffer = model.AddBuffer(Bytes::Own(std::move(data)));
  return tensor;
}

// A model with one empty graph.
Model Empty() {
  Model model;
  model.buffers.emplace_back();
  model.graphs.emplace_back();
  return model;
}

Node MakeNode(Model& model, circle::BuiltinOperator op, std::vector<TensorId> inputs,
              std::vector<TensorId> outputs) {
  Node node;
  node.code = model.FindOrAddOperatorCode(op, 1);
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  return node;
}

TEST(PrinterTest, PrintsConstantsBeforeTheirFirstNode) {
  Model model = Empty();
  Graph& graph = model.graphs[0];
  graph.name = "main";
  const TensorId in = graph.AddTensor(Float("ifm", {1, 2}));
  const TensorId unused = graph.AddTensor(Float("unused", {}));
  const TensorId weights = graph.AddTensor(Constant(model, "w", {1, 2}));
  const TensorId out = graph.AddTensor(Float("ofm", {1, 1}));
  graph.inputs = {in};
  graph.outputs = {out};
  graph.nodes = {
      MakeNode(model, circle::BuiltinOperator_FULLY_CONNECTED, {in, weights, kNoTensor}, {out})};
  graph.nodes[0].options_type = circle::BuiltinOptions_FullyConnectedOptions;
  graph.nodes[0].options = model.AddOptions(circle::FullyConnectedOptionsT());
  EXPECT_EQ(PrintGraph(model, graph),
            "graph main(%ifm: float32[1,2]) -> (%ofm) {\n"
            "  const %w: uint8[2] = {1, 2}\n"
            "  %ofm: float32[1,1] = FULLY_CONNECTED(%ifm, %w, _) {}\n"
            "  tensor %unused: float32[]\n"
            "}\n");
  EXPECT_EQ(unused, 1);
}

TEST(PrinterTest, NumbersTensorsThatNamesDoNotTellApart) {
  Model model = Empty();
  Graph& graph = model.graphs[0];
  graph.inputs = {graph.AddTensor(Float("", {1})), graph.AddTensor(Float("x", {1})),
                  graph.AddTensor(Float("x", {1})), graph.AddTensor(Float("a b", {1}))};
  EXPECT_EQ(PrintGraph(model, graph),
            "graph (%#0: float32[1], %x#1: float32[1], %x#2: float32[1], %\"a b\": float32[1]) -> "
            "() {\n}\n");
}

TEST(PrinterTest, PrintsShapes) {
  Model model = Empty();
  Graph& graph = model.graphs[0];
  Tensor dynamic = Float("dynamic", {1, 1, 8});
  dynamic.shape_signature = std::vector<int32_t>{-1, 1, -1};
  Tensor unranked = Float("unranked", {});
  unranked.shape.stored_empty = false;
  graph.inputs = {graph.AddTensor(dynamic), graph.AddTensor(unranked),
                  graph.AddTensor(Float("scalar", {}))};
  EXPECT_EQ(PrintGraph(model, graph),
            "graph (%dynamic: float32[?,1,?8], %unranked: float32[*], %scalar: float32[]) -> () "
            "{\n}\n");
}

std::string Quantized(Quantization quantization) {
  Model model = Empty();
  Tensor tensor = Float("x", {1});
  tensor.type = circle::TensorType_INT8;
  tensor.quantization = std::move(quantization);
  model.graphs[0].AddTensor(tensor);
  const std::string text = PrintGraph(model, model.graphs[0]);
  const size_t start = text.find("int8[1]") + 7;
  return text.substr(start, text.find('\n', start) - start);
}

TEST(PrinterTest, PrintsQuantization) {
  Quantization q;
  EXPECT_EQ(Quantized(q), "");
  q.scale = std::vector<float>{0.25f};
  EXPECT_EQ(Quantized(q), " q(0.25)");
  q.zero_point = std::vector<int64_t>{128};
  EXPECT_EQ(Quantized(q), " q(0.25, 128)");
  q.quantized_dimension = 3;
  EXPECT_EQ(Quantized(q), " q(0.25, 128, axis 3)");
  q.scale = std::vector<float>{0.5f, 0.25f};
  EXPECT_EQ(Quantized(q), " q([0.5, 0.25], [128], axis 3)");
  q.zero_point = std::vector<int64_t>{0, 0};
  EXPECT_EQ(Quantized(q), " q([0.5, 0.25], 0, axis 3)");
  q.zero_point = std::vector<int64_t>{0, 1};
  EXPECT_EQ(Quantized(q), " q([0.5, 0.25], [0, 1], axis 3)");
}

TEST(PrinterTest, PrintsRangesAndDetails) {
  Model owner;
  Quantization q;
  q.min = std::vector<float>{-1};
  q.max = std::vector<float>{1};
  EXPECT_EQ(Quantized(q), " range(-1, 1)");
  circle::MXQuantizationT mx;
  mx.axis = 2;
  q.details_type = circle::QuantizationDetails_MXQuantization;
  q.details = owner.AddOptions(mx);
  EXPECT_EQ(Quantized(q), " range(-1, 1) MXQuantization {axis: 2}");
}

TEST(PrinterTest, PrintsWhatIsRare) {
  Model model = Empty();
  Graph& graph = model.graphs[0];
  Tensor state = Float("state", {1});
  state.is_variable = true;
  const TensorId variable = graph.AddTensor(state);
  const TensorId inner = graph.AddTensor(Float("inner", {1}));
  Node node;
  node.code = model.AddOperatorCode({.builtin = circle::BuiltinOperator_CUSTOM,
                                     .custom_code = std::string("A\"B"),
                                     .version = 3});
  node.inputs = {variable};
  node.intermediates = {inner};
  node.mutating_variable_inputs = {1};
  node.custom_options = Bytes::Own({1, 2, 3});
  graph.nodes = {node};
  EXPECT_EQ(
      PrintGraph(model, graph),
      "graph () -> () {\n"
      "  tensor %state: float32[1] variable\n"
      "  tensor %inner: float32[1]\n"
      "  CUSTOM@3 \"A\\\"B\"(%state) intermediates(%inner) mutates(0) custom_options 3 bytes\n"
      "}\n");
}

TEST(PrinterTest, SharedBuffersHaveTheirNumber) {
  Model model = Empty();
  Graph& graph = model.graphs[0];
  Tensor a = Constant(model, "a", {1});
  graph.AddTensor(a);
  a.name = "b";
  graph.AddTensor(a);
  graph.AddTensor(Constant(model, "c", {1}));
  EXPECT_EQ(PrintGraph(model, graph),
            "graph () -> () {\n"
            "  const %a: uint8[1] buffer 1 = {1}\n"
            "  const %b: uint8[1] buffer 1 = {1}\n"
            "  const %c: uint8[1] = {1}\n"
            "}\n");
}

TEST(PrinterTest, TakesGraphsThatAreWrong) {
  Model model = Empty();
  Graph& graph = model.graphs[0];
  Tensor bad = Float("bad", {1});
  bad.buffer = 99;
  bad.type = static_cast<circle::TensorType>(99);
  graph.outputs = {graph.AddTensor(bad), 7};
  graph.nodes = {MakeNode(model, static_cast<circle::BuiltinOperator>(9999), {0, -5}, {12})};
  model.signature_defs.emplace_back().graph = 3;
  model.signature_defs[0].inputs.emplace_back().tensor = 2;
  model.metadata.emplace_back().buffer = 5;
  EXPECT_EQ(PrintModel(model),
            "graph () -> (%bad, %<no tensor 7>) {\n"
            "  tensor %bad: type 99[1]\n"
            "  %<no tensor 12> = OP_9999(%bad, %<no tensor -5>)\n"
            "}\n"
            "signature \"\" of graph 3 (\"\": %<no tensor 2>) -> ()\n"
            "metadata \"\" 0 bytes\n");
}

TEST(PrinterTest, PrintsModels) {
  Model model = Empty();
  model.identifier = "TFL3";
  model.version = 3;
  model.description = "made by hand";
  model.graphs[0].name = "main";
  model.graphs[0].inputs = {model.graphs[0].AddTensor(Float("x", {1}))};
  model.graphs[0].outputs = model.graphs[0].inputs;
  model.graphs.emplace_back().name = "while body";
  SignatureDef& signature = model.signature_defs.emplace_back();
  signature.signature_key = "serving_default";
  signature.inputs.emplace_back().name = "in";
  signature.outputs.emplace_back().name = "out";
  model.metadata.emplace_back().name = "min_runtime_version";
  model.metadata[0].buffer = model.AddBuffer(Bytes::Own({1, 2}));
  EXPECT_EQ(PrintModel(model),
            "model TFL3 version 3 \"made by hand\"\n"
            "graph main(%x: float32[1]) -> (%x) {\n"
            "}\n"
            "graph \"while body\"() -> () {\n"
            "}\n"
            "signature serving_default of graph 0 (in: %x) -> (out: %x)\n"
            "metadata min_runtime_version 2 bytes\n");
}

}  // namespace
}  // namespace q_implant
