// SPDX-License-Identifier: Apache-2.0
#include "import/order_check.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "import/model_check.h"
#include "import/testing/small_model.h"

namespace q_implant {
namespace {

constexpr char kAdvice[] = "; the file is damaged or its writer has a bug: convert the model again";

circle::SubGraphT& Graph(circle::ModelT& model) { return *model.subgraphs[0]; }

std::string ErrorOf(const circle::ModelT& model) {
  return std::string(CheckFile(Packed(model).span(), "m.circle").message());
}

// The error of the small model after a change.
std::string ErrorAfter(const std::function<void(circle::ModelT&)>& change) {
  circle::ModelT model = SmallModel();
  change(model);
  return ErrorOf(model);
}

std::string Error(absl::string_view text) {
  return absl::StrCat("error: m.circle: ", text, kAdvice);
}

// One node of this operator.
std::string ErrorOf(circle::BuiltinOperator op, std::vector<int32_t> inputs,
                    std::vector<int32_t> outputs = {2}) {
  return ErrorAfter([&](circle::ModelT& model) {
    model.operator_codes[0]->builtin_code = op;
    model.operator_codes[0]->deprecated_builtin_code = 0;
    Graph(model).operators[0]->inputs = std::move(inputs);
    Graph(model).operators[0]->outputs = std::move(outputs);
    Graph(model).operators[0]->builtin_options.Reset();
  });
}

// A second node of the same operator, behind the first.
void AddNode(circle::ModelT& model, std::vector<int32_t> inputs, std::vector<int32_t> outputs) {
  auto node = std::make_unique<circle::OperatorT>();
  node->inputs = std::move(inputs);
  node->outputs = std::move(outputs);
  Graph(model).operators.push_back(std::move(node));
}

TEST(OrderCheckTest, WantsTheOperandsThatTheOperatorComputesWith) {
  using enum circle::BuiltinOperator;
  EXPECT_EQ(ErrorOf(BuiltinOperator_FULLY_CONNECTED, {0}),
            Error("graph 0, node 0 (FULLY_CONNECTED) has too few inputs: expected at least 2, "
                  "found 1"));
  EXPECT_EQ(ErrorOf(BuiltinOperator_FULLY_CONNECTED, {0, -1}),
            Error("graph 0, node 0 (FULLY_CONNECTED) lacks input 1: expected a tensor, and not -1 "
                  "(none)"));
  EXPECT_EQ(ErrorOf(BuiltinOperator_FULLY_CONNECTED, {0, 1}), "") << "no bias";
  EXPECT_EQ(ErrorOf(BuiltinOperator_QUANTIZE, {}),
            Error("graph 0, node 0 (QUANTIZE) has too few inputs: expected at least 1, found 0"));
  EXPECT_EQ(ErrorOf(BuiltinOperator_CONCATENATION, {}),
            Error("graph 0, node 0 (CONCATENATION) has too few inputs: expected at least 1, found "
                  "0"));
  EXPECT_EQ(ErrorOf(BuiltinOperator_PADV2, {0, 1, -1}),
            Error("graph 0, node 0 (PADV2) lacks input 2: expected a tensor, and not -1 (none)"));
  EXPECT_EQ(ErrorOf(BuiltinOperator_UNIDIRECTIONAL_SEQUENCE_LSTM,
                    {0, -1, 1, 1, 1, -1, 1, 1, 1, -1, -1, -1}),
            "")
      << "an LSTM without an input gate";
  EXPECT_EQ(ErrorOf(BuiltinOperator_RESHAPE, {0}), "") << "the shape may stand in the options";
  EXPECT_EQ(ErrorOf(BuiltinOperator_QUANTIZE, {0}, {}),
            Error("graph 0, node 0 (QUANTIZE) has no output: expected at least 1"));
}

TEST(OrderCheckTest, WantsAConversionOfOneTensorIntoOne) {
  EXPECT_EQ(ErrorOf(circle::BuiltinOperator_QUANTIZE, {0, 1}),
            Error("graph 0, node 0 (QUANTIZE) has too many operands: expected 1 input and 1 "
                  "output, found 2 and 1"));
}

TEST(OrderCheckTest, DemandsNothingOfOperatorsThatItKnowsNothingOf) {
  using enum circle::BuiltinOperator;
  for (circle::BuiltinOperator op :
       {BuiltinOperator_CUSTOM, BuiltinOperator_VAR_HANDLE, BuiltinOperator_STABLEHLO_IOTA}) {
    EXPECT_EQ(ErrorOf(op, {}), "") << op;
    EXPECT_EQ(ErrorOf(op, {-1}, {}), "") << op;
  }
}

TEST(OrderCheckTest, RefusesATensorThatIsMadeTwice) {
  EXPECT_EQ(ErrorAfter([](circle::ModelT& model) {
              AddNode(model, {0, 1}, {2});
            }),
            Error("tensor 'out': graph 0, node 1 (FULLY_CONNECTED) makes tensor 2, which node 0 "
                  "makes too: expected one node that makes a tensor"));
  EXPECT_EQ(ErrorAfter([](circle::ModelT& model) {
              Graph(model).operators[0]->outputs = {2, 2};
            }),
            Error("tensor 'out': graph 0, node 0 (FULLY_CONNECTED) makes tensor 2, which node 0 "
                  "makes too: expected one node that makes a tensor"));
}

TEST(OrderCheckTest, RefusesAConstantOrAnInputThatIsMade) {
  EXPECT_EQ(ErrorAfter([](circle::ModelT& model) {
              AddNode(model, {0, 1}, {1});
            }),
            Error("tensor 'weights': graph 0, node 1 (FULLY_CONNECTED) makes tensor 1, which is a "
                  "constant: expected a tensor without data"));
  EXPECT_EQ(ErrorAfter([](circle::ModelT& model) {
              AddNode(model, {2, 1}, {0});
            }),
            Error("tensor 'in': graph 0, node 1 (FULLY_CONNECTED) makes tensor 0, which is an "
                  "input of the graph: expected another tensor"));
}

TEST(OrderCheckTest, LetsVariablesBeWritten) {
  EXPECT_EQ(ErrorAfter([](circle::ModelT& model) {
              Graph(model).tensors[2]->is_variable = true;
              AddNode(model, {2, 1}, {2});
            }),
            "");
}

TEST(OrderCheckTest, RefusesAReadBeforeTheTensorIsMade) {
  const std::string before = Error(
      "tensor 'late': graph 0, node 0 (FULLY_CONNECTED) reads tensor 3 before node 1 makes it: "
      "expected nodes in the order in which they run, and no cycle");
  const auto error = [](std::vector<int32_t> inputs) {
    return ErrorAfter([&](circle::ModelT& model) {
      Graph(model).tensors.push_back(MakeTensor("late", {1, 3}));
      Graph(model).operators[0]->inputs = {3, 1};
      AddNode(model, inputs, {3});
    });
  };
  EXPECT_EQ(error({0, 1}), before);
  EXPECT_EQ(error({2, 1}), before) << "a cycle";
  EXPECT_EQ(ErrorAfter([](circle::ModelT& model) { Graph(model).operators[0]->inputs[0] = 2; }),
            Error("tensor 'out': graph 0, node 0 (FULLY_CONNECTED) reads tensor 2 before it makes "
                  "it: expected nodes in the order in which they run, and no cycle"));
}

TEST(OrderCheckTest, LetsTensorsBeReadThatNothingMakes) {
  EXPECT_EQ(ErrorAfter([](circle::ModelT& model) { Graph(model).inputs.clear(); }), "");
  EXPECT_EQ(ErrorAfter([](circle::ModelT& model) {
              Graph(model).outputs = {0, 1, 2, 2};
            }),
            "")
      << "inputs and constants may leave the graph";
}

}  // namespace
}  // namespace q_implant
