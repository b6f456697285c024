// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/node_verdict.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

std::string Word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kRight:
      return "right";
    case Verdict::kWrong:
      return "wrong";
    case Verdict::kRefused:
      return "refused";
    case Verdict::kUnmeasured:
      break;
  }
  return "unmeasured";
}

// What a runtime makes of each node, a line each.
std::string Judged(Target target, absl::string_view text) {
  const Model model = ModelFromText(text);
  std::string lines;
  for (const Node& node : model.graphs[0].nodes) {
    const NodeVerdict verdict = JudgeNode(model.graphs[0], node, target);
    absl::StrAppend(&lines, Word(verdict.verdict), verdict.why.empty() ? "" : ": ", verdict.why,
                    "\n");
  }
  return lines;
}

TEST(NodeVerdictTest, TypesAndSides) {
  constexpr char kGraph[] = R"(graph (%x: int8[1,4,4,1] q(0.5, 3), %i: int32[2]) -> () {
    %a: int8[1,4,4,1] q(1, 0) = ADD(%x, %x) {}
    %p: int8[1,2,2,1] q(1, 0) = AVERAGE_POOL_2D(%x) {stride_w: 2, stride_h: 2, filter_width: 2, filter_height: 2}
    %m: int8[1,2,2,1] q(0.5, 3) = MAX_POOL_2D(%x) {stride_w: 2, stride_h: 2, filter_width: 2, filter_height: 2}
    %d: int8[1,4,4,1] q(1, 0) = DIV(%x, %x) {}
  })";
  EXPECT_EQ(Judged(Target::kLiteRt, kGraph),
            "right\nwrong: with int8 data and different parameters on its sides\nright\n"
            "wrong: with int8 data\n");
  EXPECT_EQ(Judged(Target::kOnert, kGraph),
            "right\nwrong: with int8 data and different parameters on its sides\n"
            "refused: with int8 data\nrefused: with int8 data\n");
}

TEST(NodeVerdictTest, Weights) {
  constexpr char kGraph[] = R"(graph (%x: uint8[1,2] q(0.5, 3), %f: float32[1,2]) -> () {
    const %w: uint8[2,2] q([0.5, 0.25], 128, axis 0) = {1, 2, 3, 4}
    const %v: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    %y: uint8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, _) {}
    %h: float32[1,2] = FULLY_CONNECTED(%f, %v, _) {}
  })";
  EXPECT_EQ(Judged(Target::kOnert, kGraph),
            "wrong: with weights of uint8, 2 scales along axis 0 beside uint8 data\n"
            "wrong: with weights of int8, 2 scales along axis 0 beside float32 data\n");
  EXPECT_EQ(Judged(Target::kLiteRt, kGraph),
            "refused: with weights of uint8, 2 scales along axis 0 beside uint8 data\nright\n");
}

// Nearly all answers of a comparison are alike, so that what onert makes of five dimensions may
// look right: measurements of random data do not tell.
TEST(NodeVerdictTest, ComparisonsOfMoreThanFourDimensions) {
  for (const char* op : {"LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "EQUAL", "NOT_EQUAL"}) {
    const std::string graph = absl::StrCat(
        "graph (%x: float32[1,2,1,2,2]) -> () { %y: bool[1,2,1,2,2] = ", op, "(%x, %x) {} }");
    EXPECT_EQ(Judged(Target::kOnert, graph), "wrong: of more than 4 dimensions, also in float32\n")
        << op;
    EXPECT_EQ(Judged(Target::kLiteRt, graph), "right\n") << op;
  }
}

TEST(NodeVerdictTest, CastsOfSmallIntegers) {
  constexpr char kGraph[] = R"(graph (%a: int8[2], %b: int16[2], %c: int32[2]) -> () {
    %x: float32[2] = CAST(%a) {}
    %y: float32[2] = CAST(%b) {}
    %z: float32[2] = CAST(%c) {}
  })";
  EXPECT_EQ(Judged(Target::kOnert, kGraph),
            "refused: of int8 or int16\nrefused: of int8 or int16\nright\n");
}

