// SPDX-License-Identifier: Apache-2.0
#include "ir/option_text.h"

#include "gtest/gtest.h"
#include "ir/model.h"

namespace q_implant {
namespace {

template <typename OptionsT>
std::string TextOf(circle::BuiltinOperator op, const OptionsT& options) {
  Model model;
  Node node;
  node.code = model.FindOrAddOperatorCode(op, 1);
  node.options_type = circle::BuiltinOptionsTraits<typename OptionsT::TableType>::enum_value;
  node.options = model.AddOptions(options);
  return OptionsText(node);
}

TEST(OptionTextTest, OmitsDefaultsAndNamesEnums) {
  circle::Conv2DOptionsT conv;
  EXPECT_EQ(TextOf(circle::BuiltinOperator_CONV_2D, conv), " {}");
  conv.padding = circle::Padding_VALID;
  conv.stride_w = 2;
  conv.fused_activation_function = circle::ActivationFunctionType_RELU6;
  EXPECT_EQ(TextOf(circle::BuiltinOperator_CONV_2D, conv),
            " {padding: VALID, stride_w: 2, fused_activation_function: RELU6}");
}

TEST(OptionTextTest, PrintsEveryKindOfField) {
  circle::FakeQuantOptionsT fake;
  fake.min = -0.1f;
  fake.max = 1e-12f;
  fake.num_bits = 8;
  fake.narrow_range = true;
  EXPECT_EQ(TextOf(circle::BuiltinOperator_FAKE_QUANT, fake),
            " {min: -0.1, max: 1e-12, num_bits: 8, narrow_range: true}");
  circle::ReshapeOptionsT reshape;
  reshape.new_shape = {1, -1};
  EXPECT_EQ(TextOf(circle::BuiltinOperator_RESHAPE, reshape), " {new_shape: [1, -1]}");
  circle::BucketizeOptionsT bucketize;
  bucketize.boundaries = {0.5f, 1};
  EXPECT_EQ(TextOf(circle::BuiltinOperator_BUCKETIZE, bucketize), " {boundaries: [0.5, 1]}");
  circle::VarHandleOptionsT handle;
  handle.container = "a\"b";
  EXPECT_EQ(TextOf(circle::BuiltinOperator_VAR_HANDLE, handle), " {container: \"a\\\"b\"}");
  circle::CastOptionsT cast;
  cast.out_data_type = static_cast<circle::TensorType>(99);
  EXPECT_EQ(TextOf(circle::BuiltinOperator_CAST, cast), " {out_data_type: 99}");
}

TEST(OptionTextTest, LongVectorsAreShownByLength) {
  circle::ReshapeOptionsT reshape;
  reshape.new_shape.resize(65);
  EXPECT_EQ(TextOf(circle::BuiltinOperator_RESHAPE, reshape), " {new_shape: [65 elements]}");
}

TEST(OptionTextTest, NamesATableThatIsNotTheOperatorsOwn) {
  EXPECT_EQ(TextOf(circle::BuiltinOperator_ADD, circle::MulOptionsT()), " MulOptions {}");
}

TEST(OptionTextTest, ANodeWithoutOptionsHasNoText) {
  Model model;
  Node node;
  node.code = model.FindOrAddOperatorCode(circle::BuiltinOperator_RELU, 1);
  EXPECT_EQ(OptionsText(node), "");
}

TEST(OptionTextTest, FindsTheTableOfAnOperator) {
  EXPECT_EQ(OptionsTableOf(circle::BuiltinOperator_CONV_2D).type,
            circle::BuiltinOptions_Conv2DOptions);
  EXPECT_EQ(OptionsTableOf(circle::BuiltinOperator_MAX_POOL_2D).type,
            circle::BuiltinOptions_Pool2DOptions);
  EXPECT_EQ(OptionsTableOf(circle::BuiltinOperator_ROPE).type, circle::BuiltinOptions_RoPEOptions);
  EXPECT_EQ(OptionsTableOf(circle::BuiltinOperator_STABLEHLO_CASE).type2,
            circle::BuiltinOptions2_StablehloCaseOptions);
  EXPECT_EQ(OptionsTableOf(circle::BuiltinOperator_RELU), OptionsTable());
  EXPECT_EQ(OptionsTableOf(static_cast<circle::BuiltinOperator>(9999)), OptionsTable());
}

TEST(OptionTextTest, EveryTableBelongsToAnOperator) {
  for (circle::BuiltinOptions type : circle::EnumValuesBuiltinOptions()) {
    bool found = false;
    for (circle::BuiltinOperator op : circle::EnumValuesBuiltinOperator()) {
      const OptionsTable& table = OptionsTableOf(op);
      const bool none = table == OptionsTable();
      found |= table.type == type && (type != circle::BuiltinOptions_NONE || none);
    }
    EXPECT_TRUE(found) << circle::EnumNameBuiltinOptions(type);
  }
}

}  // namespace
}  // namespace q_implant
