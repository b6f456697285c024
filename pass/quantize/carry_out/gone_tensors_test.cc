// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/carry_out/gone_tensors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

// What the report says of tensors that went, a line each ("conv: relu").
std::string Removed(absl::string_view graph, absl::string_view annotations,
                    QuantizeOptions options) {
  Model model = ModelFromText(graph);
  model.path = "model.circle";
  options.check_values = CheckValues::kOff;
  QuantizeWithImportedParamsPass pass(ParamsFromText(annotations), options, {.report = true});
  Diagnostics diagnostics;
  const absl::StatusOr<bool> changed = pass.Run(model, diagnostics);
  if (!changed.ok()) return std::string(changed.status().message());
  std::string lines;
  for (const TensorReport& tensor : pass.report().tensors) {
    if (tensor.how == "removed") {
      absl::StrAppend(&lines, tensor.name, ": ", tensor.stands_for_it, "\n");
    }
  }
  return lines;
}

constexpr char kClamps[] = R"(graph (%x: float32[1,2]) -> (%y) {
    %a: float32[1,2] = ABS(%x) {}
    %b: float32[1,2] = RELU(%a)
    %c: float32[1,2] = RELU6(%b)
    %y: float32[1,2] = ABS(%c) {}
  })";
constexpr char kClampParams[] = R"(
    tensor %x: int8[] q(0.5, 0)
    tensor %a: int8[] q(0.02, -128)
    tensor %c: int8[] q(0.02, -128)
    tensor %y: int8[] q(0.02, -128))";

TEST(GoneTensorsTest, AnAnnotatedTensorBeforeClampsThatDoNothing) {
  const Outcome outcome = RunPass(kClamps, kClampParams);
  EXPECT_EQ(
      outcome.report,
      "remark: model.circle: tensor 'a': a RELU that cut nothing off was removed; 'c' stands for "
      "the tensor\n");
  EXPECT_EQ(outcome.notes,
            "note: model.circle: tensor 'b': a RELU6 that cut nothing off was removed; 'c' stands "
            "for the "
            "tensor\n");
  EXPECT_EQ(Removed(kClamps, kClampParams, {}), "a: c\nb: c\n");
}

constexpr char kConvolution[] = R"(graph (%x: float32[1,2,2,1]) -> (%y) {
    const %iohw: float32[1,1,1,1] = {2}
    const %order: int32[4] = {3, 1, 2, 0}
    %w: float32[1,1,1,1] = TRANSPOSE(%iohw, %order) {}
    const %b: float32[1] = {0}
    %conv: float32[1,2,2,1] = CONV_2D(%x, %w, %b) {stride_w: 1, stride_h: 1}
    %y: float32[1,2,2,1] = RELU6(%conv)
  })";
constexpr char kConvolutionParams[] = R"(
    tensor %x: uint8[] q(0.5, 0)
    tensor %iohw: uint8[] q(0.5, 0)
    tensor %conv: uint8[] q(1, 0)
    tensor %y: uint8[] q(1, 0))";

TEST(GoneTensorsTest, AConstantWhoseMoverWasCarriedOutAndWhatAFusedClampRead) {
  const Outcome outcome = RunPass(kConvolution, kConvolutionParams, {.target = Target::kOnert});
  EXPECT_EQ(
      outcome.report,
      "remark: model.circle: for onert: 1 clamp became part of the operator before (--verbose "
      "names them)\n"
      "remark: model.circle: tensor 'iohw': a TRANSPOSE of it was carried out; 'w' stands for "
      "the tensor\n"
      "remark: model.circle: tensor 'conv': the RELU6 behind it became part of the operator "
      "before; 'y' stands for the tensor\n");
  EXPECT_EQ(Removed(kConvolution, kConvolutionParams, {.target = Target::kOnert}),
            "iohw: w\norder: \nconv: y\n");
}

TEST(GoneTensorsTest, WhatGraphsTakeAndGiveKeepsItsName) {
  constexpr char kEnds[] = R"(graph (%x: float32[1,2]) -> (%a, %y) {
    %a: float32[1,2] = RELU(%x)
    %b: float32[1,2] = RELU(%a)
    %y: float32[1,2] = ABS(%b) {}
  })";
  EXPECT_EQ(Removed(kEnds, R"(
    tensor %x: int8[] q(0.02, -128)
    tensor %a: int8[] q(0.02, -128)
    tensor %b: int8[] q(0.02, -128)
    tensor %y: int8[] q(0.02, -128))",
                    {}),
            "b: a\n");
}

TEST(GoneTensorsTest, OfManyTheFirstAreNamed) {
  std::string graph = "graph (%x: float32[1]) -> (%y) {\n";
  std::string params = "tensor %x: int8[] q(0.02, -128)\ntensor %y: int8[] q(0.02, -128)\n";
  std::string before = "x";
  for (int i = 0; i < 7; ++i) {
    absl::StrAppend(&graph, "%a", i, ": float32[1] = ABS(%", before, ") {}\n%r", i,
                    ": float32[1] = RELU(%a", i, ")\n");
    absl::StrAppend(&params, "tensor %a", i, ": int8[] q(0.02, -128)\n");
    before = absl::StrCat("r", i);
  }
  absl::StrAppend(&graph, "%y: float32[1] = ABS(%", before, ") {}\n}");
  const Outcome outcome = RunPass(graph, params);
  EXPECT_TRUE(outcome.report.ends_with(
      "remark: model.circle: tensor 'a4': a RELU that cut nothing off was removed; 'r4' stands for "
      "the "
      "tensor\n"
      "remark: model.circle: 2 more annotated tensors went likewise (--verbose and --report name "
      "what stands for each)\n"))
      << outcome.report;
}

}  // namespace
}  // namespace q_implant
