// SPDX-License-Identifier: Apache-2.0
#include "pass/rewrite/convert_eight_bit_pass.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "ir/operators/operator_table.h"
#include "ir/quant_params.h"
#include "ir/tensor_type.h"
#include "pass/graph/buffer_users.h"
#include "pass/graph/display_names.h"

namespace q_implant {
namespace {

// q + 128 of a signed byte is its bits with the first one turned over, and so is q - 128 of an
// unsigned one.
Bytes Moved(const Bytes& data) {
  std::vector<uint8_t> moved(data.span().begin(), data.span().end());
  for (uint8_t& byte : moved) byte ^= 0x80;
  return Bytes::Own(std::move(moved));
}

// int8 weights beside int16 or float32 data belong to that.
std::vector<bool> FindWeightsOfOthers(const Model& model, const Graph& graph) {
  std::vector<bool> kept(graph.tensors.size(), false);
  for (const Node& node : graph.nodes) {
    const OperatorRow& row = RowOf(node);
    const int weights = FindInput(row, Role::kWeights);
    const int slot = weights < 0 ? 1 : weights;
    if (static_cast<size_t>(slot) >= node.inputs.size() || node.outputs.empty()) continue;
    const TensorId id = node.inputs[static_cast<size_t>(slot)];
    if (id == kNoTensor || node.outputs[0] == kNoTensor || row.kind == Kind::kConvert) continue;
    if (row.kind == Kind::kCall) continue;  // as in the graph that it runs
    const circle::TensorType made = graph.tensor(node.outputs[0]).type;
    const bool others = made == circle::TensorType_INT16 || made == circle::TensorType_FLOAT32;
    if (others && model.IsConstant(graph.tensor(id))) kept[static_cast<size_t>(id)] = true;
  }
  return kept;
}

// By tensor: whether it is converted.
std::vector<bool> FindConvertible(const Model& model, const Graph& graph, circle::TensorType from) {
  std::vector<bool> convertible = FindWeightsOfOthers(model, graph);
  convertible.flip();
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    const ParamsPtr params = ParamsOf(graph.tensors[t]);
    if (params == nullptr || params->dtype != from) convertible[t] = false;
  }
  return convertible;
}

class Converter {
 public:
  Converter(Model& model, circle::TensorType from) : model_(model), from_(from), users_(model) {}

  // How many tensors changed.
  size_t Run() {
    size_t count = 0;
    for (Graph& graph : model_.graphs) {
      const std::vector<bool> convertible = FindConvertible(model_, graph, from_);
      for (size_t t = 0; t < graph.tensors.size(); ++t) {
        if (!convertible[t]) continue;
        Tensor& tensor = graph.tensors[t];
        const ParamsPtr moved = InOtherEightBitType(ParamsOf(tensor));
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

void RefuseWhatCannotMove(const Model& model, circle::TensorType from, Diagnostics& diagnostics) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    for (size_t t = 0; t < graph.tensors.size(); ++t) {
      const ParamsPtr params = ParamsOf(graph.tensors[t]);
      if (params == nullptr || params->dtype != from) continue;
      Diagnostic diagnostic = {.file = model.path,
                               .tensor = DisplayName(model, g, static_cast<TensorId>(t))};
      if (!graph.tensors[t].is_stored_plainly()) {
        // Elements that are not stored are 0, which would then be 128.
        diagnostic.problem = "the constant is stored sparse or compressed";
        diagnostic.expected = "plain data";
        diagnostic.advice = "convert the model without sparsity and compression";
      } else if (InOtherEightBitType(params) == nullptr) {
        diagnostic.problem = absl::StrCat("a zero point is not ", TypeName(from));
        diagnostic.advice = "mend the model";
      } else {
        continue;
      }
      diagnostics.Add(std::move(diagnostic));
    }
  }
}

}  // namespace

size_t CountConvertible(const Model& model, circle::TensorType from) {
  size_t count = 0;
  for (const Graph& graph : model.graphs) {
    const std::vector<bool> convertible = FindConvertible(model, graph, from);
    count += static_cast<size_t>(std::count(convertible.begin(), convertible.end(), true));
  }
  return count;
}

absl::StatusOr<bool> ConvertEightBitPass::Run(Model& model, Diagnostics& diagnostics) {
  const circle::TensorType from =
      to_ == circle::TensorType_UINT8 ? circle::TensorType_INT8 : circle::TensorType_UINT8;
  RefuseWhatCannotMove(model, from, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
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
