// SPDX-License-Identifier: Apache-2.0
#include "ir/quant_params.h"

#include <memory>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace q_implant {
namespace {

using circle::TensorType_INT8;
using circle::TensorType_UINT8;

QuantParams PerTensor(circle::TensorType dtype, float scale, int64_t zero_point) {
  return {.dtype = dtype, .scale = {scale}, .zero_point = {zero_point}};
}

QuantParams PerChannel(int32_t axis) {
  return {.dtype = TensorType_INT8,
          .scale = {0.5f, 2},
          .zero_point = {0, 10},
          .quantized_dimension = axis};
}

TEST(QuantParamsTest, RealRange) {
  EXPECT_EQ(PerTensor(TensorType_INT8, 0.5f, 3).real_min(), -65.5);
  EXPECT_EQ(PerTensor(TensorType_INT8, 0.5f, 3).real_max(), 62);
  EXPECT_EQ(PerTensor(TensorType_UINT8, 0.5f, 0).real_min(), 0);
  EXPECT_EQ(PerTensor(TensorType_UINT8, 0.5f, 0).real_max(), 127.5);
}

TEST(QuantParamsTest, RealRangeOverAllChannels) {
  EXPECT_EQ(PerChannel(0).real_min(), -276);  // 2 * (-128 - 10)
  EXPECT_EQ(PerChannel(0).real_max(), 234);   // 2 * (127 - 10)
}

TEST(SameParamsTest, EveryFieldCounts) {
  const QuantParams params = PerTensor(TensorType_INT8, 0.5f, 3);
  EXPECT_TRUE(SameParams(params, PerTensor(TensorType_INT8, 0.5f, 3)));
  EXPECT_FALSE(SameParams(params, PerTensor(TensorType_UINT8, 0.5f, 3)));
  EXPECT_FALSE(SameParams(params, PerTensor(TensorType_INT8, 0.25f, 3)));
  EXPECT_FALSE(SameParams(params, PerTensor(TensorType_INT8, 0.5f, 4)));
}

TEST(SameParamsTest, TheAxisCountsWhereThereAreChannels) {
  EXPECT_TRUE(SameParams(PerChannel(1), PerChannel(1)));
  EXPECT_FALSE(SameParams(PerChannel(0), PerChannel(1)));
  QuantParams other_axis = PerTensor(TensorType_INT8, 0.5f, 3);
  other_axis.quantized_dimension = 2;
  EXPECT_TRUE(SameParams(other_axis, PerTensor(TensorType_INT8, 0.5f, 3)));
}

TEST(SameParamsTest, NullIsFloat32) {
  const auto params = std::make_shared<const QuantParams>(PerTensor(TensorType_INT8, 0.5f, 3));
  const auto equal = std::make_shared<const QuantParams>(*params);
  EXPECT_TRUE(SameParams(ParamsPtr(), ParamsPtr()));
  EXPECT_FALSE(SameParams(params, ParamsPtr()));
  EXPECT_FALSE(SameParams(ParamsPtr(), params));
  EXPECT_TRUE(SameParams(ParamsPtr(params), ParamsPtr(equal)));
}

Tensor Quantized(circle::TensorType type, std::vector<float> scale,
                 std::vector<int64_t> zero_point) {
  Tensor tensor;
  tensor.type = type;
  tensor.quantization.emplace();
  tensor.quantization->scale = std::move(scale);
  tensor.quantization->zero_point = std::move(zero_point);
  tensor.quantization->quantized_dimension = 1;
  return tensor;
}

TEST(ParamsOfTest, OfAnIntegerTensor) {
  const ParamsPtr params = ParamsOf(Quantized(TensorType_INT8, {0.5f, 2}, {0, 10}));
  ASSERT_NE(params, nullptr);
  EXPECT_TRUE(SameParams(*params, PerChannel(1)));
}

TEST(ParamsOfTest, MissingZeroPointsAreZero) {
  const ParamsPtr params = ParamsOf(Quantized(TensorType_INT8, {0.5f, 2}, {}));
  ASSERT_NE(params, nullptr);
  EXPECT_EQ(params->zero_point, (std::vector<int64_t>{0, 0}));
}

TEST(ParamsOfTest, NoneOfOtherTensors) {
  EXPECT_EQ(ParamsOf(Tensor()), nullptr);
  EXPECT_EQ(ParamsOf(Quantized(circle::TensorType_FLOAT32, {0.5f}, {0})), nullptr);
  EXPECT_EQ(ParamsOf(Quantized(circle::TensorType_BOOL, {0.5f}, {0})), nullptr);
  EXPECT_EQ(ParamsOf(Quantized(TensorType_INT8, {}, {})), nullptr);
  Tensor indices;
  indices.type = circle::TensorType_INT32;
  EXPECT_EQ(ParamsOf(indices), nullptr);
}

// Blockwise and other custom quantization is no matter of scales.
TEST(ParamsOfTest, NoneWhereThereAreDetails) {
  Tensor tensor = Quantized(TensorType_INT8, {0.5f}, {0});
  flatbuffers::FlatBufferBuilder fbb;
  fbb.Finish(circle::CreateBlockwiseQuantization(fbb));
  tensor.quantization->details = flatbuffers::GetRoot<flatbuffers::Table>(fbb.GetBufferPointer());
  EXPECT_EQ(ParamsOf(tensor), nullptr);
}

TEST(SetParamsTest, ReplacesWhatDescribedTheFloats) {
  Tensor tensor;
  tensor.quantization.emplace();
  tensor.quantization->min = std::vector<float>{-1};
  tensor.quantization->max = std::vector<float>{1};
  SetParams(PerChannel(1), tensor);
  EXPECT_EQ(tensor.type, TensorType_INT8);
  EXPECT_EQ(tensor.quantization->scale, (std::vector<float>{0.5f, 2}));
  EXPECT_EQ(tensor.quantization->zero_point, (std::vector<int64_t>{0, 10}));
  EXPECT_EQ(tensor.quantization->quantized_dimension, 1);
  EXPECT_TRUE(tensor.quantization->min.empty());
  EXPECT_TRUE(tensor.quantization->max.empty());
}

TEST(DescribeParamsTest, ForMessages) {
  EXPECT_EQ(DescribeParams(PerTensor(TensorType_UINT8, 0.5f, 3)), "uint8 scale 0.5 zero point 3");
  EXPECT_EQ(DescribeParams(PerChannel(1)), "int8, 2 scales along axis 1");
}

// LiteRT refuses an axis beyond the rank, though it means nothing.
TEST(SetParamsTest, TheAxisOfASingleScaleStaysInsideTheRank) {
  const auto axis = [](std::vector<int32_t> shape, QuantParams params) {
    Tensor tensor;
    tensor.shape = std::move(shape);
    SetParams(params, tensor);
    return tensor.quantization->quantized_dimension;
  };
  const QuantParams one = {circle::TensorType_INT8, {1}, {0}, 2};
  EXPECT_EQ(axis({1, 2, 3}, one), 2);
  EXPECT_EQ(axis({1, 2}, one), 0);
  EXPECT_EQ(axis({}, one), 0);
  const QuantParams along_the_second = {circle::TensorType_INT8, {1}, {0}, 1};
  EXPECT_EQ(axis({}, along_the_second), 0);
  EXPECT_EQ(axis({3}, along_the_second), 0);
  EXPECT_EQ(axis({1, 2}, {circle::TensorType_INT8, {1, 2}, {0, 0}, 1}), 1);
}

}  // namespace
}  // namespace q_implant
