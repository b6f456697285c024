// SPDX-License-Identifier: Apache-2.0
// Any bytes: the reader says why not, or gives an array that is whole, and is the same again when
// it is written and read.

#include <cstdlib>
#include <string>
#include <vector>

#include "export/npy_writer.h"
#include "import/npy_reader.h"
#include "ir/tensor_type.h"

namespace q_implant {
namespace {

const char* DescrOf(circle::TensorType type) {
  switch (type) {
    case circle::TensorType_BOOL:
      return "|b1";
    case circle::TensorType_INT8:
      return "|i1";
    case circle::TensorType_UINT8:
      return "|u1";
    case circle::TensorType_INT16:
      return "<i2";
    case circle::TensorType_UINT16:
      return "<u2";
    case circle::TensorType_FLOAT16:
      return "<f2";
    case circle::TensorType_INT32:
      return "<i4";
    case circle::TensorType_UINT32:
      return "<u4";
    case circle::TensorType_FLOAT32:
      return "<f4";
    case circle::TensorType_INT64:
      return "<i8";
    case circle::TensorType_UINT64:
      return "<u8";
    default:
      return "<f8";
  }
}

void Run(const Bytes& file) {
  const auto array = ReadNpy(file, "a.npy");
  if (!array.ok()) {
    if (array.status().message().empty()) abort();
    return;
  }
  const std::string header = NpyHeader(DescrOf(array->type), array->shape);
  std::vector<uint8_t> written(header.begin(), header.end());
  written.insert(written.end(), array->data.span().begin(), array->data.span().end());
  const auto again = ReadNpy(Bytes::Own(std::move(written)), "again.npy");
  if (!again.ok() || again->type != array->type || again->shape != array->shape ||
      again->data.span() != array->data.span()) {
    abort();
  }
}

}  // namespace
}  // namespace q_implant

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  q_implant::Run(q_implant::Bytes::Own({data, data + size}));
  return 0;
}
