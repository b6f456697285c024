// SPDX-License-Identifier: Apache-2.0
#include "import/npy_convert.h"

#include <algorithm>
#include <cstring>

namespace q_implant {
namespace {

// Copies a matrix whose columns are contiguous, `source_step` elements apart, to one whose rows
// are, `target_step` apart. In tiles, so that both sides stay in the cache: weights saved as `w.T`
// are large.
template <typename T>
void TransposeMatrix(const uint8_t* source, size_t source_step, uint8_t* target, size_t target_step,
                     size_t rows, size_t columns) {
  constexpr size_t kTile = 32;
  for (size_t row = 0; row < rows; row += kTile) {
    for (size_t column = 0; column < columns; column += kTile) {
      const size_t row_end = std::min(rows, row + kTile);
      const size_t column_end = std::min(columns, column + kTile);
      for (size_t i = row; i < row_end; ++i) {
        for (size_t j = column; j < column_end; ++j) {
          std::memcpy(target + (i * target_step + j) * sizeof(T),
                      source + (j * source_step + i) * sizeof(T), sizeof(T));
        }
      }
    }
  }
}

// One matrix of the first and the last axis for each index into the axes between them.
template <typename T>
std::vector<uint8_t> Reorder(absl::Span<const uint8_t> data, absl::Span<const int64_t> shape) {
  std::vector<uint8_t> result(data.size());
  if (data.empty()) return result;
  const size_t rows = static_cast<size_t>(shape.front());
  const size_t columns = static_cast<size_t>(shape.back());
  const absl::Span<const int64_t> middle = shape.subspan(1, shape.size() - 2);
  const size_t matrices = data.size() / sizeof(T) / rows / columns;
  std::vector<int64_t> index(middle.size(), 0);
  size_t fortran_index = 0;  // of `index`, its first axis varying fastest
  for (size_t c_index = 0; c_index < matrices; ++c_index) {
    TransposeMatrix<T>(data.data() + fortran_index * rows * sizeof(T), matrices * rows,
                       result.data() + c_index * columns * sizeof(T), matrices * columns, rows,
                       columns);
    size_t step = matrices;
    for (size_t axis = middle.size(); axis-- > 0;) {
      step /= static_cast<size_t>(middle[axis]);
      fortran_index += step;
      if (++index[axis] < middle[axis]) break;
      fortran_index -= step * static_cast<size_t>(middle[axis]);
      index[axis] = 0;
    }
  }
  return result;
}

}  // namespace

std::vector<uint8_t> SwapBytes(absl::Span<const uint8_t> data, size_t element_size) {
  std::vector<uint8_t> result(data.begin(), data.end());
  for (size_t i = 0; i < result.size(); i += element_size) {
    std::reverse(result.data() + i, result.data() + i + element_size);
  }
  return result;
}

bool OrderMatters(absl::Span<const int64_t> shape) {
  return std::count_if(shape.begin(), shape.end(), [](int64_t dim) { return dim > 1; }) > 1;
}

std::vector<uint8_t> FortranToC(absl::Span<const uint8_t> data, size_t element_size,
                                absl::Span<const int64_t> shape) {
  if (!OrderMatters(shape)) return std::vector<uint8_t>(data.begin(), data.end());
  switch (element_size) {
    case 1:
      return Reorder<uint8_t>(data, shape);
    case 2:
      return Reorder<uint16_t>(data, shape);
    case 4:
      return Reorder<uint32_t>(data, shape);
    default:
      return Reorder<uint64_t>(data, shape);
  }
}

}  // namespace q_implant
