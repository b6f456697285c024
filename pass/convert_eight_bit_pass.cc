// SPDX-License-Identifier: Apache-2.0
#include "pass/convert_eight_bit_pass.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "ir/quant_params.h"
#include "ir/tensor_type.h"
#include "pass/buffer_users.h"

namespace q_implant {
namespace {

// q + 128 of a signed byte is its bits with the first one turned over, and so is q - 128 of an
// unsigned one.
Bytes Moved(const Bytes& data) {
  std::vector<uint8_t> moved(data.span().begin(), data.span().end());
  for (uint8_t& byte : moved) byte ^= 0x80;
  return Bytes::Own(std::move(moved));
}

class Converter {
 public:
  Converter(Model& model, circle::TensorType from) : model_(model), from_(from), users_(model) {}

  // How many tensors changed.
  size_t Run() {
    size_t count = 0;
    for (Graph& graph : model_.graphs) {
      for (Tensor& tensor : graph.tensors) {
        const ParamsPtr params = ParamsOf(tensor);
        if (params == nullptr || params->dtype != from_) continue;
        const ParamsPtr moved = InOtherEightBitType(params);
        if (model_.IsConstant(tensor)) MoveData(tensor);
        tensor.type = moved->dtype;
        tensor.quantization->zero_point = moved->zero_point;
        ++count;
      }
    }
    return count;
  }

 private:
  // Constants of equal bytes go on sharing them.
  void MoveData(Tensor& tensor) {
    const auto [it, is_new] = buffers_.try_emplace(tensor.buffer, 0);
    if (is_new) {
      const uint32_t old = tensor.buffer;
      users_.SetData(model_, tensor, Moved(model_.ConstantData(tensor)));
      buffers_[old] = tensor.buffer;
      if (tensor.buffer != old) buffers_[tensor.buffer] = tensor.buffer;
    } else {
      users_.Share(model_, tensor, it->second);
    }
  }

  Model& model_;
  circle::TensorType from_;
  BufferUsers users_;
  absl::flat_hash_map<uint32_t, uint32_t> buffers_;  // where the bytes of a buffer are, moved
};

}  // namespace

absl::StatusOr<bool> ConvertEightBitPass::Run(Model& model, Diagnostics& diagnostics) {
  const circle::TensorType from =
      to_ == circle::TensorType_UINT8 ? circle::TensorType_INT8 : circle::TensorType_UINT8;
  const size_t count = Converter(model, from).Run();
  if (count == 0) return false;
  diagnostics.Add({.severity = Severity::kRemark,
                   .file = model.path,
                   .problem = absl::StrCat(count, count == 1 ? " tensor is " : " tensors are ",
                                           TypeName(to_), " instead of ", TypeName(from),
                                           ", the same numbers with zero points moved by 128")});
  return true;
}

}  // namespace q_implant
