// SPDX-License-Identifier: Apache-2.0
#include "export/atomic_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace q_implant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uid_t kNobody = 65534;

absl::Span<const uint8_t> BytesOf(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

void WriteFile(const std::string& path, absl::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::string ReadFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

mode_t ModeOf(const std::string& path) {
  struct stat info = {};
  stat(path.c_str(), &info);
  return info.st_mode & 07777;
}

// Each test has a folder of its own.
class AtomicFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = absl::StrCat(::testing::TempDir(), "/atomic_file_test_XXXXXX");
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    ASSERT_EQ(chmod(name.c_str(), 0755), 0);
    folder_ = name;
  }

  void TearDown() override {
    for (const std::string& name : Names()) remove(Path(name).c_str());
    rmdir(folder_.c_str());
  }

  std::string Path(const std::string& name) const { return absl::StrCat(folder_, "/", name); }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    DIR* folder = opendir(folder_.c_str());
    while (const dirent* entry = readdir(folder)) names.push_back(entry->d_name);
    closedir(folder);
    std::sort(names.begin(), names.end());
    names.erase(names.begin(), names.begin() + 2);  // . and ..
    return names;
  }

  // Writes a whole file; the error if there is one.
  std::string Write(const std::string& path, absl::string_view content) {
    absl::StatusOr<AtomicFile> file = AtomicFile::Create(path);
    if (!file.ok()) return std::string(file.status().message());
    absl::Status status = file->Append(BytesOf(content));
    if (status.ok()) status = file->Commit();
    return std::string(status.message());
  }

  std::string folder_;
};

TEST_F(AtomicFileTest, WritesAFile) {
  EXPECT_EQ(Write(Path("new"), "content"), "");
  EXPECT_EQ(ReadFile(Path("new")), "content");
  EXPECT_THAT(Names(), ElementsAre("new"));
}

TEST_F(AtomicFileTest, WritesPiecesInOrder) {
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(Path("new"));
  ASSERT_TRUE(file.ok()) << file.status();
  std::string expected;
  for (size_t size : {1u, 100000u, 3u, 65535u, 65536u, 65537u, 0u, 2u}) {
    const std::string piece(size, static_cast<char>('a' + expected.size() % 26));
    ASSERT_TRUE(file->Append(BytesOf(piece)).ok());
    expected += piece;
  }
  ASSERT_TRUE(file->Commit().ok());
  EXPECT_EQ(ReadFile(Path("new")), expected);
}

