// SPDX-License-Identifier: Apache-2.0
#include "import/copied_size.h"

#include <functional>
#include <string>
#include <vector>

#include "flatbuffers/flatbuffers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "import/model_check.h"
#include "import/testing/small_model.h"
#include "ir/circle_generated.h"

namespace q_implant {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr size_t kCount = 10'000;

Bytes Finished(FlatBufferBuilder& builder) {
  return Bytes::Own({builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()});
}

std::string ErrorOf(const Bytes& file) {
  return std::string(CheckFile(file.span(), "m.circle").message());
}

template <typename T>
std::vector<Offset<T>> Repeated(Offset<T> table) {
  return std::vector<Offset<T>>(kCount, table);
}

// A model with many references to one tensor.
Bytes WithTensors(const std::function<Offset<circle::Tensor>(FlatBufferBuilder&)>& make) {
  FlatBufferBuilder builder;
  const auto tensors = builder.CreateVector(Repeated(make(builder)));
  const auto graphs = builder.CreateVector(std::vector{circle::CreateSubGraph(builder, tensors)});
  const auto buffers = builder.CreateVector(std::vector{circle::CreateBuffer(builder)});
  builder.Finish(circle::CreateModel(builder, 0, 0, graphs, 0, buffers), "CIR0");
  return Finished(builder);
}

// ... and with many references to one node.
Bytes WithNodes(const std::function<Offset<circle::Operator>(FlatBufferBuilder&)>& make) {
  FlatBufferBuilder builder;
  const auto nodes = builder.CreateVector(Repeated(make(builder)));
  const auto graphs =
      builder.CreateVector(std::vector{circle::CreateSubGraph(builder, 0, 0, 0, nodes)});
  const auto codes = builder.CreateVector(
      std::vector{circle::CreateOperatorCode(builder, 32, 0, 1, circle::BuiltinOperator_CUSTOM)});
  builder.Finish(circle::CreateModel(builder, 0, codes, graphs), "CIR0");
  return Finished(builder);
}

TEST(CopiedSizeTest, CountsEachReference) {
  circle::ModelT model = SmallModel();
  const uint64_t one = MeasureCopiedSize(Packed(model).span()).bytes;
  model.subgraphs[0]->tensors[0]->name.append(1000, 'x');
  EXPECT_EQ(MeasureCopiedSize(Packed(model).span()).bytes, one + 1000);
  const CopiedSize size =
      MeasureCopiedSize(WithTensors([](FlatBufferBuilder& builder) {
                          return circle::CreateTensor(builder, 0, circle::TensorType_FLOAT32, 0,
                                                      builder.CreateString(std::string(500, 'n')));
                        }).span());
  EXPECT_EQ(size.greatest, "Tensor.name");
  EXPECT_EQ(size.greatest_bytes, kCount * 500);
  EXPECT_GT(size.bytes, kCount * 500);
}

TEST(CopiedSizeTest, DoesNotCountPayloads) {
  circle::ModelT model = SmallModel();
  const uint64_t before = MeasureCopiedSize(Packed(model).span()).bytes;
  model.buffers[0]->data.resize(100'000);
  model.subgraphs[0]->operators[0]->custom_options.resize(100'000);
  EXPECT_EQ(MeasureCopiedSize(Packed(model).span()).bytes, before);
}

TEST(CopiedSizeTest, RefusesNamesAndVectorsThatManyShare) {
  const std::string text(10'000, 'n');
  const std::vector<float> floats(10'000, 1);
  const std::vector<int32_t> ints(10'000, 1);
  const auto name = [&](FlatBufferBuilder& builder) {
    const auto name = builder.CreateString(text);
    return circle::CreateTensor(builder, 0, circle::TensorType_FLOAT32, 0, name);
  };
  EXPECT_THAT(ErrorOf(WithTensors(name)),
              StartsWith("error: m.circle: its tables refer to the same things so often that "
                         "reading would make much more of them than the file holds: expected at "
                         "most "));
  EXPECT_THAT(ErrorOf(WithTensors(name)), HasSubstr(", 100000000 of them in Tensor.name; "));
  EXPECT_THAT(ErrorOf(WithTensors([&](FlatBufferBuilder& builder) {
                return circle::CreateTensor(builder, builder.CreateVector(ints));
              })),
              HasSubstr("400000000 of them in Tensor.shape; "));
  EXPECT_THAT(
      ErrorOf(WithTensors([&](FlatBufferBuilder& builder) {
        const auto scale = builder.CreateVector(floats);
        const auto quantization = circle::CreateQuantizationParameters(builder, 0, 0, scale);
        return circle::CreateTensor(builder, 0, circle::TensorType_FLOAT32, 0, 0, quantization);
      })),
      HasSubstr("400000000 of them in QuantizationParameters.scale; "));
  EXPECT_THAT(ErrorOf(WithNodes([&](FlatBufferBuilder& builder) {
                return circle::CreateOperator(builder, 0, builder.CreateVector(ints));
              })),
              HasSubstr("400000000 of them in Operator.inputs; "));
}

// Exported as often as something refers to them.
TEST(CopiedSizeTest, RefusesOptionsAndSparsityThatManyShare) {
  const std::vector<int32_t> ints(10'000, 1);
  EXPECT_THAT(ErrorOf(WithNodes([&](FlatBufferBuilder& builder) {
                const auto options =
                    circle::CreateReshapeOptions(builder, builder.CreateVector(ints));
                return circle::CreateOperator(
                    builder, 0, 0, 0, circle::BuiltinOptions_ReshapeOptions, options.Union());
              })),
              HasSubstr("400000000 of them in ReshapeOptions.new_shape; "));
  EXPECT_THAT(ErrorOf(WithTensors([&](FlatBufferBuilder& builder) {
                const auto order = builder.CreateVector(ints);
                const auto sparsity = circle::CreateSparsityParameters(builder, order);
                return circle::CreateTensor(builder, 0, circle::TensorType_FLOAT32, 0, 0, 0, false,
                                            sparsity);
              })),
              HasSubstr("400000000 of them in SparsityParameters.traversal_order; "));
}

TEST(CopiedSizeTest, AcceptsWhatFewShare) {
  EXPECT_EQ(ErrorOf(WithTensors([](FlatBufferBuilder& builder) {
              return circle::CreateTensor(builder, 0, circle::TensorType_FLOAT32, 0,
                                          builder.CreateString("a name"));
            })),
            "");
}

}  // namespace
}  // namespace q_implant
