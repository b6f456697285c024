// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_BUFFER_USERS_H_
#define Q_IMPLANT_PASS_BUFFER_USERS_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "ir/model.h"

namespace q_implant {

// Rule 10. Converters let constants of equal bytes share a buffer, so new data must never overwrite
// a buffer that someone else still reads.
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

  // Gives a tensor new data: in its own buffer where it is the only user, else in a new one.
  void SetData(Model& model, Tensor& tensor, Bytes data) {
    if (tensor.buffer != 0 && users_[tensor.buffer] == 1) {
      model.buffers[tensor.buffer] = std::move(data);
      return;
    }
    --users_[tensor.buffer];
    tensor.buffer = Add(model, std::move(data));
  }

  // A buffer of its own for a new constant.
  uint32_t Add(Model& model, Bytes data) {
    users_.push_back(1);
    return model.AddBuffer(std::move(data));
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
    if (empty_ == 0) empty_ = Add(model, Bytes());
    return empty_;
  }

  // A tensor is gone. A buffer that nobody reads any more is emptied; its position stays, for
  // others are counted on.
  void Drop(Model& model, const Tensor& tensor) {
    if (--users_[tensor.buffer] == 0) model.buffers[tensor.buffer] = Bytes();
  }

 private:
  std::vector<uint32_t> users_;
  uint32_t empty_ = 0;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_BUFFER_USERS_H_
