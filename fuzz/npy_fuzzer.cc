// SPDX-License-Identifier: Apache-2.0
#include "import/npy_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto array = q_implant::ReadNpy(q_implant::Bytes::Own({data, data + size}), "a.npy");
  if (array.ok()) {
    volatile uint8_t sum = 0;
    for (uint8_t byte : array->data.span()) sum = static_cast<uint8_t>(sum + byte);
  }
  return 0;
}
