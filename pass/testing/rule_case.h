// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_TESTING_RULE_CASE_H_
#define Q_IMPLANT_PASS_TESTING_RULE_CASE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "pass/quantize/plan/quantize_options.h"

namespace q_implant {

// A test as text: a graph, parameters, options, and what becomes of them. Files *.cases beside the
// rules hold them:
//
//   == ReluIsAMover
//   # Why it is so: lines of comment.
//   -- before
//   graph (%x: float32[2]) -> (%y) { %y: float32[2] = RELU(%x) }
//   -- params --target=onert
//   tensor %x: int8[] q(0.5, 3)
//   -- after
//   graph ...
//
// "after" is the model behind its warnings, or the errors. "tensors STEP" and "nodes STEP" in its
// place show the plan as it is after that step (decide_plan.h): diagnostics, then a line each.
struct RuleCase {
  std::string name;
  std::string comment;  // with its marks
  std::string before;
  std::string params;
  std::string options;  // as on a command line
  std::string shows;    // "after", "tensors derive"
  std::string result;
};

// The options in words as on a command line: "--target=onert --hybrid". A failed expectation for a
// word that is none.
QuantizeOptions OptionsFromWords(absl::string_view words);

// What the program makes of the case now, in the form of RuleCase::result.
std::string ResultOf(const RuleCase& rule_case);

struct CaseFile {
  std::string comment;  // what stands before the first case
  std::vector<RuleCase> cases;
};

CaseFile CasesFromText(absl::string_view text);
std::string CasesText(const CaseFile& file);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_TESTING_RULE_CASE_H_
