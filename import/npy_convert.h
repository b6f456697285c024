// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_NPY_CONVERT_H_
#define Q_IMPLANT_IMPORT_NPY_CONVERT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace q_implant {

// Elements of 1, 2, 4 or 8 bytes with their bytes in the opposite order.
std::vector<uint8_t> SwapBytes(absl::Span<const uint8_t> data, size_t element_size);

// Whether arrays of this shape have other bytes in Fortran than in C order.
bool OrderMatters(absl::Span<const int64_t> shape);

// An array in Fortran order (the first axis varies fastest) brought into C order. `data` holds
// exactly the elements of `shape`, each of 1, 2, 4 or 8 bytes.
std::vector<uint8_t> FortranToC(absl::Span<const uint8_t> data, size_t element_size,
                                absl::Span<const int64_t> shape);

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_NPY_CONVERT_H_
