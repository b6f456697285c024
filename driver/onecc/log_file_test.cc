// SPDX-License-Identifier: Apache-2.0
#include "driver/onecc/log_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "export/testing/fault_sweep.h"
#include "export/testing/faulty_file_system.h"
#include "export/testing/scratch_folder.h"
#include "gtest/gtest.h"

namespace q_implant {
namespace {

class LogFileTest : public ::testing::Test {
 protected:
  void SetUp() override { StartAnew(); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void StartAnew() {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
    folder_ = MakeScratchFolder();
    path_ = absl::StrCat(folder_, "/log");
  }
  void PutOldLog() const { std::ofstream(path_) << "old"; }
  std::string Bytes() const { return FileBytes(path_); }
  bool IsThere() const { return std::filesystem::exists(path_); }

  // The error, or empty.
  std::string Write(FileSystem& files) const {
    LogFile log(path_, files);
    if (!log.error().empty()) return log.error();
    log.stream() << "before\n";
    log.Begin();
    log.stream() << Long() << 'c' << '\n';
    return log.Finish() ? "" : log.error();
  }
  static std::string Long() { return std::string(10000, 'x'); }
  static std::string Whole() { return absl::StrCat("before\n", Long(), "c\n"); }

  std::string folder_;
  std::string path_;
};

TEST_F(LogFileTest, HoldsWhatWasWrittenBeforeAndAfterItBegan) {
  PutOldLog();
  EXPECT_EQ(Write(FileSystem::Real()), "");
  EXPECT_EQ(Bytes(), Whole());
}

TEST_F(LogFileTest, LeavesAnOldLogUntilItBegins) {
  PutOldLog();
  {
    LogFile log(path_);
    log.stream() << "never begun\n" << Long() << std::flush;
    EXPECT_EQ(Bytes(), "old");
  }
  EXPECT_EQ(Bytes(), "old");
}

TEST_F(LogFileTest, MakesNoFileUntilItBegins) {
  LogFile log(path_);
  log.stream() << "not yet\n" << Long() << std::flush;
  EXPECT_FALSE(IsThere());
}

TEST_F(LogFileTest, SaysBeforehandWhereItCanNotBeWritten) {
  EXPECT_EQ(LogFile(absl::StrCat(folder_, "/no/log")).error(), "No such file or directory");
  EXPECT_EQ(LogFile(folder_).error(), "Is a directory");
}

TEST_F(LogFileTest, CanBeReadWhileItIsWritten) {
  LogFile log(path_);
  log.Begin();
  log.stream() << "said so far\n" << std::flush;
  EXPECT_EQ(Bytes(), "said so far\n");
}

TEST_F(LogFileTest, WritesNowhereWithoutAPath) {
  FaultyFileSystem files;
  LogFile log("", files);
  log.stream() << "x";
  log.Begin();
  log.stream() << Long();
  EXPECT_TRUE(log.Finish());
  EXPECT_TRUE(files.calls().empty());
}

TEST_F(LogFileTest, TellsAnyFailure) {
  const auto run = [&](const Fault& fault) {
    StartAnew();
    PutOldLog();
    FaultyFileSystem files(fault.Script());
    const std::string error = Write(files);
    SCOPED_TRACE(fault.ToString());
    if (error.empty()) {
      EXPECT_EQ(Bytes(), Whole());
    } else {
      EXPECT_EQ(error, strerror(fault.error));
      EXPECT_TRUE(Bytes() == "old" || absl::StartsWith(Whole(), Bytes()));
    }
    EXPECT_EQ(error.empty(), files.failed().empty() || fault.error == EINTR);
    EXPECT_EQ(files.open_files(), 0u);
    return !files.failed().empty();
  };
  EXPECT_GT(SweepFaults(run), 100u);
}

TEST_F(LogFileTest, AFailureBeforeItBeginsLosesNoOldLog) {
  const auto run = [&](const Fault& fault) {
    StartAnew();
    PutOldLog();
    FaultyFileSystem files(fault.Script());
    { LogFile(path_, files).stream() << "never begun\n"; }
    EXPECT_EQ(Bytes(), "old") << fault.ToString();
    return !files.failed().empty();
  };
  EXPECT_GT(SweepFaults(run), 50u);
}

TEST_F(LogFileTest, ShortWritesMakeAWholeLog) {
  FaultyFileSystem files([](const SystemCall&) { return Fate{.most_bytes = 1}; });
  EXPECT_EQ(Write(files), "");
  EXPECT_EQ(Bytes(), Whole());
}

}  // namespace
}  // namespace q_implant
