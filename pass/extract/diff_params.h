// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_EXTRACT_DIFF_PARAMS_H_
#define Q_IMPLANT_PASS_EXTRACT_DIFF_PARAMS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ir/model.h"

namespace q_implant {

// How the quantization of one tensor differs between two models. Where `missing` or `type` says so,
// nothing else is compared.
struct TensorDiff {
  size_t graph = 0;
  std::string name;
  enum class Missing : uint8_t { kNeither, kFirst, kSecond } missing = Missing::kNeither;

  std::string first_type;  // where the types differ; "float32" for a tensor without parameters
  std::string second_type;

  std::string first_scales;  // where their number differs: "1 scale", "8 scales along axis 0"
  std::string second_scales;

  uint64_t scale_ulps = 0;  // the greatest distance of two scales, in float32 numbers between
  uint64_t differing_scales = 0;
  uint64_t zero_point_steps = 0;  // the greatest distance of two zero points
  uint64_t differing_zero_points = 0;

  uint64_t differing_values = 0;  // of a constant: how many integers
  uint64_t values = 0;            // of how many
  uint64_t value_steps = 0;       // the greatest distance of two
  bool other_shape = false;       // constants of different sizes

  bool empty() const;

  // "scale 3 ulps apart in 2 of 8 channels, 5 of 64 values differ by up to 2".
  std::string ToString() const;
};

// Tensor by tensor, by name within each graph, in the order of the first model and then of the
// second: those that are quantized in one of the two and differ. The names of tensors are what ties
// the two together; unnamed ones go by their position. A form of a tensor (tensor_forms.h) that has
// its parameters and that the other model does not have, or has in float32, is compared with the
// one that has them there, under the tensor's name: tools call forms otherwise. But for inputs and
// outputs, whose types matter to callers.
std::vector<TensorDiff> DiffParams(const Model& first, const Model& second);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_EXTRACT_DIFF_PARAMS_H_
