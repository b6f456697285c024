// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_EDIT_DISTANCE_H_
#define Q_IMPLANT_PASS_GRAPH_EDIT_DISTANCE_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace q_implant {

// Levenshtein's distance, given up once it exceeds `limit`: limit + 1 then.
size_t EditDistance(absl::string_view a, absl::string_view b, size_t limit);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_EDIT_DISTANCE_H_
