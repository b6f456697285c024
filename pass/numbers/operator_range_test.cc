// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/operator_range.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

// What the last node of the graph makes where %x lies from -50 to 77.5 and all else from 0.5 to 4:
// "[least, greatest]".
std::string RangeOf(absl::string_view node, absl::string_view constants = "") {
  const Model model = ModelFromText(absl::StrCat("graph (%x: float32[1,2]) -> (%y) { ", constants,
                                                 " %y: float32[1,2] = ", node, " }"));
  const Graph& graph = model.graphs[0];
  const Node& last = graph.nodes[graph.nodes.size() - 1];
  std::vector<RealRange> inputs;
  for (TensorId id : last.inputs) {
    const bool is_x = id != kNoTensor && graph.tensor(id).name == "x";
    inputs.push_back(is_x ? RealRange{-50, 77.5} : RealRange{0.5, 4});
  }
  const auto range = OperatorRange(last, inputs, TermsOf(graph, last));
  return range.has_value() ? absl::StrFormat("[%g, %g]", range->least, range->greatest) : "unknown";
}

TEST(OperatorRangeTest, OfOneOperand) {
  EXPECT_EQ(RangeOf("SIN(%x)"), "[-1, 1]");
  EXPECT_EQ(RangeOf("ABS(%x)"), "[-77.5, 77.5]");
  EXPECT_EQ(RangeOf("ELU(%x)"), "[-1, 77.5]");
  EXPECT_EQ(RangeOf("SQUARE(%x)"), "[0, 6006.25]");
  EXPECT_EQ(RangeOf("SQRT(%x)"), "[0, 8.80341]");
  EXPECT_EQ(RangeOf("RSQRT(%x)"), "[0.113592, 5.1406]");
  EXPECT_EQ(RangeOf("EXP(%x)"), "[1.92875e-22, 4.54802e+33]");
  EXPECT_EQ(RangeOf("LOG(%x)"), "[-104, 4.35028]");
  EXPECT_EQ(RangeOf("FLOOR(%x)"), "[-51, 78.5]");
  EXPECT_EQ(RangeOf("LOG_SOFTMAX(%x) {}"), "[-191.5, 0]");
}

TEST(OperatorRangeTest, WithAConstant) {
  constexpr char kConstant[] = "const %c: float32[2] = {0.5, 4}";
  EXPECT_EQ(RangeOf("DIV(%x, %c) {}", kConstant), "[-100, 155]");
  EXPECT_EQ(RangeOf("DIV(%c, %x) {}", kConstant), "[-105.703, 105.703]");
  EXPECT_EQ(RangeOf("FLOOR_DIV(%x, %c) {}", kConstant), "[-101, 156]");
  EXPECT_EQ(RangeOf("FLOOR_MOD(%x, %c) {}", kConstant), "[-4, 4]");
  EXPECT_EQ(RangeOf("PRELU(%x, %c)", kConstant), "[-200, 310]");
  EXPECT_EQ(RangeOf("POW(%x, %c) {}", kConstant), "[-3.6075e+07, 3.6075e+07]");
  EXPECT_EQ(RangeOf("SQUARED_DIFFERENCE(%x, %c) {}", kConstant), "[0, 5929]");
}

TEST(OperatorRangeTest, AFusedActivationCutsOff) {
  EXPECT_EQ(
      RangeOf("DIV(%x, %c) {fused_activation_function: RELU}", "const %c: float32[2] = {0.5, 4}"),
      "[0, 155]");
  EXPECT_EQ(
      RangeOf("DIV(%x, %c) {fused_activation_function: RELU6}", "const %c: float32[2] = {0.5, 4}"),
      "[0, 6]");
  for (const char* name : {"RELU_N1_TO_1", "TANH"}) {
    EXPECT_EQ(RangeOf(absl::StrCat("DIV(%x, %c) {fused_activation_function: ", name, "}"),
                      "const %c: float32[2] = {0.5, 4}"),
              "[-1, 1]");
  }
}

// Two terms of 77.5 x 4 and a bias of 4.
TEST(OperatorRangeTest, OfWhatIsSummed) {
  EXPECT_EQ(RangeOf("FULLY_CONNECTED(%x, %w, %b) {}",
                    "const %w: float32[2,2] = {1, 1, 1, 1} const %b: float32[2] = {1, 1}"),
            "[-624, 624]");
  EXPECT_EQ(RangeOf("BATCH_MATMUL(%c, %x) {}", "const %c: float32[2] = {0.5, 4}"), "[-620, 620]")
      << "of a vector, which no runtime takes";
  EXPECT_EQ(RangeOf("CUMSUM(%x, %axis) {}", "const %axis: int32[] = {1}"), "[-155, 155]");
}

// A Pad moves zeros in; a Concatenation both its sides.
TEST(OperatorRangeTest, OfMovers) {
  constexpr char kConstant[] =
      "const %c: float32[1,2] = {0.5, 4} const %p: int32[2,2] = {0, 0, 0, 0}";
  EXPECT_EQ(RangeOf("CONCATENATION(%x, %c) {}", kConstant), "[-50, 77.5]");
  EXPECT_EQ(RangeOf("PAD(%c, %p)", kConstant), "[0, 4]");
}

TEST(OperatorRangeTest, OfOperatorsWithoutARule) {
  EXPECT_EQ(RangeOf("CUSTOM \"mine\"(%x)"), "unknown");
  EXPECT_EQ(RangeOf("CAST(%x) {}"), "unknown");
}

}  // namespace
}  // namespace q_implant
