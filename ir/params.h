// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_PARAMS_H_
#define Q_IMPLANT_IR_PARAMS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ir/bytes.h"
#include "ir/circle_generated.h"

namespace q_implant {

// An array of a .npy file: little-endian elements in C order. `type` is the element type of the
// file; values for int4 and uint4 tensors come as int8 and uint8, one a byte.
struct Array {
  circle::TensorType type = circle::TensorType_FLOAT32;
  std::vector<int64_t> shape = {};
  Bytes data;
  std::string file = {};  // as the param file names it: for messages
};

// One entry of a param file: what another toolchain says of one tensor. Complete in itself, not yet
// held against a model.
struct ParamEntry {
  std::string key = {};     // as written in the param file: for messages
  std::string target = {};  // the key after the name map: which tensor is meant

  circle::TensorType dtype =
      circle::TensorType_FLOAT32;        // float32: the tensor is pinned, nothing else is set
  std::vector<float> scale = {};         // one, or one per channel
  std::vector<int64_t> zero_point = {};  // as many as scales
  int32_t quantized_dimension = 0;
  std::optional<Array> value = {};  // for constants: the integers, in the tensor's shape

  std::string scale_file = {};  // as the param file names them: for messages
  std::string zero_point_file = {};

  bool pinned() const { return dtype == circle::TensorType_FLOAT32; }
};

struct Params {
  std::string path = {};  // the param file: for messages
  std::vector<ParamEntry> entries = {};

  // Entries that an error was reported of: only key and target are set, for their names can be
  // checked all the same.
  std::vector<ParamEntry> broken = {};

  // Paths of all files that the param file names, read or not, so that none is written.
  std::vector<std::string> files = {};
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_PARAMS_H_
