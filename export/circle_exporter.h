// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_CIRCLE_EXPORTER_H_
#define Q_IMPLANT_EXPORT_CIRCLE_EXPORTER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "export/file_system.h"
#include "flatbuffers/flatbuffers.h"
#include "ir/model.h"

namespace q_implant {

// Takes the bytes of a file, piece by piece, in order.
using Sink = absl::FunctionRef<absl::Status(absl::Span<const uint8_t>)>;

struct ExportOptions {
  // The greatest size of a flatbuffer: offsets in it are signed and 32 bits wide. Smaller in tests.
  uint64_t flatbuffer_limit = FLATBUFFERS_MAX_BUFFER_SIZE - 1;
  // Where the file goes; another one in tests.
  FileSystem* files = &FileSystem::Real();
};

// Writes a model as a circle or TFLite file, as Model::identifier says. The same model gives the
// same bytes, and a file that was exported, imported and exported again does not change.
//
// Payloads (buffers, custom options) are never copied: only the tables are built in memory, and
// the payloads go from where they are to the sink, each at a multiple of 16. Those that share
// memory share it in the file too. They all stand in the flatbuffer, behind its tables, while it
// stays below the limit; else the buffers, and if need be the custom options, stand behind the
// flatbuffer (Buffer.offset, Operator.large_custom_options_offset).
//
// Fails where the sink does, and with OutOfRange where the tables alone are beyond the limit.
absl::Status ExportCircle(const Model& model, Sink sink, const ExportOptions& options = {});

// To a file, which appears whole or not at all (see atomic_file.h). It may be the file that the
// model was read from.
absl::Status ExportCircle(const Model& model, const std::string& path,
                          const ExportOptions& options = {});

// To memory.
absl::StatusOr<std::vector<uint8_t>> ExportCircleToBytes(const Model& model,
                                                         const ExportOptions& options = {});

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_CIRCLE_EXPORTER_H_
