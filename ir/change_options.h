// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_CHANGE_OPTIONS_H_
#define Q_IMPLANT_IR_CHANGE_OPTIONS_H_

#include "ir/circle_generated.h"
#include "ir/model.h"
#include "ir/node.h"

namespace q_implant {

// Gives a node a new options table, changed by `change(OptionsT&)`: nodes share tables. A node
// without options gets one of defaults.
template <typename OptionsT, typename F>
void ChangeOptions(Model& model, Node& node, F change) {
  using Table = typename OptionsT::TableType;
  OptionsT options;
  if (const auto* given = node.OptionsAs<Table>(); given != nullptr) given->UnPackTo(&options);
  change(options);
  node.options_type = circle::BuiltinOptionsTraits<Table>::enum_value;
  node.options = model.AddOptions(options);
}

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_CHANGE_OPTIONS_H_
