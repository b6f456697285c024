// SPDX-License-Identifier: Apache-2.0
#include "import/newer_schema.h"

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "import/testing/small_model.h"
#include "ir/deprecated_fields.h"

namespace q_implant {
namespace {

using flatbuffers::Offset;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr flatbuffers::voffset_t kNextField = sizeof(flatbuffers::voffset_t);

std::vector<std::string> ReportsOf(absl::Span<const uint8_t> file) {
  std::vector<std::string> reports;
  CheckSchema(file, [&](absl::string_view where, std::string problem) {
    reports.push_back(absl::StrCat(where, ": ", problem));
  });
  return reports;
}

// A model with one table in the middle, made by hand as a newer version would.
class NewerSchemaTest : public ::testing::Test {
 protected:
  template <typename T>
  Offset<flatbuffers::Vector<Offset<T>>> VectorOf(Offset<T> table) {
    return builder_.CreateVector(&table, 1);
  }

  std::vector<std::string> ReportsOfModel(Offset<circle::Model> model) {
    builder_.Finish(model);
    return ReportsOf({builder_.GetBufferPointer(), builder_.GetSize()});
  }

  std::vector<std::string> ReportsOfGraph(Offset<circle::SubGraph> graph) {
    const auto graphs = VectorOf(graph);
    return ReportsOfModel(circle::CreateModel(builder_, 0, 0, graphs));
  }

  std::vector<std::string> ReportsOfNode(Offset<circle::Operator> node) {
    const auto nodes = VectorOf(node);
    return ReportsOfGraph(circle::CreateSubGraph(builder_, 0, 0, 0, nodes));
  }

  std::vector<std::string> ReportsOfSignature(Offset<circle::SignatureDef> signature) {
    const auto signatures = VectorOf(signature);
    return ReportsOfModel(circle::CreateModel(builder_, 0, 0, 0, 0, 0, 0, 0, signatures));
  }

