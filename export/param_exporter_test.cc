// SPDX-License-Identifier: Apache-2.0
#include "export/param_exporter.h"

#include <filesystem>
#include <string>

#include "export/npy_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "import/param_importer.h"

namespace q_implant {
namespace {

using testing::ElementsAre;

class ParamExporterTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/param_exporter_test";
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

// The importer has tests of its own against what numpy writes.
TEST_F(ParamExporterTest, IsWhatTheImporterReads) {
  Params params;
  params.entries.push_back(
      {.key = "block/0:w",
       .target = "block/0:w",
       .dtype = circle::TensorType_INT4,
       .scale = {0.5f, 0.1f},
       .zero_point = {0, -1},
       .quantized_dimension = 1,
       .value =
           Array{.type = circle::TensorType_INT8, .shape = {1, 2}, .data = Bytes::Own({1, 0xff})}});
  params.entries.push_back({.key = "block_0_w",
                            .target = "block_0_w",
                            .dtype = circle::TensorType_UINT8,
                            .scale = {0.25f},
                            .zero_point = {7}});
  params.entries.push_back({.key = "kept", .target = "kept"});
  ASSERT_TRUE(ExportParams(params, folder_ + "/new", {}).ok());

  Diagnostics diagnostics;
  const Params read = ImportParams(folder_ + "/new/param.json", {}, diagnostics);
  ASSERT_TRUE(diagnostics.all().empty()) << diagnostics.ToStatus();
  ASSERT_EQ(read.entries.size(), 3u);
  const ParamEntry& w = read.entries[0];
  EXPECT_EQ(w.key, "block/0:w");
  EXPECT_EQ(w.dtype, circle::TensorType_INT4);
  EXPECT_THAT(w.scale, ElementsAre(0.5f, 0.1f));
  EXPECT_THAT(w.zero_point, ElementsAre(0, -1));
  EXPECT_EQ(w.quantized_dimension, 1);
  ASSERT_TRUE(w.value.has_value());
  EXPECT_THAT(w.value->shape, ElementsAre(1, 2));
  EXPECT_THAT(w.value->data.span(), ElementsAre(1, 0xff));
  EXPECT_EQ(w.scale_file, "block_0_w.scale.npy");
  EXPECT_EQ(read.entries[1].scale_file, "block_0_w_1.scale.npy");
  EXPECT_FALSE(read.entries[1].value.has_value());
  EXPECT_TRUE(read.entries[2].pinned());
}

TEST_F(ParamExporterTest, AFolderThatCannotBeMade) {
  EXPECT_EQ(ExportParams({}, "/dev/null/x", {}).message(),
            "/dev/null/x: the folder can't be made: Not a directory; choose another one");
}

// As numpy.lib.format writes them.
TEST(NpyHeaderTest, Shapes) {
  const auto dict = [](absl::Span<const int64_t> shape) {
    const std::string header = NpyHeader("<f4", shape);
    EXPECT_EQ(header.size() % 64, 0u);
    EXPECT_EQ(header.back(), '\n');
    return header.substr(10, header.find('}') - 9);
  };
  EXPECT_EQ(dict({}), "{'descr': '<f4', 'fortran_order': False, 'shape': (), }");
  EXPECT_EQ(dict({3}), "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }");
  EXPECT_EQ(dict({3, 4}), "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }");
}

}  // namespace
}  // namespace q_implant
