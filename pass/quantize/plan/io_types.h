// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_PLAN_IO_TYPES_H_
#define Q_IMPLANT_PASS_QUANTIZE_PLAN_IO_TYPES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ir/circle_generated.h"

namespace q_implant {

// The types that a float32 input or output can take: float32, uint8, int8, int16.
absl::Span<const circle::TensorType> IoTypeChoices();
bool IsIoTypeChoice(circle::TensorType type);

// The types that a model's inputs, or its outputs, are asked to take: none (as they are annotated),
// one for all that hold float32 values, or one for each of the main graph's in turn.
class IoTypes {
 public:
  IoTypes() = default;
  explicit IoTypes(std::vector<circle::TensorType> types) : types_(std::move(types)) {}

  // "uint8", or "float32,int32,uint8". One word is one of the choices. Of several, any may be the
  // type that its input or output has in the float32 model. InvalidArgument otherwise.
  static absl::StatusOr<IoTypes> Parse(absl::string_view words);

  bool as_annotated() const { return types_.empty(); }
  bool one_for_all() const { return types_.size() == 1; }
  absl::Span<const circle::TensorType> types() const { return types_; }

  // What Parse reads.
  std::string ToString() const;

  friend bool operator==(const IoTypes& a, const IoTypes& b) { return a.types_ == b.types_; }

 private:
  std::vector<circle::TensorType> types_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_PLAN_IO_TYPES_H_
