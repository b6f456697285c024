// SPDX-License-Identifier: Apache-2.0
#include "ir/model.h"

#include <memory>
#include <unordered_set>
#include <utility>
#include <vector>

namespace q_implant {

const OperatorCode* Model::AddOperatorCode(OperatorCode code) {
  codes_.push_back(std::make_unique<const OperatorCode>(std::move(code)));
  return codes_.back().get();
}

const OperatorCode* Model::FindOrAddOperatorCode(circle::BuiltinOperator builtin, int32_t version) {
  for (const auto& code : codes_) {
    if (code->builtin == builtin && code->version >= version && code->custom_code.empty()) {
      return code.get();
    }
  }
  return AddOperatorCode({.builtin = builtin, .custom_code = {}, .version = version});
}

uint32_t Model::AddBuffer(Bytes data) {
  buffers.push_back(std::move(data));
  return static_cast<uint32_t>(buffers.size() - 1);
}

std::vector<bool> Model::FindUsedOperatorCodes() const {
  std::unordered_set<const OperatorCode*> named;
  for (const Graph& graph : graphs) {
    for (const Node& node : graph.nodes) named.insert(node.code);
  }
  std::vector<bool> used;
  for (const auto& code : codes_) used.push_back(named.count(code.get()) > 0);
  return used;
}

void Model::RemoveOperatorCodes(const std::vector<bool>& gone) {
  size_t kept = 0;
  for (size_t c = 0; c < codes_.size(); ++c) {
    if (c < gone.size() && gone[c]) continue;
    if (kept != c) codes_[kept] = std::move(codes_[c]);
    ++kept;
  }
  codes_.resize(kept);
}

}  // namespace q_implant
