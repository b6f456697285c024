// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_COPIED_SIZE_H_
#define Q_IMPLANT_IMPORT_COPIED_SIZE_H_

#include <cstdint>
#include <string>

#include "absl/types/span.h"

namespace q_implant {

// What importing a model copies out of its tables, and what exporting it writes again: every name,
// vector and table as often as something refers to it, for both make one each time. Payloads
// (constants, custom options) are not among them: they stay where they are.
struct CopiedSize {
  uint64_t bytes = 0;
  // The field of the schema with the most of these bytes, "QuantizationParameters.scale".
  std::string greatest = {};
  uint64_t greatest_bytes = 0;
};

// The file must have passed flatbuffers' Verifier and CheckSchema. Takes as long as they do: time
// that is linear in the size of the file.
CopiedSize MeasureCopiedSize(absl::Span<const uint8_t> file);

// What a file of this size may ask for. Writers repeat little: each tensor has its own tables.
inline uint64_t MostCopiedBytes(uint64_t file_size) { return 16 * file_size + (16 << 20); }

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_COPIED_SIZE_H_
