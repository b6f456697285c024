// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_ADDED_NAMES_H_
#define Q_IMPLANT_PASS_GRAPH_ADDED_NAMES_H_

#include "absl/strings/string_view.h"

namespace q_implant {

// The names that tensors get which passes add: "<base><suffix>", with a "_1" where that is taken.

// Behind the names of tensors between the nodes that stand for another one, of constants made of
// elements of another one, and of constants that such a node needs.
inline constexpr char kBetween[] = "_between";
inline constexpr char kPart[] = "_part";
inline constexpr char kConstant[] = "_constant";

// How the pass names what it adds: true for "<base><suffix>", also with the "_1" that makes a name
// unique.
bool IsNamedAfter(absl::string_view name, absl::string_view base, absl::string_view suffix);

// The base of "<base><suffix>" or "<base><suffix>_1"; empty for other names.
absl::string_view BaseOfName(absl::string_view name, absl::string_view suffix);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_ADDED_NAMES_H_