TEST(NodeVerdictTest, WhatNobodyMeasuredIsNeitherRightNorWrong) {
  constexpr char kGraph[] =
      R"(graph (%x: int8[1,4] q(0.5, 3), %f: float32[1,4], %i: int32[2] q(0.5, 0)) -> () {
    const %w: int8[1,4] q(0.5, 0) = {1, 2, 3, 4}
    %l: int8[1,4] q(1, 0) = LOCAL_RESPONSE_NORMALIZATION(%x) {}
    %c: int8[1,4] q(1, 0) = CUSTOM(%x, %w)
    %h: float32[1,4] = CUSTOM(%f, %w)
    %s: int32[2] q(1, 0) = ADD(%i, %i) {}
    %p: float32[1,4] = CUSTOM(%f)
  })";
  const std::string judged =
      "unmeasured: with int8 data\nunmeasured: with int8 data\n"
      "unmeasured: with weights of int8 scale 0.5 zero point 0 beside float32 data\n"
      "unmeasured: with int32 data\nright\n";
  EXPECT_EQ(Judged(Target::kLiteRt, kGraph), judged);
  EXPECT_EQ(Judged(Target::kOnert, kGraph), judged);
}

TEST(NodeVerdictTest, FixedOutputs) {
  EXPECT_EQ(Judged(Target::kLiteRt, R"(graph (%x: int8[1,2] q(0.5, 3)) -> () {
    %y: int8[1,2] q(0.00390625, -128) = LOGISTIC(%x)
    %z: int8[1,2] q(0.01, -128) = LOGISTIC(%x)
  })"),
            "right\nwrong: with output parameters other than int8 scale 0.00390625 zero point "
            "-128\n");
}

TEST(NodeVerdictTest, Conversions) {
  constexpr char kGraph[] = R"(graph (%x: float32[2]) -> () {
    %a: int8[2] q(1, 0) = QUANTIZE(%x) {}
    %b: int8[2] q(2, 0) = QUANTIZE(%a) {}
    %c: float32[2] = DEQUANTIZE(%b) {}
  })";
  EXPECT_EQ(Judged(Target::kLiteRt, kGraph), "right\nright\nright\n");
  EXPECT_EQ(Judged(Target::kOnert, kGraph),
            "wrong: from float32 to int8\nrefused: from int8 scale 1 zero point 0 to int8\n"
            "right\n");
}

// A file may leave out what an operator needs.
TEST(NodeVerdictTest, MissingOperands) {
  for (const char* op : {"CONV_2D", "FULLY_CONNECTED", "SUM", "ADD", "BATCH_MATMUL", "QUANTIZE"}) {
    for (bool gives : {true, false}) {
      for (size_t inputs : {0, 1}) {
        Model model = ModelFromText(
            "graph (%x: int8[1,2] q(0.5, 3)) -> (%y) { %y: int8[1,2] q(0.5, 3) = ABS(%x) {} }");
        Node& node = model.graphs[0].nodes[0];
        OperatorCode code;
        for (circle::BuiltinOperator known : circle::EnumValuesBuiltinOperator()) {
          if (circle::EnumNameBuiltinOperator(known) == std::string(op)) code.builtin = known;
        }
        node.code = &code;
        node.inputs.resize(inputs);
        if (!gives) node.outputs.clear();
        for (Target target : {Target::kAny, Target::kLiteRt, Target::kOnert}) {
          JudgeNode(model.graphs[0], node, target);
        }
      }
    }
  }
}

TEST(NodeVerdictTest, WhatNeedsABias) {
  EXPECT_EQ(Judged(Target::kLiteRt, R"(graph (%x: float32[1,1,1,1]) -> () {
    const %w: float32[1,1,1,1] = {1}
    %y: float32[1,1,1,1] = CONV_2D(%x, %w, _) {stride_w: 1, stride_h: 1}
  })"),
            "refused: without a bias\n");
}

TEST(NodeVerdictTest, Float32) {
  constexpr char kGraph[] = "graph (%x: float32[2]) -> () { %y: float32[2] = CEIL(%x) }";
  EXPECT_EQ(Judged(Target::kLiteRt, kGraph), "right\n");
  EXPECT_EQ(Judged(Target::kOnert, kGraph), "refused: in float32 either\n");
}

TEST(NodeVerdictTest, OptionsThatOnertMisreads) {
  constexpr char kGraph[] =
      R"(graph (%x: float32[1,2,2,4], %i: int32[1], %v: float32[1,1,1,2,2]) -> () {
    const %w: float32[4,1,1,2] = {1, 2, 3, 4, 5, 6, 7, 8}
    const %b: float32[4] = {0, 0, 0, 0}
    %c: float32[1,2,2,4] = CONV_2D(%x, %w, %b) {stride_w: 1, stride_h: 1}
    %g: float32[1,2,4] = GATHER(%x, %i) {axis: 1, batch_dims: 1}
    %s: float32[1,1,1,1,1] = SLICE(%v, %i, %i) {}
    %m: float32[1,1,1,2] = MEAN(%v, %i) {}
  })";
  EXPECT_EQ(Judged(Target::kLiteRt, kGraph), "right\nright\nright\nright\n");
  EXPECT_EQ(Judged(Target::kOnert, kGraph),
            "wrong: in groups, also in float32\nwrong: with batch_dims, also in float32\n"
            "wrong: of more than 4 dimensions, also in float32\n"
            "refused: of more than 4 dimensions, also in float32\n");
}

