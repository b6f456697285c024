// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPTION_TEXT_H_
#define Q_IMPLANT_IR_OPTION_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "flatbuffers/flatbuffers.h"
#include "ir/circle_generated.h"
#include "ir/node.h"

namespace q_implant {

// A table of one of the two option unions of an operator; both NONE where there is none.
struct OptionsTable {
  std::string name;  // "Pool2DOptions"
  circle::BuiltinOptions type = circle::BuiltinOptions_NONE;
  circle::BuiltinOptions2 type2 = circle::BuiltinOptions2_NONE;

  bool operator==(const OptionsTable&) const = default;
};

// The table that nodes of this operator have by convention.
const OptionsTable& OptionsTableOf(circle::BuiltinOperator op);

// Whether there is such a table, and it has a field.
bool HasFields(const OptionsTable& table);

// The table of this name.
const OptionsTable& FindOptionsTable(absl::string_view name);

// Any table of the schema as flatbuffers' relaxed JSON, without the fields that have their default:
// "{padding: VALID, stride_w: 2}". `name` is the table's, without namespace.
std::string TableText(absl::string_view name, const flatbuffers::Table& table);

// The builtin options of a node, after a blank: " {axis: 1}". A table that is not the operator's
// own is named: " MulOptions {}". Empty where the node has none.
std::string OptionsText(const Node& node);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPTION_TEXT_H_
