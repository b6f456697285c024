// SPDX-License-Identifier: Apache-2.0
#include "export/same_file.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace q_implant {
namespace {

namespace fs = std::filesystem;

class SameFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = absl::StrCat(::testing::TempDir(), "/same_file_test_XXXXXX");
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    fs::create_directory(folder_ / "a");
    std::ofstream(folder_ / "there") << "x";
    fs::create_symlink(folder_, folder_ / "a" / "up");
    fs::create_symlink("there", folder_ / "link");
    fs::create_symlink("link", folder_ / "link_to_link");
    fs::create_symlink("new", folder_ / "dangling");
    fs::create_symlink("dangling", folder_ / "dangling_twice");
    fs::create_hard_link(folder_ / "there", folder_ / "hard");
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  bool Same(const std::string& a, const std::string& b) const {
    return SameFile(Path(a), Path(b)) && SameFile(Path(b), Path(a));
  }

  fs::path folder_;
};

std::string Lost(const std::vector<std::string>& outputs, const std::vector<std::string>& inputs) {
  const std::optional<Overwrite> overwrite = FirstOverwritten(outputs, inputs);
  return overwrite.has_value() ? overwrite->ToString() : "";
}

TEST_F(SameFileTest, KnowsAFileThatIsThereInEverySpelling) {
  for (const char* spelling :
       {"there", "./there", "a/../there", "a/up/there", "link", "link_to_link", "hard"}) {
    EXPECT_TRUE(Same("there", spelling)) << spelling;
    EXPECT_FALSE(Same("new", spelling)) << spelling;
  }
}

TEST_F(SameFileTest, KnowsAFileThatIsNotThereYet) {
  for (const char* spelling :
       {"new", "./new", "a/../new", "a/up/new", "dangling", "dangling_twice", "a/up/dangling"}) {
    EXPECT_TRUE(Same("new", spelling)) << spelling;
    EXPECT_FALSE(Same("there", spelling)) << spelling;
    EXPECT_FALSE(Same("other", spelling)) << spelling;
  }
  EXPECT_FALSE(Same("new", "a/new"));
}

TEST_F(SameFileTest, KnowsAFileInAFolderThatIsNotThereYet) {
  EXPECT_TRUE(Same("no/new", "./no/new"));
  EXPECT_TRUE(Same("no/new", "a/up/no/../no/new"));
  EXPECT_FALSE(Same("no/new", "no/other"));
}

TEST_F(SameFileTest, KnowsRelativePaths) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  EXPECT_TRUE(SameFile("new", Path("new")));
  EXPECT_TRUE(SameFile("there", Path("hard")));
  EXPECT_TRUE(SameFile("no/new", Path("no/new")));
  fs::current_path(before);
}

TEST_F(SameFileTest, CountsNoDevicesAndNoEmptyNames) {
  EXPECT_FALSE(SameFile("/dev/null", "/dev/null"));
  EXPECT_FALSE(SameFile("", ""));
  EXPECT_FALSE(SameFile("", Path("there")));
}

TEST_F(SameFileTest, FindsWhatWouldBeLost) {
  const std::string there = Path("there"), hard = Path("hard"), fresh = Path("new");
  EXPECT_EQ(Lost({fresh, hard}, {Path("a/x"), there}),
            absl::StrCat(there, " would be overwritten by ", hard, "; write to another file"));
  EXPECT_EQ(Lost({fresh, Path("dangling")}, {there}),
            absl::StrCat(fresh, " would be overwritten by ", Path("dangling"),
                         "; write to another file"));
  EXPECT_EQ(Lost({there}, {there}),
            absl::StrCat(there, " would be overwritten; write to another file"));
  EXPECT_EQ(Lost({fresh, Path("other")}, {there, hard}), "");
  EXPECT_EQ(Lost({"/dev/null", "/dev/null", "", ""}, {"/dev/null", ""}), "");
}

}  // namespace
}  // namespace q_implant
