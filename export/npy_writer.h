// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_NPY_WRITER_H_
#define Q_IMPLANT_EXPORT_NPY_WRITER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "export/file_system.h"

namespace q_implant {

// The header of a .npy file (format 1.0, little-endian, C order) for elements of `descr`: "<f4",
// "|u1", as numpy.lib.format writes it.
std::string NpyHeader(absl::string_view descr, absl::Span<const int64_t> shape);

// Writes an array: the header, then the bytes of its elements as they are. The file appears whole
// or not at all.
absl::Status WriteNpy(const std::string& path, absl::string_view descr,
                      absl::Span<const int64_t> shape, absl::Span<const uint8_t> bytes,
                      FileSystem& files = FileSystem::Real());

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_NPY_WRITER_H_
