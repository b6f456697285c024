// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/crossings.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/testing/graph_text.h"
#include "pass/graph/calls.h"
#include "pass/rewrite/adapt_to_target_pass.h"
#include "pass/rewrite/convert_eight_bit_pass.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A composite between two integer operators.
constexpr char kModel[] = R"(
graph main(%x: float32[2]) -> (%y) {
  %before: float32[2] = ABS(%x) {}
  %after: float32[2] = STABLEHLO_COMPOSITE(%before) {name: "odml.npu_call", decomposition_subgraph_index: 1}
  %y: float32[2] = ABS(%after) {}
}
graph inner(%a: float32[2]) -> (%b) {
  %b: float32[2] = LOGISTIC(%a)
}
)";

// Inwards the input, outwards the output, and from there through the mover.
TEST(CrossingsTest, ParametersSpreadAcross) {
  EXPECT_EQ(TensorsText(*PlanUpTo("crossings", R"(
graph main(%x: float32[2]) -> (%y) {
  %after: float32[2] = STABLEHLO_COMPOSITE(%x) {decomposition_subgraph_index: 1}
  %moved: float32[1,2] = RESHAPE(%after) {new_shape: [1, 2]}
  %y: float32[1,2] = STABLEHLO_COMPOSITE(%moved) {decomposition_subgraph_index: 2}
}
graph first(%a: float32[2]) -> (%b) {
  %b: float32[2] = LOGISTIC(%a)
}
graph second(%c: float32[1,2]) -> (%d) {
  %d: float32[1,2] = ABS(%c) {}
}
)",
                                  R"(
  tensor %x: int8[] q(0.5, 0)
  tensor %b: int8[] q(0.00390625, -128)
  tensor %d: int8[] q(0.0078125, -128)
)")),
            R"(%x: annotated int8 q(0.5, 0)
%after: propagated from %b int8 q(0.00390625, -128)
%moved: propagated from %after int8 q(0.00390625, -128)
%a: propagated from %x int8 q(0.5, 0)
%b: annotated int8 q(0.00390625, -128)
%c: propagated from %moved int8 q(0.00390625, -128)
%d: annotated int8 q(0.0078125, -128)
)");
}

// Inner outputs from outside, and what only composites read from inside.
TEST(CrossingsTest, ParametersSpreadBack) {
  EXPECT_EQ(TensorsText(*PlanUpTo("crossings", R"(
graph main(%x: float32[2], %z: float32[2]) -> (%y, %v) {
  %before: float32[2] = ADD(%x, %x) {}
  %read: float32[2] = ADD(%x, %x) {}
  %y: float32[2] = STABLEHLO_COMPOSITE(%before, %read, %z) {decomposition_subgraph_index: 1}
  %v: float32[2] = ABS(%read) {}
}
graph first(%a: float32[2], %b: float32[2], %c: float32[2]) -> (%d) {
  %sum: float32[2] = ADD(%a, %b) {}
  %d: float32[2] = ADD(%sum, %c) {}
}
)",
                                  R"(
  tensor %y: int8[] q(0.25, 0)
  tensor %a: int8[] q(0.5, 0)
  tensor %b: int8[] q(0.5, 1)
  tensor %c: int8[] q(0.5, 2)
)")),
            R"(%before: propagated from %a int8 q(0.5, 0)
%y: annotated int8 q(0.25, 0)
%a: annotated int8 q(0.5, 0)
%b: annotated int8 q(0.5, 1)
%c: annotated int8 q(0.5, 2)
%d: propagated from %y int8 q(0.25, 0)
)");
}

// Two composites on one graph.
constexpr char kShared[] = R"(
graph main(%x: float32[2], %z: float32[2]) -> (%y, %v) {
  %y: float32[2] = STABLEHLO_COMPOSITE(%x) {decomposition_subgraph_index: 1}
  %v: float32[2] = STABLEHLO_COMPOSITE(%z) {decomposition_subgraph_index: 1}
}
graph inner(%a: float32[2]) -> (%b) {
  %b: float32[2] = ABS(%a) {}
}
)";

TEST(CrossingsTest, NothingSpreadsInwardsWhereCallersDiffer) {
  EXPECT_EQ(TensorsText(*PlanUpTo("crossings", kShared, R"(
  tensor %x: int8[] q(0.5, 0)
  tensor %z: int8[] q(0.25, 0)
  tensor %y: int8[] q(0.5, 0)
  tensor %b: int8[] q(0.5, 0)
)")),
            R"(%x: annotated int8 q(0.5, 0)
%z: annotated int8 q(0.25, 0)
%y: annotated int8 q(0.5, 0)
%b: annotated int8 q(0.5, 0)
)");
}

// Of a graph that an If runs too, or that a signature names, the ends are float32.
TEST(CrossingsTest, OnlyCompositesMayRunTheGraph) {
  for (const char* other :
       {"%y: float32[2] = IF(%c, %x) {then_subgraph_index: 1, else_subgraph_index: 1}",
        "%y: float32[2] = STABLEHLO_COMPOSITE(%x, _) {decomposition_subgraph_index: 1}",
        "%y: float32[2] = STABLEHLO_COMPOSITE() {decomposition_subgraph_index: 1}"}) {
    EXPECT_THAT(Quantize(absl::StrCat(R"(
graph main(%c: bool[1], %x: float32[2]) -> (%y, %z) {
  )",
                                      other, R"(
  %z: float32[2] = STABLEHLO_COMPOSITE(%x) {decomposition_subgraph_index: 1}
}
graph inner(%a: float32[2]) -> (%b) {
  %b: float32[2] = ABS(%a) {}
}
)"),
                         R"(
  tensor %x: int8[] q(0.5, 0)
  tensor %z: int8[] q(0.5, 0)
  tensor %a: int8[] q(0.5, 0)
  tensor %b: int8[] q(0.5, 0)
)"),
                HasSubstr("graph inner(%a: float32[2]) -> (%b) {"))
        << other;
  }
  Model model = ModelFromText(kModel);
  EXPECT_EQ(FindCrossings(model).size(), 2u);
  model.signature_defs.emplace_back().graph = 1;
  EXPECT_THAT(FindCrossings(model), IsEmpty());
}

