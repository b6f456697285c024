// SPDX-License-Identifier: Apache-2.0
#include "driver/process/one_tools.h"

#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace q_implant {
namespace {

namespace fs = std::filesystem;
using ::testing::Eq;
using ::testing::Optional;

class OneToolsTest : public ::testing::Test {
 protected:
  // A script in a folder of the test's own; "A/onecc" stands in the folder A.
  std::string Program(const std::string& name, const std::string& text = "exit 0") {
    const fs::path file = folder_ / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "#!/bin/sh\n" << text << '\n';
    chmod(file.c_str(), 0755);
    return file.string();
  }

  // A PATH of folders of the test's own.
  std::string Path(const std::vector<std::string>& names) const {
    std::string path;
    for (const std::string& name : names) {
      absl::StrAppend(&path, path.empty() ? "" : ":", Of(name));
    }
    return path;
  }

  std::string Of(const std::string& name) const { return (folder_ / name).string(); }

  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_ = fs::temp_directory_path() /
                     absl::StrCat("one_tools_test.", getpid(), ".",
                                  testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(OneToolsTest, FindsWhatPathHasBehindTheProgramItself) {
  const std::string before = Program("before/onecc");
  const std::string self = Program("ours/onecc");
  const std::string behind = Program("behind/onecc");
  Program("last/onecc");
  EXPECT_THAT(FindFurtherAlong(Path({"before", "ours", "behind", "last"}), self, "onecc"),
              Optional(behind));
  EXPECT_THAT(FindFurtherAlong(Path({"before", "ours"}), self, "onecc"), Eq(std::nullopt));
  EXPECT_THAT(FindFurtherAlong(Path({"before", "last"}), self, "onecc"), Optional(before))
      << "called by its path: all of PATH is behind it";
  EXPECT_THAT(FindFurtherAlong("", self, "onecc"), Eq(std::nullopt));
}

TEST_F(OneToolsTest, LooksForOtherNamesBehindTheProgramToo) {
  const std::string self = Program("ours/onecc");
  Program("before/one-pack");
  const std::string own = Program("ours/one-pack");
  const std::string behind = Program("behind/one-pack");
  EXPECT_THAT(FindFurtherAlong(Path({"before", "ours", "behind"}), self, "one-pack"),
              Optional(behind));
  EXPECT_THAT(FindFurtherAlong(Path({"before", "ours"}), self, "one-pack"), Eq(std::nullopt));
}

TEST_F(OneToolsTest, PassesOverWhatIsNoProgram) {
  const std::string self = Program("ours/onecc");
  fs::create_directories(Of("folder/onecc"));
  chmod(Program("plain/onecc").c_str(), 0644);
  const std::string behind = Program("behind/onecc");
  EXPECT_THAT(
      FindFurtherAlong(Path({"ours", "missing", "folder", "plain", "behind"}), self, "onecc"),
      Optional(behind));
}

TEST_F(OneToolsTest, KnowsItselfThroughLinks) {
  const std::string self = Program("ours/onecc");
  const std::string behind = Program("behind/onecc");
  fs::create_directories(Of("bin"));
  fs::create_symlink(self, Of("bin/onecc"));
  fs::create_directory_symlink(Of("ours"), Of("linked"));
  EXPECT_THAT(FindFurtherAlong(Path({"bin", "behind"}), self, "onecc"), Optional(behind));
  EXPECT_THAT(FindFurtherAlong(Path({"bin", "linked", "behind"}), self, "onecc"), Optional(behind));
  EXPECT_THAT(FindFurtherAlong(Path({"behind", "linked", "bin"}), self, "onecc"), Eq(std::nullopt));
}

TEST_F(OneToolsTest, TwoInstallationsNeverCallEachOtherInCircles) {
  const std::string a = Program("a/onecc");
  const std::string b = Program("b/onecc");
  for (const std::vector<std::string>& folders :
       {std::vector<std::string>{"a", "b"}, {"a", "b", "a"}, {"a", "a", "b", "a", "b"}}) {
    EXPECT_THAT(FindFurtherAlong(Path(folders), a, "onecc"), Optional(b));
    EXPECT_THAT(FindFurtherAlong(Path(folders), b, "onecc"), Eq(std::nullopt));
  }
  // Both called through links: neither's own folder stands in PATH.
  fs::create_directories(Of("x"));
  fs::create_directories(Of("y"));
  fs::create_symlink(a, Of("x/onecc"));
  fs::create_symlink(b, Of("y/onecc"));
  EXPECT_THAT(FindFurtherAlong(Path({"x", "y"}), a, "onecc"), Optional(Of("y/onecc")));
  EXPECT_THAT(FindFurtherAlong(Path({"x", "y"}), b, "onecc"), Eq(std::nullopt));
}

TEST_F(OneToolsTest, FindsToolsBesideTheRealOnecc) {
  const std::string self = Program("ours/onecc");
  const std::string beside = Program("one/one-pack");
  const std::string elsewhere = Program("bin/one-pack");
  const std::string other = Program("bin/other-tool");
  fs::create_symlink(Program("one/onecc"), Of("bin/onecc"));
  EXPECT_THAT(FindOneToolAlong(Path({"ours", "bin"}), self, "one-pack"), Optional(beside));
  EXPECT_THAT(FindOneToolAlong(Path({"ours", "bin"}), self, "other-tool"), Optional(other));
  EXPECT_THAT(FindOneToolAlong(Path({"ours", "bin"}), self, "missing"), Eq(std::nullopt));
  fs::remove(Of("bin/onecc"));
  EXPECT_THAT(FindOneToolAlong(Path({"ours", "bin"}), self, "one-pack"), Optional(elsewhere));
}

TEST_F(OneToolsTest, IsNotItsOwnNeighbour) {
  const std::string self = Program("ours/one-quantize");
  fs::create_directories(Of("bin"));
  fs::create_symlink(Program("ours/onecc"), Of("bin/onecc"));
  EXPECT_THAT(FindOneToolAlong(Path({"bin"}), self, "one-quantize"), Eq(std::nullopt));
}

TEST_F(OneToolsTest, AnEmptyEntryOfPathIsTheWorkingDirectory) {
  Program("onecc");
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  EXPECT_THAT(FindFurtherAlong(":/missing", "/self", "onecc"), Optional(std::string("./onecc")));
  fs::current_path(before);
}

TEST_F(OneToolsTest, GivesTheExitCode) {
  EXPECT_THAT(RunTool({Program("tool", "exit 7")}).value(), 7);
  EXPECT_THAT(RunTool({Program("killed", "kill -TERM $$")}).value(), 128 + 15);
  std::ostringstream log;
  EXPECT_THAT(RunTool({Program("tool", "exit 7")}, &log).value(), 7);
  EXPECT_THAT(RunTool({Program("killed", "kill -TERM $$")}, &log).value(), 128 + 15);
}

TEST_F(OneToolsTest, PassesArgumentsAsTheyAre) {
  const std::string tool = Program("tool", "printf '<%s>\\n' \"$@\" > \"$1\"");
  ASSERT_EQ(RunTool({tool, Of("arguments"), "", "a b", "$HOME *", "--x='y'"}).value(), 0);
  std::stringstream text;
  text << std::ifstream(Of("arguments")).rdbuf();
  EXPECT_EQ(text.str(), absl::StrCat("<", Of("arguments"), ">\n<>\n<a b>\n<$HOME *>\n<--x='y'>\n"));
}

TEST_F(OneToolsTest, LinesGoToTheLogAndThrough) {
  const std::string tool = Program("tool", "echo one; sleep 0.05; echo two >&2; printf three");
  std::ostringstream log;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const absl::StatusOr<int> code = RunTool({tool}, &log);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "one\nthree");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), absl::StrCat(tool, ": two\n"));
  EXPECT_EQ(code.value(), 0);
  EXPECT_THAT(log.str(), testing::AnyOf(absl::StrCat("one\n", tool, ": two\nthree"),
                                        absl::StrCat("one\nthree", tool, ": two\n")));
}

