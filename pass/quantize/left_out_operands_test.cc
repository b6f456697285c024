// SPDX-License-Identifier: Apache-2.0
// What a file may leave out, of every operator: the importer lets it through, so no rule may count
// on it. A rule that reads past a node's inputs is found by the sanitizers' run of this test.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "gtest/gtest.h"
#include "ir/operators/operator_table.h"
#include "ir/testing/graph_text.h"
#include "pass/extract/extract_params.h"
#include "pass/rewrite/adapt_to_target_pass.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

constexpr char kGraph[] = R"(graph (%x: float32[1,2,2,1]) -> (%y) {
  const %w: float32[1,1,1,1] = {0.5}
  const %b: float32[1] = {0.25}
  const %f: float32[] = {0}
  const %c: int32[1] = {0}
  %h: float32[1,2,2,1] = ADD(%x, %x) {}
  %g: float32[1,2,2,1] = $0($1)
  %y: float32[1,2,2,1] = ADD(%g, %h) {}
})";
constexpr char kParams[] = R"(
  tensor %x: uint8[] q(0.5, 128)
  tensor %h: uint8[] q(0.5, 128)
  tensor %w: uint8[] q(0.0078125, 128)
  tensor %g: uint8[] q(0.5, 128)
  tensor %y: uint8[] q(0.5, 128))";

std::string OperandOf(Role role) {
  switch (role) {
    case Role::kData:
      return "%h";
    case Role::kWeights:
      return "%w";
    case Role::kBias:
      return "%b";
    case Role::kFill:
      return "%f";
    case Role::kControl:
      return "%c";
  }
  return "_";
}

// Every number of inputs that an operator may have; all of them, but one that is not given.
std::vector<std::string> InputLists(const OperatorRow& row) {
  std::vector<std::string> lists;
  std::vector<std::string> inputs;
  for (size_t slot = 0; slot <= row.inputs.size(); ++slot) {
    if (slot >= LeastInputs(row)) lists.push_back(absl::StrJoin(inputs, ", "));
    if (slot < row.inputs.size()) inputs.push_back(OperandOf(InputRole(row, slot)));
  }
  for (size_t slot = 0; slot < row.inputs.size(); ++slot) {
    const bool needed = slot < LeastInputs(row) && InputRole(row, slot) != Role::kControl;
    if (needed && row.kind != Kind::kIsland) continue;
    std::vector<std::string> fewer = inputs;
    fewer[slot] = "_";
    lists.push_back(absl::StrJoin(fewer, ", "));
  }
  return lists;
}

void ExpectNoBug(absl::string_view graph, Target target) {
  const Outcome outcome = RunPass(graph, kParams, {.target = target});
  EXPECT_EQ(outcome.model.find("report this as a bug"), std::string::npos)
      << graph << outcome.model;
  if (!outcome.ok) return;
  for (Target other : kTargets) {
    Model model = ModelFromText(outcome.model);
    Diagnostics diagnostics;
    EXPECT_NE(AdaptToTargetPass(other).Run(model, diagnostics).status().code(),
              absl::StatusCode::kInternal)
        << outcome.model;
  }
  const Model model = ModelFromText(outcome.model);
  Diagnostics diagnostics;
  EXPECT_TRUE(ExtractParams(model, diagnostics).ok()) << outcome.model;
}

TEST(LeftOutOperandsTest, OfEveryOperator) {
  for (const OperatorRow& row : AllOperatorRows()) {
    // Of other islands nothing is known, so no rule looks at their inputs one by one.
    const bool known = row.kind != Kind::kIsland || row.inputs != OperatorRow{}.inputs;
    if (!known || row.kind == Kind::kCall || row.kind == Kind::kConvert) continue;
    const std::string name = circle::EnumNameBuiltinOperator(row.op);
    for (const std::string& inputs : InputLists(row)) {
      const std::string graph = absl::Substitute(kGraph, name, inputs);
      for (Target target : {Target::kAny, Target::kLiteRt, Target::kOnert}) {
        SCOPED_TRACE(absl::StrCat(name, "(", inputs, ") for ", TargetName(target)));
        ExpectNoBug(graph, target);
      }
    }
  }
}

}  // namespace
}  // namespace q_implant
