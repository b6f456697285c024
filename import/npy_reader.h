// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_NPY_READER_H_
#define Q_IMPLANT_IMPORT_NPY_READER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ir/bytes.h"
#include "ir/params.h"

namespace q_implant {

// The array in a .npy file: bool, or int, uint of 8 to 64 bits, or float of 16 to 64. Little-endian
// C order data stays a view of `file` (unaligned: load with memcpy); other data is converted into
// memory of its own. `name` becomes Array::file. An error tells `name`, what was expected and
// found, and how to save the array instead.
absl::StatusOr<Array> ReadNpy(const Bytes& file, absl::string_view name);

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_NPY_READER_H_
