// SPDX-License-Identifier: Apache-2.0
// The examples of docs/rules.md: each is a graph before, parameters, and what the pass makes of
// them, in blocks marked "before", "params" and "after". With Q_IMPLANT_WRITE_DOCS=1 in the
// environment the page is written anew instead of compared.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"
#include "pass/testing/rule_case.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

constexpr char kPage[] = Q_IMPLANT_TESTDATA "/../docs/rules.md";

struct Example {
  std::string before;
  std::string params;
  std::string after;
  std::string options;
  std::string result;  // what the pass makes
};

// The page in parts: text and blocks in turn, the blocks with their fences.
std::string Rewritten(const std::string& page, std::vector<Example>& examples) {
  std::string out;
  std::string* block = nullptr;
  Example example;
  for (absl::string_view line : absl::StrSplit(page, '\n')) {
    absl::string_view mark = line;
    if (absl::ConsumePrefix(&mark, "```")) {
      if (block != nullptr) {
        const bool complete = block == &example.after;
        block = nullptr;
        if (complete) {
          example.result =
              Quantize(example.before, example.params, OptionsFromWords(example.options));
          absl::StrAppend(&out, example.result);
          examples.push_back(std::move(example));
          example = {};
        }
      } else if (mark == "before") {
        block = &example.before;
      } else if (absl::ConsumePrefix(&mark, "params")) {
        block = &example.params;
        example.options = std::string(mark);
      } else if (mark == "after") {
        block = &example.after;
      }
      absl::StrAppend(&out, line, "\n");
      continue;
    }
    if (block != nullptr) absl::StrAppend(block, line, "\n");
    if (block != &example.after) absl::StrAppend(&out, line, "\n");
  }
  out.pop_back();
  return out;
}

TEST(RulesDocTest, ExamplesAreWhatThePassDoes) {
  std::stringstream page;
  page << std::ifstream(kPage).rdbuf();
  std::vector<Example> examples;
  const std::string rewritten = Rewritten(page.str(), examples);
  if (std::getenv("Q_IMPLANT_WRITE_DOCS") != nullptr) std::ofstream(kPage) << rewritten;
  EXPECT_GE(examples.size(), 10u);
  for (const Example& example : examples) {
    EXPECT_EQ(example.after, example.result) << example.before;
  }
}

}  // namespace
}  // namespace q_implant
