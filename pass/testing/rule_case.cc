// SPDX-License-Identifier: Apache-2.0
#include "pass/testing/rule_case.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

bool SetFlag(absl::string_view word, QuantizeOptions& options) {
  constexpr std::pair<const char*, bool QuantizeOptions::*> kFlags[] = {
      {"--hybrid", &QuantizeOptions::hybrid},
      {"--keep_bias", &QuantizeOptions::keep_bias},
      {"--full_weights_range", &QuantizeOptions::full_weights_range},
      {"--ignore_unknown", &QuantizeOptions::ignore_unknown},
      {"--require_all", &QuantizeOptions::require_all},
  };
  for (const auto& [name, flag] : kFlags) {
    if (word != name) continue;
    options.*flag = true;
    return true;
  }
  return false;
}

// The part of a file that the next line belongs to.
std::string* PartFor(absl::string_view mark, RuleCase& rule_case) {
  if (mark == "before") return &rule_case.before;
  if (absl::ConsumePrefix(&mark, "params")) {
    rule_case.options = std::string(absl::StripPrefix(mark, " "));
    return &rule_case.params;
  }
  rule_case.shows = std::string(mark);
  return &rule_case.result;
}

}  // namespace

QuantizeOptions OptionsFromWords(absl::string_view words) {
  QuantizeOptions options;
  for (absl::string_view word : absl::StrSplit(words, ' ', absl::SkipEmpty())) {
    if (SetFlag(word, options)) continue;
    if (absl::ConsumePrefix(&word, "--input_type=")) {
      options.input_types = IoTypes::Parse(word).value();
    } else if (absl::ConsumePrefix(&word, "--output_type=")) {
      options.output_types = IoTypes::Parse(word).value();
    } else if (word == "--target=onert") {
      options.target = Target::kOnert;
    } else if (word == "--target=litert") {
      options.target = Target::kLiteRt;
    } else if (word == "--check_values=error") {
      options.check_values = CheckValues::kError;
    } else {
      ADD_FAILURE() << "unknown option " << word;
    }
  }
  return options;
}

std::string ResultOf(const RuleCase& rule_case) {
  const QuantizeOptions options = OptionsFromWords(rule_case.options);
  if (rule_case.shows == "after") return Quantize(rule_case.before, rule_case.params, options);
  absl::string_view step = rule_case.shows;
  const bool tensors = absl::ConsumePrefix(&step, "tensors ");
  if (!tensors && !absl::ConsumePrefix(&step, "nodes ")) {
    ADD_FAILURE() << "a case shows 'after', 'tensors STEP' or 'nodes STEP', not '" << step << "'";
    return "";
  }
  const std::unique_ptr<Planned> planned =
      PlanUpTo(step, rule_case.before, rule_case.params, options);
  std::string lines;
  for (const Diagnostic& diagnostic : planned->diagnostics.all()) {
    absl::StrAppend(&lines, diagnostic.ToString(), "\n");
  }
  return lines + (tensors ? TensorsText(*planned) : NodesText(*planned));
}

CaseFile CasesFromText(absl::string_view text) {
  CaseFile file;
  std::string* part = &file.comment;
  absl::ConsumeSuffix(&text, "\n");
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::ConsumePrefix(&line, "== ")) {
      file.cases.emplace_back().name = std::string(line);
      part = &file.cases.back().comment;
    } else if (!file.cases.empty() && absl::ConsumePrefix(&line, "-- ")) {
      part = PartFor(line, file.cases.back());
    } else if (!line.empty() || part == &file.comment) {
      absl::StrAppend(part, line, "\n");
    }
  }
  return file;
}

std::string CasesText(const CaseFile& file) {
  std::string text = file.comment;
  for (const RuleCase& one : file.cases) {
    if (&one != &file.cases.front()) absl::StrAppend(&text, "\n");
    absl::StrAppend(&text, "== ", one.name, "\n", one.comment, "-- before\n", one.before,
                    "-- params", one.options.empty() ? "" : " ", one.options, "\n", one.params,
                    "-- ", one.shows, "\n", one.result);
  }
  return text;
}

}  // namespace q_implant
