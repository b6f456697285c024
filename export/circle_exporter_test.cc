// SPDX-License-Identifier: Apache-2.0
// That nothing is lost is held against an independent reader by testdata/roundtrip_test.py; here is
// how the file is laid out.
#include "export/circle_exporter.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "import/circle_importer.h"
#include "import/testing/small_model.h"
#include "ir/deprecated_fields.h"

namespace q_implant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Model Import(const Bytes& file) {
  absl::StatusOr<Model> model = ImportCircle(file, "m.circle");
  EXPECT_TRUE(model.ok()) << model.status();
  return model.ok() ? *std::move(model) : Model();
}

Model Import(const circle::ModelT& model) { return Import(Packed(model)); }

Bytes Export(const Model& model, const ExportOptions& options = {}) {
  absl::StatusOr<std::vector<uint8_t>> file = ExportCircleToBytes(model, options);
  EXPECT_TRUE(file.ok()) << file.status();
  return file.ok() ? Bytes::Own(*std::move(file)) : Bytes();
}

std::vector<uint8_t> Content(const Bytes& bytes) {
  return {bytes.span().begin(), bytes.span().end()};
}

const circle::Buffer& BufferOf(const Bytes& file, unsigned index) {
  return *circle::GetModel(file.data())->buffers()->Get(index);
}

const circle::Operator& NodeOf(const Bytes& file) {
  return *circle::GetModel(file.data())->subgraphs()->Get(0)->operators()->Get(0);
}

size_t PositionOf(const Bytes& file, const flatbuffers::Vector<uint8_t>* vector) {
  return static_cast<size_t>(vector->data() - file.data());
}

// The small model with a payload of each kind.
circle::ModelT ModelWithPayloads() {
  circle::ModelT model = SmallModel();
  model.buffers.push_back(std::make_unique<circle::BufferT>());
  model.buffers[2]->data = {1, 2, 3};
  model.buffers.push_back(std::make_unique<circle::BufferT>());
  model.buffers[3]->data.assign(1000, 7);
  model.subgraphs[0]->operators[0]->custom_options.assign(500, 9);
  return model;
}

TEST(CircleExporterTest, WritesWhatItRead) {
  circle::ModelT model = ModelWithPayloads();
  model.subgraphs[0]->operators[0]->mutating_variable_inputs = {true, false, true};
  const Bytes first = Packed(model, "TFL3");
  const Bytes second = Export(Import(first));
  EXPECT_STREQ(std::string(flatbuffers::GetBufferIdentifier(second.data()), 4).c_str(), "TFL3");
  circle::ModelT before, after;
  circle::GetModel(first.data())->UnPackTo(&before);
  circle::GetModel(second.data())->UnPackTo(&after);
  EXPECT_EQ(Content(Packed(before)), Content(Packed(after)));
}

TEST(CircleExporterTest, WritesADeprecatedNumber) {
  flatbuffers::FlatBufferBuilder builder;
  circle::SubGraphBuilder graph(builder);
  builder.AddElement<int8_t>(kGraphDataFormat, 1);
  const auto graphs = builder.CreateVector(std::vector{graph.Finish()});
  builder.Finish(circle::CreateModel(builder, 3, 0, graphs), "CIR0");
  const Bytes first =
      Bytes::Own({builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()});
  const Bytes second = Export(Import(first));
  const auto* written = reinterpret_cast<const flatbuffers::Table*>(
      circle::GetModel(second.data())->subgraphs()->Get(0));
  EXPECT_EQ(written->GetField<int8_t>(kGraphDataFormat, 0), 1);
}

TEST(CircleExporterTest, ChangesNothingTheSecondTime) {
  const Bytes once = Export(Import(ModelWithPayloads()));
  EXPECT_EQ(Content(Export(Import(once))), Content(once));
  for (uint64_t limit : {1500u, 1000u}) {
    const Bytes appended = Export(Import(once), {.flatbuffer_limit = limit});
    EXPECT_EQ(Content(Export(Import(appended), {.flatbuffer_limit = limit})), Content(appended));
    EXPECT_EQ(Content(Export(Import(appended))), Content(once)) << "the layout is no part of it";
  }
}

TEST(CircleExporterTest, AlignsPayloads) {
  const Bytes file = Export(Import(ModelWithPayloads()));
  for (unsigned i : {1u, 2u, 3u}) EXPECT_EQ(PositionOf(file, BufferOf(file, i).data()) % 16, 0u);
  EXPECT_EQ(PositionOf(file, NodeOf(file).custom_options()) % 16, 0u);
}

TEST(CircleExporterTest, AlignsCustomQuantization) {
  for (size_t size : {1u, 7u, 16u, 100u}) {
    circle::ModelT model = SmallModel();
    circle::CustomQuantizationT custom;
    custom.custom.assign(size, 5);
    auto& quantization = model.subgraphs[0]->tensors[1]->quantization;
    quantization = std::make_unique<circle::QuantizationParametersT>();
    quantization->details.Set(custom);
    const Bytes file = Export(Import(model));
    const auto* written = circle::GetModel(file.data())
                              ->subgraphs()
                              ->Get(0)
                              ->tensors()
                              ->Get(1)
                              ->quantization()
                              ->details_as_CustomQuantization()
                              ->custom();
    ASSERT_EQ(written->size(), size);
    EXPECT_EQ(PositionOf(file, written) % 16, 0u);
  }
}

