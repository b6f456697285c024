// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_TESTING_NPY_WRITER_H_
#define Q_IMPLANT_IMPORT_TESTING_NPY_WRITER_H_

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "ir/bytes.h"

namespace q_implant::testing {

// A .npy file of any header, right or wrong, before `data`.
inline std::string NpyFile(absl::string_view header, absl::string_view data, int major = 1) {
  std::string file = "\x93NUMPY";
  file += static_cast<char>(major);
  file += '\0';
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i) {
    file += static_cast<char>(header.size() >> (8 * i));
  }
  return absl::StrCat(file, header, data);
}

// "<f4" and the like.
template <typename T>
std::string DescrOf() {
  const char* kind = std::is_floating_point_v<T> ? "f" : std::is_signed_v<T> ? "i" : "u";
  return absl::StrCat(sizeof(T) == 1 ? "|" : "<", kind, sizeof(T));
}

// The bytes of `values` as they are in memory.
template <typename T>
std::string BytesOf(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

// What np.save writes. `shape` is a Python tuple; without it the array has one axis.
template <typename T>
std::string Npy(const std::vector<T>& values, std::string shape = "") {
  if (shape.empty()) shape = absl::StrCat("(", values.size(), ",)");
  return NpyFile(absl::StrCat("{'descr': '", DescrOf<T>(),
                              "', 'fortran_order': False, 'shape': ", shape, ", }\n"),
                 BytesOf(values));
}

inline Bytes ToBytes(absl::string_view text) {
  return Bytes::Own(std::vector<uint8_t>(text.begin(), text.end()));
}

}  // namespace q_implant::testing

#endif  // Q_IMPLANT_IMPORT_TESTING_NPY_WRITER_H_
