// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/quantize_report.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

// What the report of a run says: "x: annotated", "ABS a: integer".
std::string Reported(absl::string_view graph, absl::string_view annotations) {
  Model model = ModelFromText(graph);
  model.path = "model.circle";
  QuantizeWithImportedParamsPass pass(ParamsFromText(annotations), {}, {.report = true});
  Diagnostics diagnostics;
  const absl::StatusOr<bool> changed = pass.Run(model, diagnostics);
  if (!changed.ok()) return std::string(changed.status().message());
  std::string lines;
  for (const TensorReport& tensor : pass.report().tensors) {
    absl::StrAppend(&lines, tensor.name, ": ", tensor.how,
                    tensor.stands_for_it.empty() ? "" : ", see ", tensor.stands_for_it, "\n");
  }
  for (const NodeReport& node : pass.report().nodes) {
    absl::StrAppend(&lines, node.op, " ", node.output, ": ", node.mode, "\n");
  }
  return lines;
}

constexpr char kGraph[] = R"(graph (%x: float32[1,2], %f: float32[1,2]) -> (%y, %k) {
  %a: float32[1,2] = ABS(%x) {}
  %b: float32[1,2] = RELU(%a)
  %c: float32[1,2] = ABS(%b) {}
  %y: float32[1,2] = SIN(%c)
  %k: int8[1,2] q(0.5, 3) = QUANTIZE(%f) {}
})";

// Each tensor and node once: the model's own Quantize was not inserted.
TEST(QuantizeReportTest, WhatWentAndWhatCame) {
  EXPECT_EQ(Reported(kGraph, R"(
    tensor %x: int8[] q(0.5, 0)
    tensor %a: int8[] q(0.02, -128)
    tensor %b: int8[] q(0.02, -128)
    tensor %c: int8[] q(0.02, -128))"),
            "x: annotated\nf: float32\na: removed, see b\nb: annotated\nc: annotated\n"
            "y: float32\nk: existing\nc_dequant: inserted\n"
            "ABS a: integer\nRELU b: removed\nABS c: integer\nSIN y: float32\n"
            "QUANTIZE k: float32\nDEQUANTIZE c_dequant: inserted\n");
}

TEST(QuantizeReportTest, WithoutParametersNothingChanges) {
  EXPECT_EQ(Reported(kGraph, ""),
            "x: float32\nf: float32\na: float32\nb: float32\nc: float32\ny: float32\n"
            "k: existing\n"
            "ABS a: float32\nRELU b: float32\nABS c: float32\nSIN y: float32\n"
            "QUANTIZE k: float32\n");
}

}  // namespace
}  // namespace q_implant
