// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_MODEL_CHECK_H_
#define Q_IMPLANT_IMPORT_MODEL_CHECK_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "ir/circle_generated.h"

namespace q_implant {

// Whether the bytes are a circle or TFLite file that can be read without fear and without loss:
//
// - the identifier, and the tables themselves (flatbuffers' Verifier);
// - nothing of a newer schema, which would be lost (see newer_schema.h);
// - operator codes that say one thing, and every index: of codes, tensors, buffers, graphs;
// - payloads (Buffer.data or .offset, custom options) inside the file, and in one place only;
// - dimensions that are not negative, and constants as large as type and shape ask for, where the
//   type has a fixed size;
// - as many zero points as scales, as many axes of sparsity in each of its lists;
// - tables that do not refer to the same things again and again (see copied_size.h);
// - nodes that can run one after the other (see order_check.h).
//
// Names are not looked at: readers go by index, converters do write empty and repeated ones, and
// only who looks a tensor up by its name needs it to be unique.
//
// An InvalidArgument error has one line a problem, at most 20.
absl::Status CheckFile(absl::Span<const uint8_t> file, const std::string& path);

// The operator that a code stands for. Files from before operator 127 set only the deprecated
// field, later ones both. Circle's own operators are negative; 0 in the other field then means
// that it was not set.
circle::BuiltinOperator BuiltinOf(const circle::OperatorCode& code);

// True for an offset (Buffer.offset, Operator.large_custom_options_offset) that points to bytes
// behind the flatbuffer. 0 and 1 do not: TFLite's writers use 1 as a placeholder.
inline bool IsAppended(uint64_t offset) { return offset > 1; }

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_MODEL_CHECK_H_