TEST_F(AtomicFileTest, AppearsOnlyInCommit) {
  WriteFile(Path("file"), "old");
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(Path("file"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Append(BytesOf(std::string(200000, 'x'))).ok());
  EXPECT_EQ(ReadFile(Path("file")), "old");
  ASSERT_TRUE(file->Commit().ok());
  EXPECT_EQ(ReadFile(Path("file")).size(), 200000u);
}

TEST_F(AtomicFileTest, LeavesNothingWithoutCommit) {
  {
    absl::StatusOr<AtomicFile> file = AtomicFile::Create(Path("new"));
    ASSERT_TRUE(file.ok()) << file.status();
    AtomicFile moved = *std::move(file);
    ASSERT_TRUE(moved.Append(BytesOf("content")).ok());
    EXPECT_EQ(Names().size(), 1u) << "the temporary file stands in the same folder";
  }
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(AtomicFileTest, WritesInTheCurrentFolder) {
  char before[4096];
  ASSERT_NE(getcwd(before, sizeof(before)), nullptr);
  ASSERT_EQ(chdir(folder_.c_str()), 0);
  EXPECT_EQ(Write("plain", "content"), "");
  ASSERT_EQ(chdir(before), 0);
  EXPECT_EQ(ReadFile(Path("plain")), "content");
}

// --- modes and links

TEST_F(AtomicFileTest, KeepsTheModeOfTheOldFile) {
  WriteFile(Path("file"), "old");
  for (mode_t mode : {0600, 0755, 0666}) {
    ASSERT_EQ(chmod(Path("file").c_str(), mode), 0);
    EXPECT_EQ(Write(Path("file"), "new"), "");
    EXPECT_EQ(ModeOf(Path("file")), mode);
  }
}

TEST_F(AtomicFileTest, ObeysTheUmask) {
  const mode_t old = umask(027);
  EXPECT_EQ(Write(Path("new"), "content"), "");
  umask(old);
  EXPECT_EQ(ModeOf(Path("new")), 0640u);
}

TEST_F(AtomicFileTest, WritesThroughLinks) {
  WriteFile(Path("file"), "old");
  ASSERT_EQ(symlink("file", Path("link").c_str()), 0);
  ASSERT_EQ(symlink(Path("link").c_str(), Path("link_to_link").c_str()), 0);
  EXPECT_EQ(Write(Path("link_to_link"), "new"), "");
  EXPECT_EQ(ReadFile(Path("file")), "new");
  struct stat info;
  ASSERT_EQ(lstat(Path("link_to_link").c_str(), &info), 0);
  EXPECT_TRUE(S_ISLNK(info.st_mode));
}

TEST_F(AtomicFileTest, MakesWhatALinkPointsTo) {
  ASSERT_EQ(symlink("new", Path("link").c_str()), 0);
  EXPECT_EQ(Write(Path("link"), "content"), "");
  EXPECT_EQ(ReadFile(Path("new")), "content");
  EXPECT_THAT(Names(), ElementsAre("link", "new"));
}

TEST_F(AtomicFileTest, LeavesTheOldFileToWhoReadsIt) {
  WriteFile(Path("file"), "old");
  std::ifstream reader(Path("file"));
  EXPECT_EQ(Write(Path("file"), "new"), "");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "old");
}

// --- what is no regular file

TEST_F(AtomicFileTest, WritesToADevice) { EXPECT_EQ(Write("/dev/null", "content"), ""); }

TEST_F(AtomicFileTest, WritesToAPipe) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] { read = ReadFile(Path("pipe")); });
  EXPECT_EQ(Write(Path("pipe"), "content"), "");
  reader.join();
  EXPECT_EQ(read, "content");
  EXPECT_THAT(Names(), ElementsAre("pipe"));
}

