// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/graph_io.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

const IoTypes kUint8({circle::TensorType_UINT8});
const IoTypes kInt8({circle::TensorType_INT8});
const IoTypes kInt16({circle::TensorType_INT16});

IoTypes List(absl::string_view words) { return IoTypes::Parse(words).value(); }

// What the pass makes of an Abs with these parameters on both sides.
std::string OfAbs(absl::string_view params, const QuantizeOptions& options,
                  const RunMode& mode = {}) {
  return Quantize("graph (%x: float32[2]) -> (%y) { %y: float32[2] = ABS(%x) {} }",
                  absl::StrCat("tensor %x: ", params, " tensor %y: ", params), options, mode);
}

// --- forms ---

TEST(GraphIoTest, TheAnnotatedTypeNeedsNothing) {
  const std::string as_annotated = Canonical(R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
    %y: int8[2] q(0.5, 3) = ABS(%x) {}
  })");
  EXPECT_EQ(OfAbs("int8[] q(0.5, 3)", {}), as_annotated);
  EXPECT_EQ(OfAbs("int8[] q(0.5, 3)", {.input_types = kInt8, .output_types = kInt8}), as_annotated);
}

TEST(GraphIoTest, BetweenTheEightBitTypesTheZeroPointMoves) {
  EXPECT_EQ(OfAbs("int8[] q(0.5, 3)", {.input_types = kUint8, .output_types = kUint8}),
            Canonical(R"(graph (%x: uint8[2] q(0.5, 131)) -> (%y) {
    %x_quantized: int8[2] q(0.5, 3) = QUANTIZE@2(%x) {}
    %y_quantized: int8[2] q(0.5, 3) = ABS(%x_quantized) {}
    %y: uint8[2] q(0.5, 131) = QUANTIZE@2(%y_quantized) {}
  })"));
}

// The range of int8 q(0.5, -28) is -50 to 77.5.
TEST(GraphIoTest, BetweenEightAndSixteenBitsTheRangeStays) {
  EXPECT_EQ(OfAbs("int8[] q(0.5, -28)", {.input_types = kInt16, .output_types = kInt16}),
            Canonical(R"(graph (%x: int16[2] q(0.0023651845, 0)) -> (%y) {
    %x_quantized: int8[2] q(0.5, -28) = QUANTIZE@2(%x) {}
    %y_quantized: int8[2] q(0.5, -28) = ABS(%x_quantized) {}
    %y: int16[2] q(0.0023651845, 0) = QUANTIZE@2(%y_quantized) {}
  })"));
}

// --- where ---

TEST(GraphIoTest, OneTypeIsForWhatHoldsFloats) {
  EXPECT_EQ(
      Quantize(R"(graph (%a: float32[2], %i: int32[1], %b: float32[2]) -> (%y, %s) {
    %y: float32[2] = ADD(%a, %b) {}
    %s: int32[1] = SHAPE(%y) {out_type: INT32}
  })",
               "tensor %a: int8[] q(0.5, 0) tensor %b: uint8[] q(0.5, 0)"
               "tensor %y: int8[] q(1, 0)",
               {.input_types = kUint8, .output_types = kUint8})
          .substr(0, 200),
      Canonical(
          R"(graph (%a: uint8[2] q(0.5, 128), %i: int32[1], %b: uint8[2] q(0.5, 0)) -> (%y, %s) {
    %a_quantized: int8[2] q(0.5, 0) = QUANTIZE@2(%a) {}
    %b_quantized: int8[2] q(0.5, -128) = QUANTIZE@2(%b) {}
    %y_quantized: int8[2] q(1, 0) = ADD(%a_quantized, %b_quantized) {}
    %y: uint8[2] q(1, 128) = QUANTIZE@2(%y_quantized) {}
    %s: int32[1] = SHAPE(%y_quantized) {out_type: INT32}
  })")
          .substr(0, 200));
}

TEST(GraphIoTest, WhatIsQuantizedAlreadyStays) {
  constexpr char kGraph[] = R"(graph (%x: int8[2] q(0.5, 3), %z: float32[2]) -> (%y, %s) {
    %y: int8[2] q(0.5, 3) = ABS(%x) {}
    %s: float32[2] = ABS(%z) {}
  })";
  constexpr char kParams[] = "tensor %z: int8[] q(1, 0) tensor %s: int8[] q(1, 0)";
  const std::string expected = Canonical(
      R"(graph (%x: int8[2] q(0.5, 3), %z: uint8[2] q(1, 128)) -> (%y, %s) {
    %z_quantized: int8[2] q(1, 0) = QUANTIZE@2(%z) {}
    %y: int8[2] q(0.5, 3) = ABS(%x) {}
    %s: int8[2] q(1, 0) = ABS(%z_quantized) {}
  })");
  EXPECT_EQ(Quantize(kGraph, kParams, {.input_types = kUint8}), expected);
  EXPECT_EQ(Quantize(kGraph, kParams, {.input_types = List("int8,uint8")}), expected);
}

