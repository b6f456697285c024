// SPDX-License-Identifier: Apache-2.0
// What every table holds is held against an independent reader by testdata/roundtrip_test.py; here
// are the properties of the Model that it cannot see.
#include "import/circle_importer.h"

#include <unistd.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "import/testing/small_model.h"

namespace q_implant {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

Model Import(const Bytes& file) {
  absl::StatusOr<Model> model = ImportCircle(file, "m.circle");
  EXPECT_TRUE(model.ok()) << model.status();
  return model.ok() ? *std::move(model) : Model();
}

bool IsInside(const Bytes& file, const void* pointer) {
  return file.data() <= pointer && pointer < file.data() + file.size();
}

TEST(CircleImporterTest, ReadsAModel) {
  const Model model = Import(Packed(SmallModel()));
  EXPECT_EQ(model.path, "m.circle");
  EXPECT_EQ(model.identifier, "CIR0");
  ASSERT_EQ(model.graphs.size(), 1u);
  const Graph& graph = model.graphs[0];
  EXPECT_EQ(graph.name, "main");
  EXPECT_EQ(graph.tensor(1).name, "weights");
  EXPECT_THAT(graph.tensor(1).shape, ElementsAre(2, 3));
  EXPECT_EQ(model.ConstantData(graph.tensor(1)).size(), 24u);
  EXPECT_FALSE(model.IsConstant(graph.tensor(0)));
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(graph.nodes[0].op(), circle::BuiltinOperator_FULLY_CONNECTED);
  EXPECT_THAT(graph.nodes[0].inputs, ElementsAre(0, 1, kNoTensor));
  EXPECT_NE(graph.nodes[0].OptionsAs<circle::FullyConnectedOptions>(), nullptr);
}

TEST(CircleImporterTest, ReadsAFile) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/circle_importer_test_", getpid());
  const Bytes file = Packed(SmallModel(), "TFL3");
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  const absl::StatusOr<Model> model = ImportCircle(path);
  unlink(path.c_str());
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->identifier, "TFL3");
  EXPECT_EQ(model->path, path);
}

TEST(CircleImporterTest, CopiesNoPayload) {
  circle::ModelT from = SmallModel();
  from.subgraphs[0]->operators[0]->custom_options = {1, 2, 3};
  const Bytes file = Packed(from);
  const Model model = Import(file);
  EXPECT_TRUE(IsInside(file, model.buffers[1].data()));
  EXPECT_TRUE(IsInside(file, model.graphs[0].nodes[0].custom_options.data()));
  EXPECT_TRUE(IsInside(file, model.graphs[0].nodes[0].options));
}

TEST(CircleImporterTest, KeepsTheFileAlive) {
  Bytes file = Packed(SmallModel());
  const std::weak_ptr<const void> owner = file.owner();
  {
    const Model model = Import(std::exchange(file, Bytes()));
    EXPECT_FALSE(owner.expired());
    EXPECT_EQ(model.buffers[1].span()[0], 0x40);
  }
  EXPECT_TRUE(owner.expired());
}

TEST(CircleImporterTest, ReadsAFileAtAnyAddress) {
  const Bytes file = Packed(SmallModel());
  std::vector<uint8_t> shifted(file.size() + 1);
  std::copy(file.span().begin(), file.span().end(), shifted.begin() + 1);
  const Bytes moved = Bytes::Own(std::move(shifted));
  const Model model = Import(Bytes(moved.span().subspan(1), moved.owner()));
  EXPECT_EQ(model.ConstantData(model.graphs[0].tensor(1)).size(), 24u);
}

TEST(CircleImporterTest, ReadsAppendedBytes) {
  circle::ModelT from = SmallModel();
  from.buffers[1]->data.clear();
  from.buffers[1]->offset = 1024;
  from.buffers[1]->size = 24;
  from.subgraphs[0]->operators[0]->large_custom_options_offset = 1030;
  from.subgraphs[0]->operators[0]->large_custom_options_size = 2;
  const Bytes tables = Packed(from);
  ASSERT_LE(tables.size(), 1024u);
  std::vector<uint8_t> file(tables.span().begin(), tables.span().end());
  file.resize(1024);
  for (uint8_t i = 0; i < 24; ++i) file.push_back(i);

  const Model model = Import(Bytes::Own(std::move(file)));
  EXPECT_EQ(model.buffers[1].size(), 24u);
  EXPECT_EQ(model.buffers[1].span()[23], 23);
  EXPECT_THAT(model.graphs[0].nodes[0].custom_options.span(), ElementsAre(6, 7));
}

TEST(CircleImporterTest, TellsAbsentFromEmpty) {
  flatbuffers::FlatBufferBuilder builder;
  const auto empty = builder.CreateVector(std::vector<int32_t>());
  const std::vector<flatbuffers::Offset<circle::Tensor>> tensors = {
      circle::CreateTensor(builder), circle::CreateTensor(builder, empty)};
  const auto no_bytes = builder.CreateVector(std::vector<uint8_t>());
  const std::vector<flatbuffers::Offset<circle::Buffer>> buffers = {
      circle::CreateBuffer(builder), circle::CreateBuffer(builder, no_bytes)};
  const std::vector<flatbuffers::Offset<circle::SubGraph>> graphs = {
      circle::CreateSubGraph(builder, builder.CreateVector(tensors))};
  const auto graphs_at = builder.CreateVector(graphs);
  const auto buffers_at = builder.CreateVector(buffers);
  builder.Finish(circle::CreateModel(builder, 0, 0, graphs_at, 0, buffers_at), "CIR0");
  const Model model = Import(
      Bytes::Own({builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()}));

  EXPECT_FALSE(model.graphs[0].tensor(0).shape.is_stored());
  EXPECT_TRUE(model.graphs[0].tensor(1).shape.is_stored());
  EXPECT_EQ(model.buffers[0].data(), nullptr);
  EXPECT_NE(model.buffers[1].data(), nullptr);
  EXPECT_TRUE(model.buffers[1].empty());
  EXPECT_FALSE(model.stores_operator_codes);
  EXPECT_FALSE(model.graphs[0].nodes.is_stored());
}

TEST(CircleImporterTest, RefusesADamagedFile) {
  const std::string text = "not a model at all";
  const absl::StatusOr<Model> model = ImportCircle(Bytes::Own({text.begin(), text.end()}), "x.txt");
  EXPECT_EQ(model.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(model.status().message()),
              StartsWith("error: x.txt: is not a circle or TFLite file"));
}

TEST(CircleImporterTest, NamesAMissingFile) {
  EXPECT_EQ(ImportCircle("/no/such.circle").status().message(),
            "error: /no/such.circle: there is no such file; check the name and the folder");
}

}  // namespace
}  // namespace q_implant
