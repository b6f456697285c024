// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_MOVED_CONSTANTS_H_
#define Q_IMPLANT_PASS_GRAPH_MOVED_CONSTANTS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "ir/bytes.h"
#include "ir/model.h"

namespace q_implant {

// A mover whose result is known: Transpose, Reshape, Squeeze, ExpandDims of known shapes, and a
// Dequantize that widens float16.
struct Move {
  std::vector<int32_t> from_shape;
  std::vector<int32_t> to_shape;
  std::vector<int32_t> permutation;  // of a Transpose; empty where elements keep their order
};

// The move that a node makes; nothing for any other operator, or where a shape or permutation is
// not known.
std::optional<Move> MoveOf(const Model& model, const Graph& graph, const Node& node);

// Elements of `element_size` bytes, moved. Shares the bytes where the order stays.
Bytes MoveData(const Move& move, const Bytes& data, size_t element_size);

// Where an axis goes; nothing where it is split or merged.
std::optional<int32_t> MoveAxis(const Move& move, int32_t axis);

// True where a move may lead from one to the other as far as their types go: both the same, or
// float16 widened.
bool TypesMove(const Tensor& from, const Tensor& to);

// True for a constant whose data can be moved: float32 or float16, stored plainly.
bool IsMovable(const Model& model, const Tensor& tensor);

// For each tensor whether moves make it of a constant alone, so that it can be one itself. Graph
// outputs stay what nodes make.
std::vector<bool> FindMovedConstants(const Model& model, const Graph& graph);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_MOVED_CONSTANTS_H_