constexpr char kAgreed[] = R"(
  tensor %x: int8[] q(0.5, 0)
  tensor %before: int8[] q(0.25, -128)
  tensor %after: int8[] q(0.00390625, -128)
  tensor %y: int8[] q(0.0078125, -128)
  tensor %a: int8[] q(0.25, -128)
  tensor %b: int8[] q(0.00390625, -128)
)";

TEST(CrossingsTest, EdgeTypesAreOfTheModelsEnds) {
  QuantizeOptions options;
  options.input_types = IoTypes::Parse("float32").value();
  options.output_types = IoTypes::Parse("float32").value();
  EXPECT_EQ(Quantize(kModel, kAgreed, options), R"(graph main(%x: float32[2]) -> (%y) {
  %x_quantized: int8[2] q(0.5, 0) = QUANTIZE(%x) {}
  %before: int8[2] q(0.25, -128) = ABS(%x_quantized) {}
  %after: int8[2] q(0.00390625, -128) = STABLEHLO_COMPOSITE(%before) {name: "odml.npu_call", decomposition_subgraph_index: 1}
  %y_quantized: int8[2] q(0.0078125, -128) = ABS(%after) {}
  %y: float32[2] = DEQUANTIZE@2(%y_quantized) {}
}
graph inner(%a: int8[2] q(0.25, -128)) -> (%b) {
  %b: int8[2] q(0.00390625, -128) = LOGISTIC(%a)
}
)");
}

TEST(CrossingsTest, EightBitConversionOnBothSides) {
  Model model = ModelFromText(R"(
graph main(%x: float32[2]) -> (%y) {
  const %k: int8[2] q(0.5, 0) = {1, 2}
  %y: float32[2] = STABLEHLO_COMPOSITE(%x, %k) {decomposition_subgraph_index: 1}
}
graph inner(%a: float32[2], %b: int8[2] q(0.5, 0)) -> (%c) {
  %d: float32[2] = DEQUANTIZE@2(%b) {}
  %c: float32[2] = ADD(%a, %d) {}
}
)");
  Diagnostics diagnostics;
  ASSERT_TRUE(ConvertEightBitPass(circle::TensorType_UINT8).Run(model, diagnostics).ok());
  EXPECT_THAT(PrintModel(model), HasSubstr("const %k: uint8[2] q(0.5, 128) = {129, 130}"));
  EXPECT_THAT(PrintModel(model), HasSubstr("%b: uint8[2] q(0.5, 128)) -> (%c)"));
}

// What a runtime computes rightly stays as it is; what it does not is quantized anew.
TEST(CrossingsTest, AdaptingToATargetKeepsThem) {
  for (const char* missing : {"", "%bias"}) {
    const std::string text = absl::StrCat(R"(graph main(%x: int8[1,1,1,2] q(0.5, 0)) -> (%y) {
  %y: int8[1,1,1,1] q(0.25, 3) = STABLEHLO_COMPOSITE(%x) {decomposition_subgraph_index: 1}
}
graph inner(%a: int8[1,1,1,2] q(0.5, 0)) -> (%b) {
  const %w: int8[1,1,1,2] q(0.25, 0) = {8, 9}
  const %b_bias: int32[1] q(0.125, 0) = {0}
  %b: int8[1,1,1,1] q(0.25, 3) = CONV_2D(%a, %w, )",
                                          *missing == 0 ? "%b_bias" : "_",
                                          R"() {stride_w: 1, stride_h: 1}
}
)");
    Model model = ModelFromText(text);
    Diagnostics diagnostics;
    const auto changed = AdaptToTargetPass(Target::kLiteRt).Run(model, diagnostics);
    ASSERT_TRUE(changed.ok()) << changed.status();
    EXPECT_EQ(*changed, *missing != 0);
    EXPECT_THAT(PrintModel(model),
                HasSubstr("%y: int8[1,1,1,1] q(0.25, 3) = STABLEHLO_COMPOSITE(%x)"));
    EXPECT_THAT(PrintModel(model), HasSubstr("graph inner(%a: int8[1,1,1,2] q(0.5, 0)) -> (%b)"));
    EXPECT_THAT(PrintModel(model), Not(HasSubstr("QUANTIZE")));
  }
}

}  // namespace
}  // namespace q_implant
