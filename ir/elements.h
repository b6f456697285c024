// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_ELEMENTS_H_
#define Q_IMPLANT_IR_ELEMENTS_H_

#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/types/span.h"

// The elements of constants and arrays as C++ numbers.
//
// The bytes of a file need not be aligned for their elements, and empty data may have no address
// at all: memcpy allows neither a null pointer nor a read through a T*. So every element is copied
// out here.

namespace q_implant {

// The i-th element. The bytes must reach that far.
template <typename T>
T LoadElement(absl::Span<const uint8_t> bytes, size_t i) {
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
  return value;
}

// Writes the i-th element. The bytes must reach that far.
template <typename T>
void StoreElement(absl::Span<uint8_t> bytes, size_t i, T value) {
  std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
}

// All whole elements; bytes behind the last whole one are left out.
template <typename T>
std::vector<T> LoadElements(absl::Span<const uint8_t> bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) values[i] = LoadElement<T>(bytes, i);
  return values;
}

// The bytes of elements, as a buffer of a model holds them.
template <typename T>
std::vector<uint8_t> ElementBytes(absl::Span<const T> values) {
  std::vector<uint8_t> bytes(values.size() * sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    StoreElement(absl::MakeSpan(bytes), i, values[i]);
  }
  return bytes;
}

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_ELEMENTS_H_
