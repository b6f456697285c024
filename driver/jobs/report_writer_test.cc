// SPDX-License-Identifier: Apache-2.0
#include "driver/jobs/report_writer.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "export/testing/writer_check.h"
#include "gtest/gtest.h"

namespace q_implant {
namespace {

TEST(ReportWriterTest, AReportIsTheOldOneOrTheNewOneWhateverFails) {
  QuantizeReport report;
  report.nodes.push_back({0, "ADD", "y", "float32", "'y' has no parameters"});
  const auto write = [&](const std::string& folder, FileSystem& files) {
    return WriteReport(report, Diagnostics(), true, absl::StrCat(folder, "/report.json"), files);
  };
  EXPECT_GT(CheckWriter(write), 500u);
}

}  // namespace
}  // namespace q_implant
