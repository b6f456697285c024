// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_TENSOR_TYPE_H_
#define Q_IMPLANT_IR_TENSOR_TYPE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ir/circle_generated.h"

namespace q_implant {

// The name people write: "int8", "float32", "mxfp4". "type 99" for a value outside the enum.
std::string TypeName(circle::TensorType type);

// The inverse of TypeName, in any case; nothing for a name that is no type.
std::optional<circle::TensorType> TypeFromName(absl::string_view name);

// Bits one element takes in a buffer (4 for int4 and uint4, which are packed two a byte, low half
// first), or 0 where elements have no fixed size: strings, variants, resources, and the block
// formats (GGML, MX).
int BitsPerElement(circle::TensorType type);

// Bytes that `count` elements take, rounded up to a whole byte; nothing where elements have no
// fixed size or the product overflows.
std::optional<uint64_t> ByteSize(circle::TensorType type, uint64_t count);

// Least and greatest value of an integer type of up to 64 bits. Valid for int4 uint4 int8 uint8
// int16 uint16 int32 uint32 int64.
struct IntegerRange {
  int64_t min;
  int64_t max;
};
std::optional<IntegerRange> RangeOf(circle::TensorType type);

// Types that parameters can be imported in: int4 uint4 int8 uint8 int16 int32 int64.
bool IsQuantizedType(circle::TensorType type);

// The product of the dimensions; nothing where one is negative or the product overflows. 1 for a
// scalar.
std::optional<uint64_t> ElementCount(absl::Span<const int32_t> shape);

// "[2,3]", and "[]" for a scalar.
std::string ShapeText(absl::Span<const int32_t> shape);
std::string ShapeText(absl::Span<const int64_t> shape);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_TENSOR_TYPE_H_
