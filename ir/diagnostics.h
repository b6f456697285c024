// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_DIAGNOSTICS_H_
#define Q_IMPLANT_IR_DIAGNOSTICS_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace q_implant {

enum class Severity {
  kError,
  kWarning,
  kRemark,  // what was asked for and done, such as for --target
  kNote,    // for those who ask (--verbose)
};

// "error", "warning", "remark", "note".
const char* SeverityName(Severity severity);

// One thing to tell the user. Every field but `problem` may be empty.
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string file = {};      // the file to look into
  std::string tensor = {};    // its name in that file
  std::string problem = {};   // what is wrong, without a full stop
  std::string expected = {};  // what would have been right
  std::string found = {};     // what is there instead
  std::string advice = {};    // what to do

  // One line: "error: p.json: tensor 'ifm': <problem>: expected <expected>, found <found>;
  // <advice>". It is UTF-8 without anything that breaks or turns the line (OneLineText), and shows
  // at most 200 bytes of a name.
  std::string ToString() const;
};

// Collects what a run has to say, in order, so that one report tells everything.
class Diagnostics {
 public:
  // Keeps the first errors, as many as one wants to read; counts the others.
  static constexpr size_t kMostErrors = 100;

  void Add(Diagnostic diagnostic);

  const std::vector<Diagnostic>& all() const { return all_; }
  size_t Count(Severity severity) const;

  // "error: and 7 more errors" than are kept; empty where all are.
  std::string MoreErrors() const;

  bool has_errors() const { return Count(Severity::kError) > 0; }

  // OK without errors; else InvalidArgument whose message is every error, one a line. The status
  // carries the errors with their fields, for AddStatus().
  absl::Status ToStatus() const;

  // Adds the errors that a status carries. Of one that carries none, its message: a line for each
  // error, and indented lines that belong to the one before. Nothing for OK.
  void AddStatus(const absl::Status& status);

 private:
  std::vector<Diagnostic> all_;
  size_t errors_ = 0;
};

// A status that carries an error with its fields. Its message is the error's text.
absl::Status ErrorStatus(absl::StatusCode code, Diagnostic error);

// The error that ErrorStatus() made a status of; of another status, its message as the problem.
Diagnostic ErrorOf(const absl::Status& status);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_DIAGNOSTICS_H_
