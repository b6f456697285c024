// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OP_NAME_H_
#define Q_IMPLANT_IR_OP_NAME_H_

#include <string>

#include "ir/node.h"

namespace q_implant {

// "CONV_2D"; of a custom operator its own name.
inline std::string OpName(const Node& node) {
  if (node.op() == circle::BuiltinOperator_CUSTOM) return node.code->custom_code;
  return circle::EnumNameBuiltinOperator(node.op());
}

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OP_NAME_H_
