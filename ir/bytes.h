// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_BYTES_H_
#define Q_IMPLANT_IR_BYTES_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace q_implant {

// Read-only bytes, borrowed from a mapped file or owned. Copying shares them; whoever holds a Bytes
// keeps what is behind it (the mapping, the vector) alive.
class Bytes {
 public:
  Bytes() = default;

  // A view into memory that `owner` keeps alive.
  Bytes(absl::Span<const uint8_t> view, std::shared_ptr<const void> owner)
      : view_(view), owner_(std::move(owner)) {}

  // Of an empty vector: bytes that are there, though none, and not absent ones.
  static Bytes Own(std::vector<uint8_t> data) {
    data.reserve(1);
    auto owned = std::make_shared<const std::vector<uint8_t>>(std::move(data));
    return Bytes(absl::MakeConstSpan(*owned), owned);
  }

  absl::Span<const uint8_t> span() const { return view_; }
  const uint8_t* data() const { return view_.data(); }
  size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }

  // The memory behind the view: equal for two Bytes that share it.
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  absl::Span<const uint8_t> view_;
  std::shared_ptr<const void> owner_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_BYTES_H_
