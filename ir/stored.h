// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_STORED_H_
#define Q_IMPLANT_IR_STORED_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace q_implant {

// A flatbuffer string or vector that remembers whether the file stored it. A file can hold an empty
// vector or none at all, readers tell the two apart (a tensor without `shape` has an unknown rank,
// one with an empty `shape` is a scalar), and a model must leave with what it came with.
template <typename Container>
struct Stored : Container {
  using Container::Container;
  using Container::operator=;
  Stored() = default;
  Stored(Container content)
      : Container(std::move(content)) {}  // NOLINT: reads as the container itself

  // True for an empty container that the file holds; a non-empty one is always written.
  bool stored_empty = false;

  bool is_stored() const { return stored_empty || !this->empty(); }
};

template <typename T>
using StoredVector = Stored<std::vector<T>>;
using StoredString = Stored<std::string>;

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_STORED_H_
