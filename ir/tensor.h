// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_TENSOR_H_
#define Q_IMPLANT_IR_TENSOR_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "ir/circle_generated.h"
#include "ir/quantization.h"
#include "ir/stored.h"

namespace q_implant {

// The position of a tensor in Graph::tensors. Positions never change while a model is in memory:
// passes append.
using TensorId = int32_t;

// An optional operator input that is not given.
inline constexpr TensorId kNoTensor = -1;

// A value of a graph (table Tensor). Plain data; what it holds by pointer belongs to the Model.
struct Tensor {
  StoredString name;
  StoredVector<int32_t> shape;            // not stored: rank unknown; -1 never appears here
  StoredVector<int32_t> shape_signature;  // `shape` with -1 for each dynamic dimension
  bool has_rank = false;
  circle::TensorType type = circle::TensorType_FLOAT32;
  uint32_t buffer =
      0;  // position in Model::buffers; a constant's has bytes, but for constants without elements
  std::optional<Quantization> quantization;
  bool is_variable = false;
  circle::CompressionType compression = circle::CompressionType_NONE;
  const circle::SparsityParameters* sparsity = nullptr;
  StoredVector<const circle::VariantSubType*> variant_tensors;

  // True where a constant's bytes are its elements, one after the other.
  bool is_stored_plainly() const {
    return sparsity == nullptr && compression == circle::CompressionType_NONE;
  }
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_TENSOR_H_
