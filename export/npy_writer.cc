// SPDX-License-Identifier: Apache-2.0
#include "export/npy_writer.h"

#include "absl/strings/str_cat.h"
#include "export/atomic_file.h"

namespace q_implant {
namespace {

absl::Span<const uint8_t> BytesOf(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::string NpyHeader(absl::string_view descr, absl::Span<const int64_t> shape) {
  constexpr size_t kAlignment = 64;
  std::string dims;
  for (int64_t dim : shape) absl::StrAppend(&dims, dim, ", ");
  if (shape.size() > 1) dims.resize(dims.size() - 2);
  if (shape.size() == 1) dims.resize(dims.size() - 1);  // a tuple of one ends with a comma
  std::string text =
      absl::StrCat("{'descr': '", descr, "', 'fortran_order': False, 'shape': (", dims, "), }");
  constexpr size_t kBefore = 10;  // magic, version, length
  const size_t unpadded = kBefore + text.size() + 1;
  text.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
  text.push_back('\n');
  std::string header("\x93NUMPY\x01\x00", 8);
  header.push_back(static_cast<char>(text.size() & 0xff));
  header.push_back(static_cast<char>(text.size() >> 8));
  return header + text;
}

absl::Status WriteNpy(const std::string& path, absl::string_view descr,
                      absl::Span<const int64_t> shape, absl::Span<const uint8_t> bytes,
                      FileSystem& files) {
  const std::string header = NpyHeader(descr, shape);
  return WriteFileAtomically(path, {BytesOf(header), bytes}, files);
}

}  // namespace q_implant
