// SPDX-License-Identifier: Apache-2.0
#include "ir/fused_activation.h"

namespace q_implant {
namespace {

template <typename... OptionTables>
circle::ActivationFunctionType FusedActivationIn(const Node& node) {
  circle::ActivationFunctionType activation = circle::ActivationFunctionType_NONE;
  const auto look = [&](const auto* options) {
    if (options != nullptr) activation = options->fused_activation_function();
  };
  (look(node.OptionsAs<OptionTables>()), ...);
  return activation;
}

}  // namespace

circle::ActivationFunctionType FusedActivation(const Node& node) {
  return FusedActivationIn<
      circle::Conv2DOptions, circle::Conv3DOptions, circle::DepthwiseConv2DOptions,
      circle::TransposeConvOptions, circle::Pool2DOptions, circle::FullyConnectedOptions,
      circle::SVDFOptions, circle::RNNOptions, circle::SequenceRNNOptions,
      circle::BidirectionalSequenceRNNOptions, circle::LSTMOptions,
      circle::UnidirectionalSequenceLSTMOptions, circle::BidirectionalSequenceLSTMOptions,
      circle::AddOptions, circle::SubOptions, circle::MulOptions, circle::DivOptions,
      circle::L2NormOptions, circle::ConcatenationOptions, circle::BCQFullyConnectedOptions,
      circle::InstanceNormOptions, circle::GRUOptions>(node);
}

}  // namespace q_implant
