// SPDX-License-Identifier: Apache-2.0
#include "import/mapped_file.h"

#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace q_implant {
namespace {

using ::testing::StartsWith;

std::string TestPath(const std::string& name) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/mapped_file_test_", getpid(), name);
  unlink(path.c_str());
  return path;
}

void WriteFile(const std::string& path, absl::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::string Text(const Bytes& bytes) { return {bytes.span().begin(), bytes.span().end()}; }

std::string ErrorOf(const absl::StatusOr<Bytes>& bytes) {
  return std::string(bytes.status().message());
}

TEST(MappedFileTest, MapsAFile) {
  const std::string path = TestPath("file");
  WriteFile(path, "content");
  const absl::StatusOr<Bytes> bytes = MapFile(path);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_EQ(Text(*bytes), "content");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes->data()) % 16, 0u);
}

TEST(MappedFileTest, KeepsTheOldContentWhenTheFileIsReplaced) {
  const std::string path = TestPath("file");
  WriteFile(path, "old");
  const absl::StatusOr<Bytes> bytes = MapFile(path);
  const std::string other = TestPath("other");
  WriteFile(other, "new");
  ASSERT_EQ(rename(other.c_str(), path.c_str()), 0);
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(Text(*bytes), "old");
}

TEST(MappedFileTest, ReadsAnEmptyFile) {
  const std::string path = TestPath("empty");
  WriteFile(path, "");
  const absl::StatusOr<Bytes> bytes = MapFile(path);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_TRUE(bytes->empty());
}

TEST(MappedFileTest, ReadsAPipeToItsEnd) {
  const std::string path = TestPath("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const std::string content(300000, 'x');
  std::thread writer([&] { WriteFile(path, content); });
  const absl::StatusOr<Bytes> bytes = MapFile(path);
  writer.join();
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_EQ(Text(*bytes), content);
}

TEST(MappedFileTest, ReadsAFileWithoutASize) {
  const absl::StatusOr<Bytes> bytes = MapFile("/proc/self/status");
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_THAT(Text(*bytes), StartsWith("Name:"));
}

TEST(MappedFileTest, StopsReadingWhatDoesNotEnd) {
  EXPECT_EQ(ErrorOf(MapFile("/dev/zero", 1000)),
            "error: /dev/zero: is a stream that does not end within 1000 bytes; write it to a file "
            "first, which may be larger");
}

TEST(MappedFileTest, NamesAMissingFile) {
  const absl::StatusOr<Bytes> bytes = MapFile("/no/such/file");
  EXPECT_EQ(bytes.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ErrorOf(bytes),
            "error: /no/such/file: there is no such file; check the name and the folder");
}

TEST(MappedFileTest, NamesAFolder) {
  EXPECT_EQ(ErrorOf(MapFile("/proc")), "error: /proc: is a folder; name a file inside it");
}

TEST(MappedFileTest, NamesAFileThatMayNotBeRead) {
  const std::string path = TestPath("secret");
  WriteFile(path, "secret");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  constexpr uid_t kNobody = 65534;  // root may read everything
  const int user = setfsuid(kNobody);
  const absl::StatusOr<Bytes> bytes = MapFile(path);
  setfsuid(static_cast<uid_t>(user));
  EXPECT_EQ(bytes.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrorOf(bytes), absl::StrCat("error: ", path,
                                         ": may not be read; check the permissions of the file and "
                                         "of its folders"));
}

TEST(MappedFileTest, SaysWhatTheSystemSaysOtherwise) {
  const std::string path(5000, 'a');
  EXPECT_EQ(ErrorOf(MapFile(path)),
            absl::StrCat("error: ", path, ": cannot be opened: File name too long"));
}

TEST(MapRegularFileTest, RefusesAPipeAtOnceThoughNobodyWrites) {
  const std::string path = ::testing::TempDir() + "/mapped_file_test_fifo";
  unlink(path.c_str());
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(MapRegularFile(path).status().message(),
            "error: " + path + ": is a pipe or a device; name a file");
  unlink(path.c_str());
}

TEST(MapRegularFileTest, RefusesDevicesAndFolders) {
  EXPECT_EQ(MapRegularFile("/dev/zero").status().message(),
            "error: /dev/zero: is a pipe or a device; name a file");
  EXPECT_EQ(MapRegularFile("/dev").status().message(),
            "error: /dev: is a folder; name a file inside it");
}

}  // namespace
}  // namespace q_implant
