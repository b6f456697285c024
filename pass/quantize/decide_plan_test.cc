// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/decide_plan.h"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

// The first cells of the table below a heading of docs/architecture.md.
std::vector<std::string> FirstCells(absl::string_view heading) {
  std::ifstream file(Q_IMPLANT_TESTDATA "/../docs/architecture.md");
  std::stringstream text;
  text << file.rdbuf();
  std::vector<std::string> cells;
  bool below = false;
  for (absl::string_view line : absl::StrSplit(text.str(), '\n')) {
    if (absl::StartsWith(line, "#")) below = line == heading;
    if (!below || !absl::StartsWith(line, "| ")) continue;
    const std::vector<absl::string_view> row = absl::StrSplit(line, '|');
    cells.emplace_back(absl::StripAsciiWhitespace(row[1]));
  }
  return cells;
}

TEST(DecidePlanTest, TheStepsAreThoseOfTheDocuments) {
  std::vector<std::string> names = {"step"};
  for (const auto& steps : {BindSteps(), DecideSteps()}) {
    for (const PlanStep& step : steps) names.emplace_back(step.name);
  }
  EXPECT_EQ(FirstCells("### The steps of the plan"), names);
}

TEST(DecidePlanTest, ErrorsEndTheRunBehindTheStepThatSaysSo) {
  static std::string log;
  log.clear();
  const auto fail = [](const PlanContext& context) {
    log += "fail ";
    context.diagnostics.Add({.problem = "wrong"});
  };
  const auto go_on = [](const PlanContext&) { log += "go on "; };
  Model model;
  const Params params;
  const QuantizeOptions options;
  const RunMode mode;
  Plan plan(model);
  Diagnostics diagnostics;
  const PlanContext context = {model, params, options, mode, plan, diagnostics};
  const PlanStep collects[] = {{"a", fail}, {"b", fail, true}, {"c", go_on}};
  EXPECT_FALSE(RunSteps(collects, context));
  EXPECT_EQ(log, "fail fail ");
  EXPECT_EQ(diagnostics.all().size(), 2u);
  const PlanStep last[] = {{"c", go_on}};
  EXPECT_TRUE(RunSteps(last, context)) << "a step that does not look at errors";
}

TEST(DecidePlanTest, EachStepSeesWhatThoseBeforeDid) {
  constexpr char kGraph[] = R"(graph (%x: float32[2]) -> (%y) {
    %r: float32[2] = RELU(%x)
    %y: float32[2] = ABS(%r) {}
  })";
  constexpr char kParams[] = "tensor %x: int8[] q(0.5, 0)";
  const std::string annotated = "%x: annotated int8 q(0.5, 0)\n";
  EXPECT_EQ(TensorsText(*PlanUpTo("zero biases", kGraph, kParams)), annotated);
  EXPECT_EQ(TensorsText(*PlanUpTo("propagate", kGraph, kParams)),
            annotated + "%r: propagated from %x int8 q(0.5, 0)\n");
}

}  // namespace
}  // namespace q_implant
