// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_BIAS_H_
#define Q_IMPLANT_IR_OPERATORS_BIAS_H_

#include <cstdint>

#include "ir/node.h"
#include "ir/quant_params.h"

namespace q_implant {

// The type in which a node's kernels read its bias: int32, beside int16 data int64, unless its
// options say otherwise (quantized_bias_type, which LiteRT holds the bias to).
inline circle::TensorType BiasType(const Node& node, circle::TensorType data) {
  circle::TensorType asked = circle::TensorType_FLOAT32;  // the default: nothing is said
  const auto ask = [&](const auto* options) {
    if (options != nullptr) asked = options->quantized_bias_type();
  };
  ask(node.OptionsAs<circle::Conv2DOptions>());
  ask(node.OptionsAs<circle::FullyConnectedOptions>());
  ask(node.OptionsAs<circle::TransposeConvOptions>());
  if (data != circle::TensorType_INT16) return circle::TensorType_INT32;
  return asked == circle::TensorType_INT32 ? asked : circle::TensorType_INT64;
}

// What kernels of an operator with weights take a bias to be, whatever it says: its scale is data
// scale x weights scale (in float32), one for each scale of the weights, and its zero point is 0.
// `axis` is where its channels lie.
ParamsPtr BiasParams(const QuantParams& data, const QuantParams& weights, circle::TensorType type,
                     int32_t axis);

// Whether a bias of these parameters is what kernels take it to be; its type aside.
bool IsBiasOf(const QuantParams& bias, const QuantParams& data, const QuantParams& weights);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_BIAS_H_
