// SPDX-License-Identifier: Apache-2.0
// The writers of outputs under the faults that atomic_file_faults_test.cc tries on one file.
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "export/circle_exporter.h"
#include "export/param_exporter.h"
#include "export/testing/writer_check.h"
#include "gtest/gtest.h"
#include "import/circle_importer.h"
#include "import/testing/small_model.h"
#include "ir/params.h"

namespace q_implant {
namespace {

TEST(WritersFaultsTest, AModelIsTheOldOneOrTheNewOne) {
  circle::ModelT tables = SmallModel();
  tables.subgraphs[0]->tensors[1]->shape = {25000, 3};  // more than one write
  tables.buffers[1]->data.assign(300000, 0x40);
  const absl::StatusOr<Model> model = ImportCircle(Packed(tables), "m.circle");
  ASSERT_TRUE(model.ok()) << model.status();
  const auto write = [&](const std::string& folder, FileSystem& files) {
    return ExportCircle(*model, absl::StrCat(folder, "/new.circle"), {.files = &files});
  };
  EXPECT_GT(CheckWriter(write), 500u);
}

TEST(WritersFaultsTest, ParametersAreOldOnesOrNewOnes) {
  Params params;
  params.entries.push_back(
      {.key = "w",
       .target = "w",
       .dtype = circle::TensorType_INT8,
       .scale = {0.5f},
       .zero_point = {0},
       .value =
           Array{.type = circle::TensorType_INT8, .shape = {1, 2}, .data = Bytes::Own({1, 0xff})}});
  const auto write = [&](const std::string& folder, FileSystem& files) {
    return ExportParams(params, folder, {}, files);
  };
  EXPECT_GT(CheckWriter(write), 1000u);
}

}  // namespace
}  // namespace q_implant
