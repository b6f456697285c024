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

}  // namespace
}  // namespace q_implant
