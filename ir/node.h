// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_NODE_H_
#define Q_IMPLANT_IR_NODE_H_

#include <cstdint>

#include "flatbuffers/flatbuffers.h"
#include "ir/bytes.h"
#include "ir/circle_generated.h"
#include "ir/stored.h"
#include "ir/tensor.h"

namespace q_implant {

// Which operator (table OperatorCode). Nodes share codes; a code belongs to the Model and never
// moves.
struct OperatorCode {
  circle::BuiltinOperator builtin =
      circle::BuiltinOperator_ADD;  // may lie outside the enum: a newer operator
  StoredString custom_code;
  int32_t version = 1;
};

// An operator instance (table Operator). Plain data; what it holds by pointer belongs to the Model.
struct Node {
  const OperatorCode* code = nullptr;
  // kNoTensor for an optional one that is not given (or, of outputs, not wanted).
  StoredVector<TensorId> inputs;
  StoredVector<TensorId> outputs;
  StoredVector<TensorId> intermediates;
  StoredVector<uint8_t> mutating_variable_inputs;

  circle::BuiltinOptions options_type = circle::BuiltinOptions_NONE;
  const flatbuffers::Table* options = nullptr;
  circle::BuiltinOptions2 options2_type = circle::BuiltinOptions2_NONE;
  const flatbuffers::Table* options2 = nullptr;

  // Null data: no custom options; other data of size 0: an empty vector.
  Bytes custom_options;
  circle::CustomOptionsFormat custom_options_format = circle::CustomOptionsFormat_FLEXBUFFERS;
  int32_t debug_metadata_index = -1;

  circle::BuiltinOperator op() const { return code->builtin; }

  // The builtin options as table T, or null where the node has none or another table's:
  // `if (const auto* pool = node.OptionsAs<circle::Pool2DOptions>())`.
  template <typename T>
  const T* OptionsAs() const {
    return options_type == circle::BuiltinOptionsTraits<T>::enum_value
               ? reinterpret_cast<const T*>(options)
               : nullptr;
  }
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_NODE_H_