TEST_F(AtomicFileTest, WritesToAnOpenFileWhereItStands) {
  const int fd = open(Path("file").c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_EQ(write(fd, "before ", 7), 7);
  EXPECT_EQ(Write(absl::StrCat("/dev/fd/", fd), "content"), "");
  close(fd);
  EXPECT_EQ(ReadFile(Path("file")), "before content");
  EXPECT_THAT(Names(), ElementsAre("file"));
}

// --- temporary files

TEST_F(AtomicFileTest, TwoWritersWithOneNameSourceDoNotMeet) {
  const auto names = [] {  // each writer's own, and all give the same names, as equal pids did
    return [n = 0]() mutable { return absl::StrCat(".q-implant-1-", n++, ".tmp"); };
  };
  absl::StatusOr<AtomicFile> a = AtomicFile::Create(Path("a"), FileSystem::Real(), names());
  absl::StatusOr<AtomicFile> b = AtomicFile::Create(Path("b"), FileSystem::Real(), names());
  ASSERT_TRUE(a.ok() && b.ok()) << a.status() << b.status();
  ASSERT_TRUE(a->Append(BytesOf("of a")).ok());
  ASSERT_TRUE(b->Append(BytesOf("of b")).ok());
  EXPECT_TRUE(b->Commit().ok());
  EXPECT_TRUE(a->Commit().ok());
  EXPECT_EQ(ReadFile(Path("a")), "of a");
  EXPECT_EQ(ReadFile(Path("b")), "of b");
}

TEST_F(AtomicFileTest, LeavesAFileThatIsNotItsOwn) {
  WriteFile(Path("taken"), "somebody's");
  const absl::StatusOr<AtomicFile> file =
      AtomicFile::Create(Path("new"), FileSystem::Real(), [] { return std::string("taken"); });
  EXPECT_EQ(file.status().message(),
            absl::StrCat("error: ", Path("new"), ": cannot be written: File exists"));
  EXPECT_EQ(ReadFile(Path("taken")), "somebody's");
}

TEST_F(AtomicFileTest, NamesAreRandom) {
  const std::string name = TemporaryFile::RandomName();
  EXPECT_THAT(name, ::testing::MatchesRegex("\\.q-implant-[0-9a-f]+\\.tmp"));
  EXPECT_EQ(name.size(), 31u);
  EXPECT_NE(name, TemporaryFile::RandomName());
}

TEST_F(AtomicFileTest, RemovesLeftoversAndNothingElse) {
  WriteFile(Path(".q-implant-0123456789abcdef.tmp"), "left by kill -9");
  WriteFile(Path(".q-implant-4711-0.tmp"), "left by an earlier version");
  const std::vector<std::string> others = {".q-implant-.tmp", ".q-implant-1-0.tmp.bak",
                                           ".q-implant-1-x.tmp", ".q-implant-notes.tmp", "x.tmp"};
  for (const std::string& other : others) WriteFile(Path(other), "");
  const std::string folder = Path(".q-implant-1-1.tmp");
  const std::string link = Path(".q-implant-1-2.tmp");
  ASSERT_EQ(mkdir(folder.c_str(), 0700), 0);
  ASSERT_EQ(symlink("x.tmp", link.c_str()), 0);
  ASSERT_EQ(mkfifo(Path(".q-implant-1-3.tmp").c_str(), 0600), 0);
  EXPECT_EQ(Write(Path("new"), "content"), "");
  EXPECT_THAT(Names(), ElementsAre(".q-implant-.tmp", ".q-implant-1-0.tmp.bak",
                                   ".q-implant-1-1.tmp", ".q-implant-1-2.tmp", ".q-implant-1-3.tmp",
                                   ".q-implant-1-x.tmp", ".q-implant-notes.tmp", "new", "x.tmp"));
}

TEST_F(AtomicFileTest, KeepsWhatIsInUse) {
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(Path("new"));
  ASSERT_TRUE(file.ok()) << file.status();
  RemoveLeftovers(folder_);
  EXPECT_EQ(Names().size(), 1u);
  ASSERT_TRUE(file->Append(BytesOf("content")).ok());
  EXPECT_TRUE(file->Commit().ok());
  EXPECT_EQ(ReadFile(Path("new")), "content");
}

TEST_F(AtomicFileTest, RefusesAReplacedTemporary) {
  WriteFile(Path("new"), "old");
  WriteFile(Path("other"), "another model");
  const std::string temporary = Path(".q-implant-1-0.tmp");
  {
    absl::StatusOr<AtomicFile> file = AtomicFile::Create(
        Path("new"), FileSystem::Real(), [] { return std::string(".q-implant-1-0.tmp"); });
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE(file->Append(BytesOf("content")).ok());
    ASSERT_EQ(rename(Path("other").c_str(), temporary.c_str()), 0);
    EXPECT_EQ(file->Commit().message(),
              absl::StrCat("error: ", Path("new"),
                           ": cannot be written: another program removed or replaced ", temporary,
                           ", which holds the new content; run again, and let no other program "
                           "clear the folder meanwhile"));
  }
  EXPECT_EQ(ReadFile(Path("new")), "old");
  EXPECT_EQ(ReadFile(temporary), "another model") << "it is not ours to remove";
}

TEST_F(AtomicFileTest, RefusesARemovedTemporary) {
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(Path("new"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_EQ(unlink(Path(Names().front()).c_str()), 0);
  EXPECT_THAT(std::string(file->Commit().message()),
              ::testing::HasSubstr("another program removed or replaced"));
  EXPECT_THAT(Names(), IsEmpty());
}

// --- errors

TEST_F(AtomicFileTest, WantsAName) {
  EXPECT_EQ(Write("", "x"), "error: no name of an output file is given; name one");
}

TEST_F(AtomicFileTest, NamesAFolder) {
  EXPECT_EQ(Write(folder_, "x"),
            absl::StrCat("error: ", folder_, ": is a folder; name a file inside it"));
  EXPECT_EQ(Write(Path("new/"), "x"),
            absl::StrCat("error: ", folder_, "/new/: is a folder; name a file inside it"));
}

TEST_F(AtomicFileTest, NamesAMissingFolder) {
  EXPECT_EQ(Write(Path("no/file"), "x"),
            absl::StrCat("error: ", Path("no/file"), ": the folder '", Path("no"),
                         "' does not exist; make it, or name another file"));
}

TEST_F(AtomicFileTest, NamesAFolderThatIsAFile) {
  WriteFile(Path("file"), "");
  EXPECT_EQ(Write(Path("file/new"), "x"),
            absl::StrCat("error: ", Path("file/new"), ": '", Path("file"),
                         "' is not a folder; name another file"));
}

TEST_F(AtomicFileTest, NamesAFolderThatMayNotBeWritten) {
  ASSERT_EQ(chmod(folder_.c_str(), 0555), 0);
  const int user = setfsuid(kNobody);  // root may write everywhere
  const std::string error = Write(Path("new"), "x");
  setfsuid(static_cast<uid_t>(user));
  ASSERT_EQ(chmod(folder_.c_str(), 0755), 0);
  EXPECT_EQ(error, absl::StrCat("error: ", Path("new"), ": the folder '", folder_,
                                "' may not be written to; check its permissions, or name another "
                                "file"));
}

TEST_F(AtomicFileTest, NamesAFileThatMayNotBeOverwritten) {
  WriteFile(Path("file"), "old");
  ASSERT_EQ(chmod(Path("file").c_str(), 0444), 0);
  ASSERT_EQ(chmod(folder_.c_str(), 0777), 0);
  const int user = setfsuid(kNobody);
  const std::string error = Write(Path("file"), "x");
  setfsuid(static_cast<uid_t>(user));
  EXPECT_EQ(error, absl::StrCat("error: ", Path("file"),
                                ": may not be overwritten; check its permissions, or name another "
                                "file"));
  EXPECT_EQ(ReadFile(Path("file")), "old");
}

TEST_F(AtomicFileTest, SaysThatLinksGoInACircle) {
  ASSERT_EQ(symlink("loop", Path("loop").c_str()), 0);
  EXPECT_EQ(Write(Path("loop"), "x"),
            absl::StrCat("error: ", Path("loop"),
                         ": cannot be written: Too many levels of symbolic links"));
}

TEST_F(AtomicFileTest, SaysThatTheDiskIsFull) {
  EXPECT_EQ(Write("/dev/full", "x"),
            "error: /dev/full: cannot be written: No space left on device; free some space, or "
            "name a file on another disk");
}

TEST_F(AtomicFileTest, SaysThatTheFileGrowsTooLarge) {
  WriteFile(Path("file"), "old");
  struct rlimit old;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  const struct rlimit small = {100, old.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string error = Write(Path("file"), std::string(1000, 'x'));
  setrlimit(RLIMIT_FSIZE, &old);
  signal(SIGXFSZ, SIG_DFL);
  EXPECT_EQ(error, absl::StrCat("error: ", Path("file"),
                                ": cannot be written: File too large; raise the limit of file "
                                "sizes (ulimit -f)"));
  EXPECT_EQ(ReadFile(Path("file")), "old");
  EXPECT_THAT(Names(), ElementsAre("file"));
}

TEST_F(AtomicFileTest, SaysThatAnInputBecameShorter) {
  constexpr size_t kSize = 1 << 20;
  WriteFile(Path("input"), std::string(kSize, 'x'));
  const int fd = open(Path("input").c_str(), O_RDWR);
  void* memory = mmap(nullptr, kSize, PROT_READ, MAP_PRIVATE, fd, 0);
  ASSERT_NE(memory, MAP_FAILED);
  ASSERT_EQ(ftruncate(fd, 0), 0);
  close(fd);
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(Path("new"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->Append({static_cast<const uint8_t*>(memory), kSize}).message(),
            absl::StrCat("error: ", Path("new"),
                         ": cannot be written: an input file became shorter while it was read; "
                         "leave the input files alone until the output is there"));
  munmap(memory, kSize);
}

TEST_F(AtomicFileTest, WritesManyFilesAtATimeButNotAnyNumber) {
  std::vector<AtomicFile> files;
  for (int i = 0; i < RemoveOnSignal::kMaxFiles; ++i) {
    absl::StatusOr<AtomicFile> file = AtomicFile::Create(Path(absl::StrCat(i)));
    ASSERT_TRUE(file.ok()) << file.status();
    files.push_back(*std::move(file));
  }
  EXPECT_EQ(Write(Path("more"), "x"),
            absl::StrCat("error: ", Path("more"),
                         ": cannot be written: Too many open files; write fewer files at a time"));
  files.clear();
  EXPECT_EQ(Write(Path("more"), "x"), "");
}

}  // namespace
}  // namespace q_implant
