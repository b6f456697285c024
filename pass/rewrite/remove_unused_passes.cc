// SPDX-License-Identifier: Apache-2.0
#include "pass/rewrite/remove_unused_passes.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "pass/graph/remove_tensors.h"
#include "pass/graph/unused_buffers.h"
#include "pass/graph/unused_tensors.h"

namespace q_implant {
namespace {

void Tell(const Model& model, size_t count, const char* one, const char* many,
          const std::string& more, Diagnostics& diagnostics) {
  diagnostics.Add({.severity = Severity::kNote,
                   .file = model.path,
                   .problem = absl::StrCat(count, " ", count == 1 ? one : many,
                                           " that nothing used went", more)});
}

}  // namespace

absl::StatusOr<bool> RemoveUnusedTensorsPass::Run(Model& model, Diagnostics& diagnostics) {
  size_t count = 0;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const std::vector<bool> used = FindUsedTensors(model, g);
    std::vector<TensorId> unused;
    for (size_t t = 0; t < used.size(); ++t) {
      if (!used[t]) unused.push_back(static_cast<TensorId>(t));
    }
    RemoveTensors(unused, g, model);
    count += unused.size();
  }
  if (count > 0) Tell(model, count, "tensor", "tensors", "", diagnostics);
  return count > 0;
}

absl::StatusOr<bool> RemoveUnusedBuffersPass::Run(Model& model, Diagnostics& diagnostics) {
  std::vector<bool> gone = FindUsedBuffers(model);
  gone.flip();
  const auto count = static_cast<size_t>(std::count(gone.begin(), gone.end(), true));
  if (count == 0) return false;
  size_t bytes = 0;
  for (size_t b = 0; b < gone.size(); ++b) bytes += gone[b] ? model.buffers[b].size() : 0;
  Tell(model, count, "buffer", "buffers", absl::StrCat(", ", bytes, " bytes"), diagnostics);
  RemoveBuffers(gone, model);
  return true;
}

absl::StatusOr<bool> RemoveUnusedOperatorCodesPass::Run(Model& model, Diagnostics& diagnostics) {
  std::vector<bool> gone = model.FindUsedOperatorCodes();
  gone.flip();
  const auto count = static_cast<size_t>(std::count(gone.begin(), gone.end(), true));
  if (count == 0) return false;
  model.RemoveOperatorCodes(gone);
  Tell(model, count, "operator code", "operator codes", "", diagnostics);
  return true;
}

}  // namespace q_implant
