// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_WARN_OF_ALL_H_
#define Q_IMPLANT_PASS_GRAPH_WARN_OF_ALL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ir/diagnostics.h"

namespace q_implant {

// One warning for tensors of which the same is to be said, which are many of a model or none: it
// names the first of them, and a note each of the others. Nothing for no names.
//
// `what` became of them ("it stays float32"), and `why`.
void WarnOfAll(absl::Span<const std::string> names, const std::string& file, absl::string_view what,
               absl::string_view why, std::string advice, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_WARN_OF_ALL_H_
