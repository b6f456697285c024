// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/moved_constants.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "ir/elements.h"
#include "ir/tensor_type.h"

namespace q_implant {
namespace {

std::optional<std::vector<int32_t>> ReadPermutation(const Model& model, const Tensor& tensor,
                                                    size_t rank) {
  const Bytes& data = model.ConstantData(tensor);
  if (tensor.type != circle::TensorType_INT32 || data.size() != rank * sizeof(int32_t)) {
    return std::nullopt;
  }
  auto permutation = LoadElements<int32_t>(data.span());
  std::vector<bool> seen(rank, false);
  for (int32_t& axis : permutation) {
    if (axis < 0) axis += static_cast<int32_t>(rank);
    if (axis < 0 || static_cast<size_t>(axis) >= rank || seen[static_cast<size_t>(axis)]) {
      return std::nullopt;
    }
    seen[static_cast<size_t>(axis)] = true;
  }
  return permutation;
}

bool IsTranspositionOf(const Move& move) {
  for (size_t i = 0; i < move.permutation.size(); ++i) {
    if (move.to_shape[i] != move.from_shape[static_cast<size_t>(move.permutation[i])]) return false;
  }
  return move.to_shape.size() == move.permutation.size();
}

uint64_t Product(absl::Span<const int32_t> dims) { return ElementCount(dims).value_or(0); }

// For each axis of the result, how many elements of the source lie between neighbours.
std::vector<size_t> SourceStrides(const Move& move) {
  std::vector<size_t> strides;
  for (int32_t axis : move.permutation) {
    strides.push_back(
        Product(absl::MakeConstSpan(move.from_shape).subspan(static_cast<size_t>(axis) + 1)));
  }
  return strides;
}

}  // namespace

std::optional<Move> MoveOf(const Model& model, const Graph& graph, const Node& node) {
  if (node.inputs.empty() || node.outputs.size() != 1 || node.inputs[0] == kNoTensor ||
      node.outputs[0] == kNoTensor) {
    return std::nullopt;
  }
  const Tensor& from = graph.tensor(node.inputs[0]);
  const Tensor& to = graph.tensor(node.outputs[0]);
  Move move = {from.shape, to.shape, {}};
  if (ElementCount(from.shape) != ElementCount(to.shape)) return std::nullopt;
  switch (node.op()) {
    case circle::BuiltinOperator_RESHAPE:
    case circle::BuiltinOperator_SQUEEZE:
    case circle::BuiltinOperator_EXPAND_DIMS:
      return move;
    case circle::BuiltinOperator_DEQUANTIZE:
      if (from.type != circle::TensorType_FLOAT16) return std::nullopt;
      return from.shape == to.shape ? std::optional<Move>(std::move(move)) : std::nullopt;
    case circle::BuiltinOperator_TRANSPOSE: {
      if (node.inputs.size() < 2 || node.inputs[1] == kNoTensor) return std::nullopt;
      auto permutation = ReadPermutation(model, graph.tensor(node.inputs[1]), from.shape.size());
      if (!permutation.has_value()) return std::nullopt;
      move.permutation = *std::move(permutation);
      return IsTranspositionOf(move) ? std::optional<Move>(std::move(move)) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

Bytes MoveData(const Move& move, const Bytes& data, size_t element_size) {
  if (std::is_sorted(move.permutation.begin(), move.permutation.end())) return data;
  const std::vector<size_t> strides = SourceStrides(move);
  std::vector<uint8_t> moved(data.size());
  std::vector<size_t> index(strides.size(), 0);
  size_t source = 0;
  for (size_t at = 0; at < moved.size(); at += element_size) {
    std::memcpy(moved.data() + at, data.data() + source * element_size, element_size);
    // Count up the index of the result, the last axis first, and let the source follow.
    for (size_t axis = strides.size(); axis-- > 0;) {
      source += strides[axis];
      if (++index[axis] < static_cast<size_t>(move.to_shape[axis])) break;
      source -= strides[axis] * index[axis];
      index[axis] = 0;
    }
  }
  return Bytes::Own(std::move(moved));
}

std::optional<int32_t> MoveAxis(const Move& move, int32_t axis) {
  if (!move.permutation.empty()) {
    const auto at = std::find(move.permutation.begin(), move.permutation.end(), axis);
    return static_cast<int32_t>(at - move.permutation.begin());
  }
  const auto from = absl::MakeConstSpan(move.from_shape);
  const auto to = absl::MakeConstSpan(move.to_shape);
  const auto a = static_cast<size_t>(axis);
  if (a >= from.size()) return std::nullopt;
  for (size_t j = 0; j < to.size(); ++j) {
    if (to[j] == from[a] && Product(to.subspan(0, j)) == Product(from.subspan(0, a))) {
      return static_cast<int32_t>(j);
    }
  }
  return std::nullopt;
}

bool TypesMove(const Tensor& from, const Tensor& to) {
  return from.type == to.type ||
         (from.type == circle::TensorType_FLOAT16 && to.type == circle::TensorType_FLOAT32);
}

bool IsMovable(const Model& model, const Tensor& tensor) {
  return tensor.is_stored_plainly() && model.IsConstant(tensor) &&
         (tensor.type == circle::TensorType_FLOAT32 || tensor.type == circle::TensorType_FLOAT16);
}

std::vector<bool> FindMovedConstants(const Model& model, const Graph& graph) {
  std::vector<bool> is_output(graph.tensors.size(), false);
  for (TensorId id : graph.outputs) is_output[static_cast<size_t>(id)] = true;
  std::vector<bool> moved(graph.tensors.size(), false);
  for (const Node& node : graph.nodes) {
    if (!MoveOf(model, graph, node).has_value()) continue;
    const auto from = static_cast<size_t>(node.inputs[0]);
    const auto to = static_cast<size_t>(node.outputs[0]);
    moved[to] = (moved[from] || IsMovable(model, graph.tensors[from])) && !is_output[to] &&
                TypesMove(graph.tensors[from], graph.tensors[to]);
  }
  return moved;
}

}  // namespace q_implant
