// SPDX-License-Identifier: Apache-2.0
#include "ir/fused_activation.h"

#include "gtest/gtest.h"
#include "ir/model.h"

namespace q_implant {
namespace {

// A node with this table, whose activation is `activation`.
template <typename OptionsT>
circle::ActivationFunctionType FusedIn(circle::ActivationFunctionType activation) {
  Model model;
  OptionsT options;
  options.fused_activation_function = activation;
  Node node;
  node.options_type = circle::BuiltinOptionsTraits<typename OptionsT::TableType>::enum_value;
  node.options = model.AddOptions(options);
  return FusedActivation(node);
}

template <typename OptionsT>
class FusedActivationTest : public testing::Test {};

// Every table of the schema with the field.
using Tables = testing::Types<
    circle::Conv2DOptionsT, circle::Conv3DOptionsT, circle::DepthwiseConv2DOptionsT,
    circle::TransposeConvOptionsT, circle::Pool2DOptionsT, circle::FullyConnectedOptionsT,
    circle::SVDFOptionsT, circle::RNNOptionsT, circle::SequenceRNNOptionsT,
    circle::BidirectionalSequenceRNNOptionsT, circle::LSTMOptionsT,
    circle::UnidirectionalSequenceLSTMOptionsT, circle::BidirectionalSequenceLSTMOptionsT,
    circle::AddOptionsT, circle::SubOptionsT, circle::MulOptionsT, circle::DivOptionsT,
    circle::L2NormOptionsT, circle::ConcatenationOptionsT, circle::BCQFullyConnectedOptionsT,
    circle::InstanceNormOptionsT, circle::GRUOptionsT>;
TYPED_TEST_SUITE(FusedActivationTest, Tables);

TYPED_TEST(FusedActivationTest, IsRead) {
  EXPECT_EQ(FusedIn<TypeParam>(circle::ActivationFunctionType_RELU6),
            circle::ActivationFunctionType_RELU6);
  EXPECT_EQ(FusedIn<TypeParam>(circle::ActivationFunctionType_NONE),
            circle::ActivationFunctionType_NONE);
}

TEST(FusedActivationOfOtherNodesTest, IsNone) {
  EXPECT_EQ(FusedActivation(Node()), circle::ActivationFunctionType_NONE);
  Model model;
  Node node;
  node.options_type = circle::BuiltinOptions_SoftmaxOptions;
  node.options = model.AddOptions(circle::SoftmaxOptionsT());
  EXPECT_EQ(FusedActivation(node), circle::ActivationFunctionType_NONE);
}

// A node of this operator behind a model's options, after an activation was fused into it.
circle::ActivationFunctionType Set(circle::BuiltinOperator op) {
  Model model;
  OperatorCode code;
  code.builtin = op;
  Node node;
  node.code = &code;
  if (!SetFusedActivation(circle::ActivationFunctionType_RELU6, model, node)) {
    EXPECT_EQ(node.options, nullptr);
    return circle::ActivationFunctionType_NONE;
  }
  return FusedActivation(node);
}

TEST(SetFusedActivationTest, WhereAKernelFusesOne) {
  for (auto op : {circle::BuiltinOperator_CONV_2D, circle::BuiltinOperator_DEPTHWISE_CONV_2D,
                  circle::BuiltinOperator_TRANSPOSE_CONV, circle::BuiltinOperator_FULLY_CONNECTED,
                  circle::BuiltinOperator_ADD, circle::BuiltinOperator_SUB,
                  circle::BuiltinOperator_MUL, circle::BuiltinOperator_DIV}) {
    EXPECT_EQ(Set(op), circle::ActivationFunctionType_RELU6) << circle::EnumNameBuiltinOperator(op);
  }
  EXPECT_EQ(Set(circle::BuiltinOperator_SOFTMAX), circle::ActivationFunctionType_NONE);
}

TEST(SetFusedActivationTest, TheOtherOptionsStay) {
  Model model;
  OperatorCode code;
  code.builtin = circle::BuiltinOperator_CONV_2D;
  circle::Conv2DOptionsT options;
  options.stride_h = 3;
  Node node;
  node.code = &code;
  node.options_type = circle::BuiltinOptions_Conv2DOptions;
  node.options = model.AddOptions(options);
  ASSERT_TRUE(SetFusedActivation(circle::ActivationFunctionType_RELU, model, node));
  const auto* set = node.OptionsAs<circle::Conv2DOptions>();
  EXPECT_EQ(set->fused_activation_function(), circle::ActivationFunctionType_RELU);
  EXPECT_EQ(set->stride_h(), 3);
}

TEST(ActivationOfTest, Clamps) {
  EXPECT_EQ(ActivationOf(circle::BuiltinOperator_RELU), circle::ActivationFunctionType_RELU);
  EXPECT_EQ(ActivationOf(circle::BuiltinOperator_RELU6), circle::ActivationFunctionType_RELU6);
  EXPECT_EQ(ActivationOf(circle::BuiltinOperator_RELU_N1_TO_1),
            circle::ActivationFunctionType_RELU_N1_TO_1);
  EXPECT_EQ(ActivationOf(circle::BuiltinOperator_RELU_0_TO_1), circle::ActivationFunctionType_NONE);
}

}  // namespace
}  // namespace q_implant
