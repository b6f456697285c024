// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_TABLE_WRITER_H_
#define Q_IMPLANT_EXPORT_TABLE_WRITER_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "flatbuffers/flatbuffers.h"
#include "ir/model.h"

namespace q_implant {

// Of payloads in the file: Buffer.data has `force_align: 16`, readers expect it of appended ones
// too.
inline constexpr size_t kPayloadAlignment = 16;

// Which payloads stand behind the flatbuffer rather than in it.
enum class Appended { kNone, kBuffers, kBuffersAndCustomOptions };

// A field in finished tables that waits for the place of a payload.
struct PayloadSlot {
  size_t field = 0;  // where the field stands, in bytes from the start of the tables
  // true: the field is a ulong, the payload's distance from the start of the file.
  // false: it is a uoffset, the distance from the field to a vector's length.
  bool appended = false;
  absl::Span<const uint8_t> payload;  // belongs to the Model
};

// A model's flatbuffer without its payloads.
struct Tables {
  flatbuffers::DetachedBuffer bytes;
  std::vector<PayloadSlot> slots;
};

// Builds the tables of a model. TablesTooLarge where they take more than `limit` bytes.
absl::StatusOr<Tables> WriteTables(const Model& model, Appended appended, uint64_t limit);

// OutOfRange: what must stand in the flatbuffer does not fit.
absl::Status TablesTooLarge(const Model& model, uint64_t limit);

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_TABLE_WRITER_H_
