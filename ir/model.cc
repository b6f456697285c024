// SPDX-License-Identifier: Apache-2.0
#include "ir/model.h"

#include <utility>

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

}  // namespace q_implant