  flatbuffers::FlatBufferBuilder builder_;
};

TEST_F(NewerSchemaTest, KnowsTheSchema) {
  EXPECT_THAT(ReportsOf(Packed(SmallModel()).span()), IsEmpty());
}

TEST_F(NewerSchemaTest, FindsAFieldOfARootTable) {
  circle::ModelBuilder model(builder_);
  builder_.AddElement<uint32_t>(circle::Model::VT_SIGNATURE_DEFS + kNextField, 1);
  EXPECT_THAT(ReportsOfModel(model.Finish()),
              ElementsAre(": table Model has a field number 8, which is not known here"));
}

TEST_F(NewerSchemaTest, FindsFieldsOfTablesInVectors) {
  circle::OperatorBuilder node(builder_);
  builder_.AddElement<uint8_t>(circle::Operator::VT_DEBUG_METADATA_INDEX + kNextField, 1);
  builder_.AddElement<uint8_t>(circle::Operator::VT_DEBUG_METADATA_INDEX + 3 * kNextField, 1);
  EXPECT_THAT(ReportsOfNode(node.Finish()),
              ElementsAre("subgraphs[0].operators[0]: table Operator has a field number 14, which "
                          "is not known here",
                          "subgraphs[0].operators[0]: table Operator has a field number 16, which "
                          "is not known here"));
}

TEST_F(NewerSchemaTest, FindsFieldsOfTablesInUnions) {
  circle::AddOptionsBuilder options(builder_);
  builder_.AddElement<uint8_t>(circle::AddOptions::VT_POT_SCALE_INT16 + kNextField, 1);
  const auto node = circle::CreateOperator(builder_, 0, 0, 0, circle::BuiltinOptions_AddOptions,
                                           options.Finish().Union());
  EXPECT_THAT(ReportsOfNode(node),
              ElementsAre("subgraphs[0].operators[0].builtin_options: table AddOptions has a field "
                          "number 2, which is not known here"));
}

TEST_F(NewerSchemaTest, FindsOptionsOfAnUnknownType) {
  const auto options = circle::CreateAddOptions(builder_).Union();
  const auto node =
      circle::CreateOperator(builder_, 0, 0, 0, static_cast<circle::BuiltinOptions>(200), options);
  EXPECT_THAT(ReportsOfNode(node),
              ElementsAre("subgraphs[0].operators[0].builtin_options: the table is number 200 of "
                          "BuiltinOptions, which is not known here"));
}

TEST_F(NewerSchemaTest, FindsOptionsWithoutAType) {
  const auto options = circle::CreateAddOptions(builder_).Union();
  const auto node = circle::CreateOperator(builder_, 0, 0, 0, circle::BuiltinOptions_NONE, options);
  EXPECT_THAT(
      ReportsOfNode(node),
      ElementsAre("subgraphs[0].operators[0].builtin_options: there is a table, but no type "
                  "of BuiltinOptions says which"));
}

// A tensor whose details are a BlockwiseQuantization with this number of the union.
Bytes WithBlockwise(uint8_t number, const char* identifier) {
  flatbuffers::FlatBufferBuilder builder;
  const auto details = circle::CreateBlockwiseQuantization(builder, 1, 2, 32);
  const auto tensor = circle::CreateTensor(
      builder, 0, circle::TensorType_INT4, 0, 0,
      circle::CreateQuantizationParameters(
          builder, 0, 0, 0, 0, static_cast<circle::QuantizationDetails>(number), details.Union()));
  const auto graph = circle::CreateSubGraph(builder, builder.CreateVector(&tensor, 1));
  const auto graphs = builder.CreateVector(&graph, 1);
  builder.Finish(circle::CreateModel(builder, 0, 0, graphs), identifier);
  return Bytes::Own({builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()});
}

TEST_F(NewerSchemaTest, KnowsThatTfLiteNumbersDetailsOtherwise) {
  EXPECT_THAT(ReportsOf(WithBlockwise(3, "CIR0").span()), IsEmpty());
  EXPECT_THAT(ReportsOf(WithBlockwise(2, "TFL3").span()), IsEmpty());
  EXPECT_THAT(ReportsOf(WithBlockwise(3, "TFL3").span()),
              ElementsAre("subgraphs[0].tensors[0].quantization.details: the table is number 3 of "
                          "QuantizationDetails, which is not known here"));
}

TEST_F(NewerSchemaTest, FindsDamagedDetailsOfTfLite) {
  const Bytes good = WithBlockwise(2, "TFL3");
  std::vector<uint8_t> file(good.span().begin(), good.span().end());
  const auto* tensor = circle::GetModel(file.data())->subgraphs()->Get(0)->tensors()->Get(0);
  const auto* table = static_cast<const flatbuffers::Table*>(tensor->quantization()->details());
  const size_t entry = static_cast<size_t>(table->GetVTable() - file.data()) +
                       circle::BlockwiseQuantization::VT_BLOCK_SIZE;
  flatbuffers::WriteScalar<flatbuffers::voffset_t>(file.data() + entry, 0xfff0);
  EXPECT_THAT(ReportsOf(file),
              ElementsAre("subgraphs[0].tensors[0].quantization.details: the table is damaged"));
}

TEST_F(NewerSchemaTest, AllowsATypeWithoutATable) {
  EXPECT_THAT(
      ReportsOfNode(circle::CreateOperator(builder_, 0, 0, 0, circle::BuiltinOptions_AddOptions)),
      IsEmpty());
}

TEST_F(NewerSchemaTest, VerifiesDeprecatedStrings) {
  const auto tag = builder_.CreateString("serve");
  circle::SignatureDefBuilder signature(builder_);
  builder_.AddOffset(kSignatureTag, tag);
  EXPECT_THAT(ReportsOfSignature(signature.Finish()), IsEmpty());
}

TEST_F(NewerSchemaTest, FindsADamagedDeprecatedString) {
  circle::SignatureDefBuilder signature(builder_);
  builder_.AddElement<flatbuffers::uoffset_t>(kSignatureTag, 100000);
  EXPECT_THAT(ReportsOfSignature(signature.Finish()),
              ElementsAre("signature_defs[0].deprecated_tag: the field is damaged"));
}

// Neighbours, so that the place of one of them is no multiple of 8.
TEST_F(NewerSchemaTest, VerifiesDeprecatedNumbersOfFourBytes) {
  circle::ResizeBilinearOptionsBuilder resize(builder_);
  builder_.AddElement<int32_t>(flatbuffers::FieldIndexToOffset(0), 3);
  builder_.AddElement<int32_t>(flatbuffers::FieldIndexToOffset(1), 4);
  const auto options = resize.Finish().Union();
  EXPECT_THAT(ReportsOfNode(circle::CreateOperator(
                  builder_, 0, 0, 0, circle::BuiltinOptions_ResizeBilinearOptions, options)),
              IsEmpty());
}

TEST_F(NewerSchemaTest, FindsADamagedDeprecatedNumber) {
  circle::SubGraphBuilder graph(builder_);
  builder_.AddElement<int8_t>(kGraphDataFormat, 1);
  builder_.Finish(circle::CreateModel(builder_, 0, 0, VectorOf(graph.Finish())));
  std::vector<uint8_t> file(builder_.GetBufferPointer(),
                            builder_.GetBufferPointer() + builder_.GetSize());
  EXPECT_THAT(ReportsOf(file), IsEmpty());

  const circle::SubGraph* table = circle::GetModel(file.data())->subgraphs()->Get(0);
  const uint8_t* vtable = reinterpret_cast<const flatbuffers::Table*>(table)->GetVTable();
  const size_t entry = static_cast<size_t>(vtable - file.data()) + kGraphDataFormat;
  flatbuffers::WriteScalar<flatbuffers::voffset_t>(file.data() + entry, 0xfff0);
  EXPECT_THAT(ReportsOf(file), ElementsAre("subgraphs[0].data_format: the field is damaged"));
}

}  // namespace
}  // namespace q_implant