TEST(CircleExporterTest, HandsPayloadsOverWhereTheyAre) {
  const Model model = Import(ModelWithPayloads());
  std::vector<const uint8_t*> pieces;
  const absl::Status status = ExportCircle(model, [&](absl::Span<const uint8_t> bytes) {
    pieces.push_back(bytes.data());
    return absl::OkStatus();
  });
  ASSERT_TRUE(status.ok()) << status;
  for (unsigned i : {1u, 2u, 3u}) {
    EXPECT_THAT(pieces, ::testing::Contains(model.buffers[i].data())) << i;
  }
  EXPECT_THAT(pieces, ::testing::Contains(model.graphs[0].nodes[0].custom_options.data()));
}

TEST(CircleExporterTest, KeepsBuffersSharedAndSeparate) {
  Model model = Import(ModelWithPayloads());
  const uint32_t shared = model.AddBuffer(model.buffers[3]);
  const uint32_t equal = model.AddBuffer(Bytes::Own(Content(model.buffers[3])));
  for (uint64_t limit : {ExportOptions().flatbuffer_limit, uint64_t{1200}}) {
    const Model after = Import(Export(model, {.flatbuffer_limit = limit}));
    EXPECT_EQ(after.buffers[shared].data(), after.buffers[3].data());
    EXPECT_NE(after.buffers[equal].data(), after.buffers[3].data());
    EXPECT_EQ(Content(after.buffers[equal]), Content(after.buffers[3]));
  }
}

TEST(CircleExporterTest, TellsAbsentFromEmpty) {
  Model model = Import(SmallModel());
  static constexpr uint8_t kNothing = 0;
  const uint32_t empty = model.AddBuffer(Bytes(absl::MakeConstSpan(&kNothing, 0), nullptr));
  const uint32_t absent = model.AddBuffer(Bytes());
  model.graphs[0].tensors[0].shape = {};
  model.graphs[0].tensors[2].shape = {};
  model.graphs[0].tensors[2].shape.stored_empty = true;
  const Bytes file = Export(model);
  EXPECT_NE(BufferOf(file, empty).data(), nullptr);
  EXPECT_EQ(BufferOf(file, absent).data(), nullptr);
  const auto* tensors = circle::GetModel(file.data())->subgraphs()->Get(0)->tensors();
  EXPECT_EQ(tensors->Get(0)->shape(), nullptr);
  EXPECT_NE(tensors->Get(2)->shape(), nullptr);
}

TEST(CircleExporterTest, WritesTheDeprecatedCodeForOldReaders) {
  const auto deprecated_code = [](int builtin) {
    Model model;
    model.AddOperatorCode({.builtin = static_cast<circle::BuiltinOperator>(builtin),
                           .custom_code = {},
                           .version = 2});
    const Bytes file = Export(model);
    const circle::OperatorCode& code = *circle::GetModel(file.data())->operator_codes()->Get(0);
    EXPECT_EQ(code.builtin_code(), builtin);
    EXPECT_EQ(code.version(), 2);
    return int{code.deprecated_builtin_code()};
  };
  EXPECT_EQ(deprecated_code(circle::BuiltinOperator_CONV_2D), 3);
  EXPECT_EQ(deprecated_code(circle::BuiltinOperator_BATCH_MATMUL), 126);
  EXPECT_EQ(deprecated_code(circle::BuiltinOperator_GELU), 127);
  EXPECT_EQ(deprecated_code(9999), 127);
  EXPECT_EQ(deprecated_code(circle::BuiltinOperator_INSTANCE_NORM), -2);
  EXPECT_EQ(deprecated_code(-128), -128);
  EXPECT_EQ(deprecated_code(-129), 127);
}

// --- beyond the limit

// The tables of ModelWithPayloads take less than this, with the custom options they take more.
constexpr uint64_t kTablesAlone = 900;

TEST(CircleExporterTest, AppendsBuffersBeyondTheLimit) {
  const Model model = Import(ModelWithPayloads());
  const Bytes file = Export(model, {.flatbuffer_limit = 1500});
  for (unsigned i : {1u, 2u, 3u}) {
    const circle::Buffer& buffer = BufferOf(file, i);
    EXPECT_EQ(buffer.data(), nullptr);
    EXPECT_EQ(buffer.offset() % 16, 0u);
    ASSERT_LE(buffer.offset() + buffer.size(), file.size());
    const auto payload = file.span().subspan(buffer.offset(), buffer.size());
    EXPECT_TRUE(payload == model.buffers[i].span());
  }
  EXPECT_EQ(BufferOf(file, 0).offset(), 0u);
  ASSERT_NE(NodeOf(file).custom_options(), nullptr);
  EXPECT_EQ(NodeOf(file).custom_options()->size(), 500u);
}

