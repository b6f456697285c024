// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_EXTRACT_FIND_IO_TYPES_H_
#define Q_IMPLANT_PASS_EXTRACT_FIND_IO_TYPES_H_

#include <cstddef>
#include <optional>

#include "absl/types/span.h"
#include "ir/circle_generated.h"
#include "ir/tensor.h"
#include "pass/quantize/plan/io_types.h"

namespace q_implant {

// An input (output) of a quantized model.
struct FoundIoType {
  size_t graph = 0;
  circle::TensorType type = circle::TensorType_FLOAT32;  // in the file
  std::optional<circle::TensorType> annotated = {};      // of its parameters inside, if any
  TensorId original = kNoTensor;  // of the tensor of the float32 model, where that is known
};

// What a model's inputs (outputs) were asked to be, that are these, in turn: nothing where all are
// as annotated, else one type for all where that gives these, else a list for the main graph's. One
// tensor can't have several types: it has that of its first edge. Nothing too where float32 tensors
// would be asked to be of a type that no input or output can take.
IoTypes FindIoTypes(absl::Span<const FoundIoType> edges);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_EXTRACT_FIND_IO_TYPES_H_
