// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_NPY_HEADER_H_
#define Q_IMPLANT_IMPORT_NPY_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ir/diagnostics.h"

namespace q_implant {

// What a .npy file says of itself.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
struct NpyHeader {
  std::string descr;  // byte order, kind and size of an element: "<f4"
  bool fortran_order = false;
  std::vector<int64_t> shape;  // each >= 0
  size_t data_offset = 0;      // inside the file
};

// Reads the header, a Python dict literal, of versions 1.0, 2.0 and 3.0. `name` is for messages.
absl::StatusOr<NpyHeader> ReadNpyHeader(absl::Span<const uint8_t> file, absl::string_view name);

// The error of a .npy file: the text of `diagnostic`, whose `file` is the .npy file.
absl::Status NpyError(Diagnostic diagnostic);

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_NPY_HEADER_H_
