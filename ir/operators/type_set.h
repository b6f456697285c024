// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_TYPE_SET_H_
#define Q_IMPLANT_IR_OPERATORS_TYPE_SET_H_

#include <cstdint>
#include <initializer_list>

#include "ir/circle_generated.h"

namespace q_implant {

// A set of element types, small enough for a column of the operator table.
class TypeSet {
 public:
  constexpr TypeSet() = default;
  constexpr TypeSet(std::initializer_list<circle::TensorType> types) {
    for (circle::TensorType type : types) bits_ |= Bit(type);
  }

  constexpr bool has(circle::TensorType type) const { return (bits_ & Bit(type)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr TypeSet operator|(TypeSet other) const {
    TypeSet both;
    both.bits_ = bits_ | other.bits_;
    return both;
  }
  constexpr bool operator==(const TypeSet&) const = default;

 private:
  // Circle's own types are negative, down to -7. A file may hold a type outside the enum, which is
  // in no set.
  static constexpr uint32_t Bit(circle::TensorType type) {
    const int position = static_cast<int>(type) + 8;
    return 0 <= position && position < 32 ? uint32_t{1} << position : 0;
  }

  uint32_t bits_ = 0;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_TYPE_SET_H_