TEST_F(OneToolsTest, ManyLinesOnBothSidesDoNotBlock) {
  const std::string tool = Program(
      "tool", "i=0; while [ $i -lt 9000 ]; do echo 0123456789; echo abc >&2; i=$((i+1)); done");
  std::ostringstream log;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(RunTool({tool}, &log).value(), 0);
  EXPECT_EQ(testing::internal::GetCapturedStdout().size(), 9000 * 11u);
  EXPECT_EQ(testing::internal::GetCapturedStderr().size(), 9000 * (tool.size() + 6));
}

// Ctrl-C reaches both. Whoever runs a tool has temporary files to clear away.
TEST_F(OneToolsTest, KeyboardSignalsEndTheToolOnly) {
  EXPECT_THAT(RunTool({Program("tool", "kill -INT $PPID; kill -INT $$")}),
              absl::StatusOr<int>(128 + SIGINT));
  struct sigaction now;
  sigaction(SIGINT, nullptr, &now);
  EXPECT_EQ(now.sa_handler, SIG_DFL);
  signal(SIGINT, SIG_IGN);  // as nohup does
  EXPECT_THAT(RunTool({Program("tool2", "kill -INT $$; exit 3")}), absl::StatusOr<int>(3));
  signal(SIGINT, SIG_DFL);
}

TEST_F(OneToolsTest, SaysWhatCanNotBeRun) {
  EXPECT_EQ(RunTool({Of("missing")}).status().message(),
            absl::StrCat(Of("missing"), " can't be run: No such file or directory"));
  EXPECT_EQ(ExecTool({Of("missing")}).message(),
            absl::StrCat(Of("missing"), " can't be run: No such file or directory"));
}

TEST_F(OneToolsTest, BecomesTheTool) {
  const std::string tool = Program("tool", "echo \"$1\" >&2; exit 9");
  EXPECT_EXIT(ExecTool({tool, "an argument"}).IgnoreError(), testing::ExitedWithCode(9),
              "^an argument\n$");
}

}  // namespace
}  // namespace q_implant