// --- with a target, with --eight_bit ---

TEST(GraphIoTest, ForATargetTheTwinIsOfItsType) {
  const Outcome outcome =
      RunPass("graph (%x: float32[2]) -> (%y) { %y: float32[2] = ABS(%x) {} }",
              "tensor %x: int8[] q(0.5, 3) tensor %y: int8[] q(0.5, 3)",
              {.input_types = kInt8, .output_types = kUint8, .target = Target::kOnert});
  EXPECT_EQ(outcome.report.substr(0, outcome.report.find('\n')),
            "remark: model.circle: for onert: 2 activations are uint8 instead of int8, the same "
            "numbers with zero points moved by 128");
  EXPECT_EQ(outcome.model.substr(0, outcome.model.find(" = QUANTIZE")),
            "graph (%x: int8[2] q(0.5, 3)) -> (%y) {\n  %x_quantized: uint8[2] q(0.5, 131)");
}

// What the target can't convert.
TEST(GraphIoTest, ATypeThatTheTargetDoesNotConvert) {
  EXPECT_EQ(
      OfAbs("uint8[] q(0.5, 3)",
            {.input_types = kInt16, .output_types = kInt16, .target = Target::kOnert}),
      "error: model.circle: tensor 'x': onert converts no int16 to uint8, as which it is "
      "annotated: expected a type that can be converted, found int16 in --input_type; ask "
      "for float32\n"
      "error: model.circle: tensor 'y': onert converts no uint8, as which it is annotated, to "
      "int16: expected a type that can be converted, found int16 in --output_type; ask for "
      "float32\n");
  EXPECT_EQ(OfAbs("int32[] q(0.5, 3)", {.input_types = kUint8}),
            "error: model.circle: tensor 'x': no known runtime converts uint8 to int32, as which "
            "it is annotated: expected a type that can be converted, found uint8 in --input_type; "
            "ask for float32\n");
  EXPECT_EQ(
      OfAbs("int16[] q(0.5, 0)", {.output_types = kInt8, .target = Target::kOnert}),
      "error: model.circle: tensor 'y': it is int16, which onert does not convert, so it stays "
      "float32: expected int8, as --output_type says; annotate it as int8 or uint8, or ask for "
      "float32\n");
}

// ConvertEightBitPass moves the twin, so an input of that type needs none.
TEST(GraphIoTest, WhatAnotherPassWillConvertNeedsNoTwin) {
  EXPECT_EQ(OfAbs("int8[] q(0.5, 3)", {.input_types = kUint8, .output_types = kUint8},
                  {.later_eight_bit = circle::TensorType_UINT8}),
            OfAbs("int8[] q(0.5, 3)", {}));
}

// --- the check afterwards ---

TEST(GraphIoTest, AnEdgeThatDidNotComeOutAsPlanned) {
  Model model = ModelFromText("graph (%x: float32[2]) -> (%y) { %y: float32[2] = ABS(%x) {} }");
  Plan plan(model);
  plan.graphs[0].inputs.forms[0] = nullptr;
  plan.graphs[0].outputs.forms[1] = std::make_shared<const QuantParams>(
      QuantParams{.dtype = circle::TensorType_UINT8, .scale = {0.5}, .zero_point = {3}});
  const IoCheck check(model, plan);
  EXPECT_EQ(check.Check(model).message(),
            "the quantized model is not sound, please report this as a bug of q-implant:\n"
            "  the output 'y' is float32 instead of uint8 scale 0.5 zero point 3");
  SetParams(*plan.graphs[0].outputs.forms[1], model.graphs[0].tensors[1]);
  EXPECT_TRUE(check.Check(model).ok());
  SetParams(*plan.graphs[0].outputs.forms[1], model.graphs[0].tensors[0]);
  EXPECT_EQ(check.Check(model).message(),
            "the quantized model is not sound, please report this as a bug of q-implant:\n"
            "  the input 'x' is uint8 instead of float32");
}

}  // namespace
}  // namespace q_implant
