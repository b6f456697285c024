// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_TESTING_GRAPH_TEXT_H_
#define Q_IMPLANT_IR_TESTING_GRAPH_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ir/model.h"

namespace q_implant {

// A model from the printer's text form (docs/text-form.md), for tests. Where the printer sums up, a
// plausible stand-in is made: zeros for "12 bytes", evenly spread numbers for "64 x 0.1..0.2". An
// error says where: "3:14: expected ':', found '='".
absl::StatusOr<Model> ParseModel(absl::string_view text);

// The same for texts that are known to be right: ends the program with the error otherwise.
Model ModelFromText(absl::string_view text);

// `text` as the printer would put it, without comments, blanks and defaults: what a test expects
// from PrintModel. Ends the program where ParseModel fails.
std::string Canonical(absl::string_view text);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_TESTING_GRAPH_TEXT_H_
