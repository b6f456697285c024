// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_BUFFER_USERS_H_
#define Q_IMPLANT_PASS_GRAPH_BUFFER_USERS_H_

#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/types/span.h"
#include "ir/model.h"

namespace q_implant {

// docs/rules.md#shared-data. Converters let constants of equal bytes share a buffer, so new data
// must never overwrite a buffer that someone else still reads. Constants that shared a buffer, and
// come to equal bytes, share one again.
class BufferUsers {
 public:
  explicit BufferUsers(const Model& model) : users_(model.buffers.size(), 0) {
    const auto count = [&](int64_t buffer) {
      if (buffer >= 0 && static_cast<size_t>(buffer) < users_.size()) {
        ++users_[static_cast<size_t>(buffer)];
      }
    };
    for (const Graph& graph : model.graphs) {
      for (const Tensor& tensor : graph.tensors) count(tensor.buffer);
    }
    for (const Metadata& metadata : model.metadata) count(metadata.buffer);
    for (int32_t buffer : model.metadata_buffer) count(buffer);
  }

  // Gives a tensor new data, made of what its buffer holds: in its own buffer where it is the only
  // user, else in a new one, or in that of a constant which shared the buffer and got the same.
  void SetData(Model& model, Tensor& tensor, Bytes data) {
    const uint32_t source = tensor.buffer;
    // Bytes of an only user are not looked at: they may be a file of gigabytes.
    const bool shared = users_[source] > 1 || were_shared_.contains(source);
    if (const uint32_t known = Find(model, shared ? source : 0, data); known != 0) {
      Share(model, tensor, known);
      return;
    }
    if (shared) were_shared_.insert(source);
    if (source != 0 && users_[source] == 1) {
      model.buffers[source] = std::move(data);
    } else {
      --users_[source];
      tensor.buffer = Append(model, std::move(data));
    }
    Remember(model, shared ? source : 0, tensor.buffer);
  }

  // The buffer of a new constant whose data was made of that in the buffer `source`: one of its
  // own, or that of a constant which was made of the same, and came to the same. The caller gives
  // it to one tensor.
  uint32_t Add(Model& model, Bytes data, uint32_t source) {
    if (const uint32_t known = Find(model, source, data); known != 0) {
      ++users_[known];
      return known;
    }
    const uint32_t added = Append(model, std::move(data));
    Remember(model, source, added);
    return added;
  }

  // Lets a tensor use a buffer that others use.
  void Share(Model& model, Tensor& tensor, uint32_t buffer) {
    if (tensor.buffer == buffer) return;
    Drop(model, tensor);
    tensor.buffer = buffer;
    ++users_[buffer];
  }

  // The buffer of tensors without data. By convention buffer 0; a file may break it.
  uint32_t Empty(Model& model) {
    if (!model.buffers.empty() && model.buffers.front().empty()) return 0;
    if (empty_ == 0) empty_ = Append(model, Bytes());
    return empty_;
  }

  // A tensor is gone. A buffer that nobody reads any more is emptied; its position stays, for
  // others are counted on.
  void Drop(Model& model, const Tensor& tensor) {
    if (--users_[tensor.buffer] == 0) model.buffers[tensor.buffer] = Bytes();
  }

 private:
  using Memory = std::pair<const uint8_t*, size_t>;
  using Content = std::tuple<uint32_t, size_t, size_t>;  // source, size, hash

  static Content ContentOf(uint32_t source, const Bytes& data) {
    return {source, data.size(), absl::HashOf(data.span())};
  }

  uint32_t Append(Model& model, Bytes data) {
    users_.push_back(1);
    return model.AddBuffer(std::move(data));
  }

  // A buffer that holds the same: the same memory, or equal bytes that were made of the same source
  // (0: it is not looked for). 0 where there is none.
  uint32_t Find(const Model& model, uint32_t source, const Bytes& data) const {
    if (data.empty()) return 0;
    const auto same = memory_.find({data.data(), data.size()});
    if (same != memory_.end() && Holds(model, same->second, data)) return same->second;
    if (source == 0) return 0;
    const auto equal = made_.find(ContentOf(source, data));
    return equal != made_.end() && Holds(model, equal->second, data) ? equal->second : 0;
  }

  // A buffer may have got other data since.
  static bool Holds(const Model& model, uint32_t buffer, const Bytes& data) {
    const absl::Span<const uint8_t> held = model.buffers[buffer].span();
    if (held.size() != data.size()) return false;
    return held.data() == data.data() || held == data.span();
  }

  void Remember(const Model& model, uint32_t source, uint32_t buffer) {
    const Bytes& data = model.buffers[buffer];
    if (data.empty()) return;
    memory_[{data.data(), data.size()}] = buffer;
    if (source != 0) made_[ContentOf(source, data)] = buffer;
  }

  std::vector<uint32_t> users_;
  uint32_t empty_ = 0;
  absl::flat_hash_map<Memory, uint32_t> memory_;  // where the buffer with these bytes is
  absl::flat_hash_map<Content, uint32_t> made_;
  absl::flat_hash_set<uint32_t> were_shared_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_BUFFER_USERS_H_
