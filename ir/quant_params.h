// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_QUANT_PARAMS_H_
#define Q_IMPLANT_IR_QUANT_PARAMS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ir/circle_generated.h"
#include "ir/quantization.h"
#include "ir/tensor.h"

namespace q_implant {

// Quantization parameters: an integer q of this type stands for scale * (q - zero_point).
struct QuantParams {
  circle::TensorType dtype = circle::TensorType_FLOAT32;
  std::vector<float> scale = {};         // one, or one per channel
  std::vector<int64_t> zero_point = {};  // as many as scales
  int32_t quantized_dimension =
      0;  // the channel axis; kept but without meaning where there is one scale

  bool per_channel() const { return scale.size() > 1; }

  // The real values that the least and the greatest integer stand for, over all channels.
  double real_min() const;
  double real_max() const;
};

// Shared, for one set of parameters serves many tensors. Null stands for float32.
using ParamsPtr = std::shared_ptr<const QuantParams>;

// True where both mean the same: type, scales, zero points, and the axis where there are channels.
// Two nulls do.
bool SameParams(const QuantParams& a, const QuantParams& b);
bool SameParams(const ParamsPtr& a, const ParamsPtr& b);

// True where two scales differ by no more than rounding: toolchains multiply the scales of data and
// weights in float32 or in double.
bool DifferByRoundingOnly(float a, float b);

// True for int16 with a zero point, which kernels of LiteRT refuse, or take for 0.
bool IsAsymmetricInt16(const QuantParams& params);

// The same real numbers in int8 for uint8 or back: zero points moved by 128, all integers with
// them. Null for any other type, and where a zero point lies outside of the type.
ParamsPtr InOtherEightBitType(const ParamsPtr& params);

// The parameters of an integer tensor that has them (a missing zero point is 0); null for any other
// tensor.
ParamsPtr ParamsOf(const Tensor& tensor);

// Gives a tensor these parameters and their type; min and max, which described the float values,
// go, and so does the axis of a single scale where the tensor has no such axis.
void SetParams(const QuantParams& params, Tensor& tensor);

// "int8", "int16 with a zero point": what of a type decides whether runtimes convert it.
std::string DescribeType(const QuantParams& params);

// "uint8 scale 0.5 zero point 3", "int8, 8 scales along axis 0".
std::string DescribeParams(const QuantParams& params);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_QUANT_PARAMS_H_
