// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_MAPPED_FILE_H_
#define Q_IMPLANT_IMPORT_MAPPED_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "ir/bytes.h"

namespace q_implant {

// A stream that is longer is no model: it would fill the memory without end (/dev/zero).
inline constexpr size_t kMaxStreamBytes = size_t{4} << 30;

// The bytes of a file. A regular file is mapped read-only and costs no memory of its own; what has
// no size of its own (a pipe, /dev/stdin, a file of /proc) is read to its end, which must come
// within `stream_limit` bytes. The bytes start at a
// multiple of 16 and stay valid when the file is replaced (not when it is shortened in place).
// The error, one line, names the file and what is wrong with it.
absl::StatusOr<Bytes> MapFile(const std::string& path, size_t stream_limit = kMaxStreamBytes);

// The same of a regular file alone: a pipe or a device is an error at once, whether somebody writes
// to it or not.
absl::StatusOr<Bytes> MapRegularFile(const std::string& path);

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_MAPPED_FILE_H_