TEST(CircleExporterTest, AppendsCustomOptionsIfNeedBe) {
  const Model model = Import(ModelWithPayloads());
  const Bytes file = Export(model, {.flatbuffer_limit = kTablesAlone});
  const circle::Operator& node = NodeOf(file);
  EXPECT_EQ(node.custom_options(), nullptr);
  EXPECT_EQ(node.large_custom_options_offset() % 16, 0u);
  EXPECT_EQ(node.large_custom_options_size(), 500u);
  EXPECT_EQ(Content(Import(file).graphs[0].nodes[0].custom_options), std::vector<uint8_t>(500, 9));
}

TEST(CircleExporterTest, KeepsEmptyVectorsInside) {
  Model model = Import(ModelWithPayloads());
  static constexpr uint8_t kNothing = 0;
  const uint32_t empty = model.AddBuffer(Bytes(absl::MakeConstSpan(&kNothing, 0), nullptr));
  const Bytes file = Export(model, {.flatbuffer_limit = kTablesAlone});
  ASSERT_NE(BufferOf(file, empty).data(), nullptr);
  EXPECT_EQ(BufferOf(file, empty).offset(), 0u);
}

TEST(CircleExporterTest, SaysThatTheTablesAreTooLarge) {
  Model model = Import(ModelWithPayloads());
  const auto error = [&](uint64_t limit) {
    return std::string(ExportCircleToBytes(model, {.flatbuffer_limit = limit}).status().message());
  };
  const std::string too_large =
      "error: m.circle: the tables of the model do not fit into a flatbuffer, even without its "
      "constants: expected at most ";
  EXPECT_EQ(error(100), too_large + "100 bytes; split the model");
  EXPECT_EQ(error(0), too_large + "0 bytes; split the model");
}

TEST(CircleExporterTest, RefusesWhatTfLiteCannotHold) {
  circle::ModelT from = SmallModel();
  from.subgraphs[0]->tensors[1]->quantization = std::make_unique<circle::QuantizationParametersT>();
  from.subgraphs[0]->tensors[1]->quantization->details.Set(circle::MXQuantizationT());
  Model model = Import(from);
  model.identifier = "TFL3";
  EXPECT_EQ(
      ExportCircleToBytes(model).status().message(),
      "error: m.circle: tensor 'weights': a TFLite file cannot hold its MXQuantization; write "
      "a circle file");
  model.identifier = "CIR";
  EXPECT_EQ(ExportCircleToBytes(model).status().message(),
            "error: m.circle: the model has no file identifier: expected 4 characters, found "
            "'CIR'");
}

TEST(CircleExporterTest, NumbersDetailsAsTfLiteDoes) {
  circle::ModelT from = SmallModel();
  from.subgraphs[0]->tensors[1]->quantization = std::make_unique<circle::QuantizationParametersT>();
  from.subgraphs[0]->tensors[1]->quantization->details.Set(circle::BlockwiseQuantizationT());
  Model model = Import(from);
  const auto number = [](const Bytes& file) {
    const auto* tensors = circle::GetModel(file.data())->subgraphs()->Get(0)->tensors();
    return int{tensors->Get(1)->quantization()->details_type()};
  };
  EXPECT_EQ(number(Export(model)), 3);
  model.identifier = "TFL3";
  const Bytes tflite = Export(model);
  EXPECT_EQ(number(tflite), 2);
  EXPECT_EQ(Import(tflite).graphs[0].tensor(1).quantization->details_type,
            circle::QuantizationDetails_BlockwiseQuantization);
}

// --- where it goes

TEST(CircleExporterTest, PassesOnTheErrorOfTheSink) {
  const Model model = Import(ModelWithPayloads());
  for (int good_pieces : {0, 1, 3, 5}) {
    int pieces = 0;
    const absl::Status status = ExportCircle(model, [&](absl::Span<const uint8_t>) {
      return pieces++ == good_pieces ? absl::DataLossError("full") : absl::OkStatus();
    });
    EXPECT_EQ(status, absl::DataLossError("full"));
    EXPECT_EQ(pieces, good_pieces + 1) << "nothing more was written";
  }
}

TEST(CircleExporterTest, ReplacesTheFileItReads) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/circle_exporter_test_", getpid());
  const Bytes original = Packed(ModelWithPayloads());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(original.data()),
             static_cast<std::streamsize>(original.size()));
  const absl::StatusOr<Model> model = ImportCircle(path);
  ASSERT_TRUE(model.ok()) << model.status();
  const absl::Status status = ExportCircle(*model, path);
  ASSERT_TRUE(status.ok()) << status;

  std::ifstream stream(path, std::ios::binary);
  const std::vector<uint8_t> written{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(written, Content(Export(Import(original))));
  unlink(path.c_str());
}

TEST(CircleExporterTest, SaysThatItCannotWrite) {
  const absl::Status status = ExportCircle(Import(SmallModel()), "/no/such/folder/m.circle");
  EXPECT_EQ(status.message(),
            "error: /no/such/folder/m.circle: the folder '/no/such/folder' does not exist; make "
            "it, or name another file");
}

}  // namespace
}  // namespace q_implant