// ir/operators/node_forms.cc; testdata/operator_claims/forms_test.py holds all of its rows against
// what was measured.
TEST(NodeVerdictTest, FormsThatOnertRefusesOrMisreads) {
  constexpr char kGraph[] = R"(graph (%x: float32[2,3,4,5], %v: float32[1,2,3,1,2]) -> () {
    const %i: int32[2] = {2, 3}
    const %j: int32[2] = {1, 2}
    const %w: float32[2,5] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
    %a: float32[2,3] = MEAN(%x, %i) {keep_dims: false}
    %b: float32[2,5] = MEAN(%x, %j) {keep_dims: false}
    %c: float32[2,3,1,1] = MEAN(%x, %i) {keep_dims: true}
    %d: float32[24,5] = RESHAPE(%x) {new_shape: [24, 5]}
    %e: float32[2,3,4,2] = FULLY_CONNECTED(%x, %w, _) {keep_num_dims: true}
    %f: float32[1,2,3,1,2] = FLOOR_DIV(%v, %v) {}
    %g: float32[2,3,4,5] = REVERSE_V2(%x, %i) {}
  })";
  EXPECT_EQ(Judged(Target::kLiteRt, kGraph), "right\nright\nright\nright\nright\nright\nright\n");
  EXPECT_EQ(Judged(Target::kOnert, kGraph),
            "refused: of 4 dimensions without keep_dims over other axes than height and width, or "
            "the channels, also in float32\nright\nright\n"
            "refused: of one input, also in float32\n"
            "wrong: with keep_num_dims, also in float32\nright\n"
            "refused: along several axes, also in float32\n");
}

// Models that other tools wrote.
TEST(NodeVerdictTest, SidesThatNoKernelReadsTogether) {
  EXPECT_EQ(
      Judged(Target::kLiteRt, R"(graph (%x: int8[1,2] q(0.5, 3), %s: int16[1,2] q(1, 0)) -> () {
    const %c: int8[1,2] q([0.5, 0.25], 0, axis 1) = {1, 2}
    %a: int8[1,2] q(1, 0) = ADD(%x, %c) {}
    %b: int8[1,2] q(1, 0) = MUL(%x, %s) {}
    const %w: int8[1,2] q(0.5, 0) = {1, 2}
    const %long: int64[1] q(0.25, 0) = {1}
    %d: int8[1,1] q(1, 0) = FULLY_CONNECTED(%x, %w, %long) {}
    const %i: int32[1] = {0}
    %g: float32[1,2] = GATHER(%w, %i) {}
    %m: int16[1,2] q(1, 0) = BATCH_MATMUL(%s, %w) {}
  })"),
      "wrong: with data of int8, 2 scales along axis 1\n"
      "wrong: with int16 beside int8 data\n"
      "wrong: with a bias of int64 beside int8 data\n"
      "wrong: with int8 scale 0.5 zero point 0 beside float32 data\n"
      "right\n");
}

TEST(NodeVerdictTest, WhatOnertLacksInFloat32) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2]) -> () {
    const %w: float32[2,2] = {1, 2, 3, 4}
    const %h: float16[2] = 4 bytes
    %d: float32[1,2] = FULLY_CONNECTED(%x, %w) {}
    %e: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
    %f: float32[2] = DEQUANTIZE(%h) {}
  })";
  EXPECT_EQ(Judged(Target::kLiteRt, kGraph), "right\nright\nright\n");
  EXPECT_EQ(Judged(Target::kOnert, kGraph),
            "refused: of two inputs\nright\nrefused: from float16\n");
}

// --keep_bias
TEST(NodeVerdictTest, BiasesThatKernelsTakeForOthers) {
  EXPECT_EQ(Judged(Target::kLiteRt, R"(graph (%x: int8[1,1] q(0.5, 3)) -> () {
    const %w: int8[1,1] q(0.5, 0) = {1}
    const %b: int32[1] q(0.5, 0) = {1}
    const %c: int32[1] q(0.25, 0) = {1}
    %y: int8[1,1] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
    %z: int8[1,1] q(1, 0) = FULLY_CONNECTED(%x, %w, %c) {}
  })"),
            "wrong: with a bias of another scale than data x weights, or a zero point\nright\n");
}

}  // namespace
}  // namespace q_implant
