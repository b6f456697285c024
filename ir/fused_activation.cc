// SPDX-License-Identifier: Apache-2.0
#include "ir/fused_activation.h"

#include "ir/change_options.h"

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

template <typename OptionsT>
void SetActivationIn(circle::ActivationFunctionType activation, Model& model, Node& node) {
  ChangeOptions<OptionsT>(
      model, node, [&](OptionsT& options) { options.fused_activation_function = activation; });
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

circle::ActivationFunctionType ActivationOf(circle::BuiltinOperator clamp) {
  switch (clamp) {
    case circle::BuiltinOperator_RELU:
      return circle::ActivationFunctionType_RELU;
    case circle::BuiltinOperator_RELU6:
      return circle::ActivationFunctionType_RELU6;
    case circle::BuiltinOperator_RELU_N1_TO_1:
      return circle::ActivationFunctionType_RELU_N1_TO_1;
    default:
      return circle::ActivationFunctionType_NONE;
  }
}

bool SetFusedActivation(circle::ActivationFunctionType activation, Model& model, Node& node) {
  switch (node.op()) {
    case circle::BuiltinOperator_CONV_2D:
      SetActivationIn<circle::Conv2DOptionsT>(activation, model, node);
      return true;
    case circle::BuiltinOperator_DEPTHWISE_CONV_2D:
      SetActivationIn<circle::DepthwiseConv2DOptionsT>(activation, model, node);
      return true;
    case circle::BuiltinOperator_TRANSPOSE_CONV:
      SetActivationIn<circle::TransposeConvOptionsT>(activation, model, node);
      return true;
    case circle::BuiltinOperator_FULLY_CONNECTED:
      SetActivationIn<circle::FullyConnectedOptionsT>(activation, model, node);
      return true;
    case circle::BuiltinOperator_ADD:
      SetActivationIn<circle::AddOptionsT>(activation, model, node);
      return true;
    case circle::BuiltinOperator_SUB:
      SetActivationIn<circle::SubOptionsT>(activation, model, node);
      return true;
    case circle::BuiltinOperator_MUL:
      SetActivationIn<circle::MulOptionsT>(activation, model, node);
      return true;
    case circle::BuiltinOperator_DIV:
      SetActivationIn<circle::DivOptionsT>(activation, model, node);
      return true;
    default:
      return false;
  }
}

}  // namespace q_implant
