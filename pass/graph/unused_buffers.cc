// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/unused_buffers.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace q_implant {
namespace {

// Calls `visit` with a reference to every buffer position that the model holds.
template <typename ModelT, typename Visitor>
void ForEachBufferUse(ModelT& model, Visitor visit) {
  for (auto& graph : model.graphs) {
    for (auto& tensor : graph.tensors) visit(tensor.buffer);
  }
  for (auto& metadata : model.metadata) visit(metadata.buffer);
  for (auto& buffer : model.metadata_buffer) visit(buffer);
}

}  // namespace

std::vector<bool> FindUsedBuffers(const Model& model) {
  std::vector<bool> used(model.buffers.size(), false);
  const auto use = [&](int64_t buffer) {
    if (buffer >= 0 && static_cast<size_t>(buffer) < used.size()) {
      used[static_cast<size_t>(buffer)] = true;
    }
  };
  use(0);
  ForEachBufferUse(model, use);
  return used;
}

void RemoveBuffers(const std::vector<bool>& gone, Model& model) {
  if (std::find(gone.begin(), gone.end(), true) == gone.end()) return;
  std::vector<uint32_t> moved_to(model.buffers.size());
  size_t next = 0;
  for (size_t b = 0; b < model.buffers.size(); ++b) {
    moved_to[b] = static_cast<uint32_t>(next);
    if (b < gone.size() && gone[b]) continue;
    if (next != b) model.buffers[next] = std::move(model.buffers[b]);
    ++next;
  }
  model.buffers.resize(next);
  ForEachBufferUse(model, [&](auto& buffer) {
    if (static_cast<size_t>(buffer) >= moved_to.size()) return;
    buffer = static_cast<std::remove_reference_t<decltype(buffer)>>(
        moved_to[static_cast<size_t>(buffer)]);
  });
}

void UsedParts::RemoveWhatFellOutOfUse(Model& after) const {
  const auto fell_out = [](const std::vector<bool>& before, const std::vector<bool>& used) {
    std::vector<bool> gone(used.size());
    for (size_t i = 0; i < used.size(); ++i) {
      gone[i] = !used[i] && (i >= before.size() || before[i]);
    }
    return gone;
  };
  RemoveBuffers(fell_out(buffers_, FindUsedBuffers(after)), after);
  after.RemoveOperatorCodes(fell_out(codes_, after.FindUsedOperatorCodes()));
}

}  // namespace q_implant
