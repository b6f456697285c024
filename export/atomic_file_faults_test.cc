// SPDX-License-Identifier: Apache-2.0
// Every system call of writing a file fails, in every way, or is the last that is made.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "export/atomic_file.h"
#include "export/link_target.h"
#include "export/testing/fault_sweep.h"
#include "export/testing/faulty_file_system.h"
#include "export/testing/scratch_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace q_implant {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kLeftover[] = ".q-implant-000000000000000a.tmp";
constexpr char kInUse[] = ".q-implant-000000000000000b.tmp";
constexpr char kTemporary[] = ".q-implant-000000000000000c.tmp";
constexpr char kOld[] = "what was there before";

// More than one write: a short piece, one that goes past the buffer, a short one.
std::vector<std::string> Pieces() { return {"begin", std::string(100000, 'x'), "end"}; }

std::string NewBytes() { return absl::StrCat(Pieces()[0], Pieces()[1], Pieces()[2]); }

absl::Status WriteNew(const std::string& path, FileSystem& files) {
  absl::StatusOr<AtomicFile> file =
      AtomicFile::Create(path, files, [] { return std::string(kTemporary); });
  if (!file.ok()) return file.status();
  for (const std::string& piece : Pieces()) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(piece.data());
    absl::Status status = file->Append({bytes, piece.size()});
    if (!status.ok()) return status;
  }
  return file->Commit();
}

enum class Kind { kNew, kReplaced, kLinked, kAmongLeftovers };

// A folder of its own with an output to write and what stands around it.
class Scene {
 public:
  explicit Scene(Kind kind) : kind_(kind), folder_(MakeScratchFolder()) {
    Put("neighbour", "somebody's");
    Put(".q-implant-notes.tmp", "no temporary file's name");
    if (kind != Kind::kNew) Put("output", kOld);
    if (kind != Kind::kNew) fs::permissions(Path("output"), fs::perms(0640));
    if (kind == Kind::kLinked) {
      fs::create_directory(Path("sub"));
      fs::create_symlink(Path("output"), Path("sub/link"));
      fs::create_symlink("sub/link", Path("link"));
    }
    if (kind == Kind::kAmongLeftovers) {
      Put(kLeftover, "half a model");
      Put(kInUse, "another run's");
      in_use_ = open(Path(kInUse).c_str(), O_RDWR | O_CLOEXEC);
      EXPECT_EQ(flock(in_use_, LOCK_EX | LOCK_NB), 0);
    }
    before_ = SnapshotOf(folder_);
  }
  ~Scene() {
    if (in_use_ >= 0) close(in_use_);
    fs::remove_all(folder_);
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  // As the caller names it.
  std::string output() const { return Path(kind_ == Kind::kLinked ? "link" : "output"); }
  std::string temporary() const { return Path(kTemporary); }
  std::string leftover() const { return Path(kLeftover); }
  const std::string& folder() const { return folder_; }
  std::string Path(const std::string& name) const { return absl::StrCat(folder_, "/", name); }

  FolderSnapshot Now() const { return SnapshotOf(folder_); }
  FolderSnapshot Before() const { return before_; }
  FolderSnapshot After() const {
    FolderSnapshot after = before_;
    const fs::perms mode = kind_ == Kind::kNew ? fs::perms(0644) : fs::perms(0640);
    after["output"] = FileEntry(mode, NewBytes());
    after.erase(kLeftover);
    return after;
  }

  // What the next run makes of it, whatever this one left.
  void ExpectThatTheNextRunIsWell() const {
    FaultyFileSystem well;
    RemoveLeftovers(folder_, well);  // Create does so once in a process
    EXPECT_EQ(WriteNew(output(), well), absl::OkStatus());
    EXPECT_EQ(Now(), After());
  }

 private:
  void Put(const std::string& name, absl::string_view bytes) const {
    std::ofstream(Path(name), std::ios::binary) << bytes;
  }

  Kind kind_;
  std::string folder_;
  int in_use_ = -1;
  FolderSnapshot before_;
};

// Calls without which the file is whole all the same: those that clear the folder of what other
// runs left, those that close what is on the disk already, the lock on file systems that have none.
bool IsNeedless(const SystemCall& call, int error, const Scene& scene) {
  const bool of_folder = call.path == scene.folder();
  if (call.path == scene.leftover() || call.path == scene.Path(kInUse)) return true;
  if (call.name == "Lock" || call.name == "Close") return true;
  if (of_folder && (call.name == "Stat" || call.name == "List")) return true;
  // A folder that may be written to but not read.
  return of_folder && call.name == "Open" && (error == EACCES || error == EPERM);
}

bool Holds(const std::vector<SystemCall>& calls, absl::string_view name, absl::string_view path) {
  return std::any_of(calls.begin(), calls.end(), [&](const SystemCall& call) {
    return call.name == name && call.path == path;
  });
}

// The umask decides on the mode of a new file.
class Umask {
 public:
  Umask() : before_(umask(022)) {}
  ~Umask() { umask(before_); }

 private:
  mode_t before_;
};

class AtomicFileCallsTest : public ::testing::Test {
  Umask umask_;
};

class AtomicFileFaultsTest : public ::testing::TestWithParam<Kind> {
  Umask umask_;
};

std::string NameOfKind(const ::testing::TestParamInfo<Kind>& info) {
  switch (info.param) {
    case Kind::kNew:
      return "New";
    case Kind::kReplaced:
      return "Replaced";
    case Kind::kLinked:
      return "Linked";
    case Kind::kAmongLeftovers:
      return "AmongLeftovers";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(Kinds, AtomicFileFaultsTest,
                         ::testing::Values(Kind::kNew, Kind::kReplaced, Kind::kLinked,
                                           Kind::kAmongLeftovers),
                         NameOfKind);

// The folder, once the run is over: each file is the old or the new one, and nothing else changed.
void CheckFolder(const Scene& scene, const FaultyFileSystem& files) {
  FolderSnapshot now = scene.Now();
  FolderSnapshot expected = files.renamed() ? scene.After() : scene.Before();
  const bool temporary_may_stay = Holds(files.failed(), "Remove", scene.temporary());
  if (temporary_may_stay) now.erase(kTemporary);
  // The leftover goes whatever becomes of the rest, unless it was its removal that failed.
  EXPECT_TRUE(now.count(kLeftover) == 0 || !files.failed().empty());
  now.erase(kLeftover);
  expected.erase(kLeftover);
  EXPECT_EQ(now, expected);
}

TEST_P(AtomicFileFaultsTest, AnyFailureLeavesTheOldFileOrTheNewOne) {
  const auto run = [](const Fault& fault) {
    const Scene scene(GetParam());
    FaultyFileSystem files(fault.Script());
    const absl::Status status = WriteNew(scene.output(), files);
    const std::vector<SystemCall>& failed = files.failed();
    SCOPED_TRACE(absl::StrCat(fault.ToString(), failed.empty() ? "" : failed[0].ToString(), " ",
                              status.message()));
    const bool whole =
        fault.error == EINTR || std::all_of(failed.begin(), failed.end(), [&](const auto& call) {
          return IsNeedless(call, fault.error, scene);
        });
    EXPECT_EQ(status.ok(), whole);
    EXPECT_TRUE(files.renamed() || !status.ok());
    EXPECT_EQ(absl::IsDataLoss(status), files.renamed() && !status.ok());
    if (!status.ok()) {
      EXPECT_THAT(std::string(status.message()), HasSubstr(scene.output()));
      EXPECT_TRUE(TellsReason(status.message(), fault.error));
    }
    CheckFolder(scene, files);
    EXPECT_EQ(files.open_files(), 0u);
    scene.ExpectThatTheNextRunIsWell();
    return !failed.empty();
  };
  EXPECT_GT(SweepFaults(run), 300u);
}

// By kill -9, or by a power cut that takes what was not synced.
TEST_P(AtomicFileFaultsTest, AnEndAtAnyCallLeavesTheOldFileOrTheNewOne) {
  enum class Loss { kNothing, kBytes, kBytesAndRenames };
  for (Loss loss : {Loss::kNothing, Loss::kBytes, Loss::kBytesAndRenames}) {
    const auto run = [&](const Ending& ending) {
      const Scene scene(GetParam());
      FaultyFileSystem files(ending.Script());
      const absl::Status told = WriteNew(scene.output(), files);
      if (!files.ended()) return false;
      SCOPED_TRACE(absl::StrCat("ended at ", files.calls().back().ToString(), " loss ",
                                static_cast<int>(loss)));
      if (loss != Loss::kNothing) files.LosePower(loss == Loss::kBytes);
      FolderSnapshot now = scene.Now();
      now.erase(kTemporary);
      now.erase(kLeftover);
      FolderSnapshot before = scene.Before();
      before.erase(kLeftover);
      EXPECT_TRUE(now == before || now == scene.After());
      EXPECT_TRUE(now == scene.After() || !told.ok()) << "it was promised";
      scene.ExpectThatTheNextRunIsWell();
      return true;
    };
    EXPECT_GT(SweepEndings(run), 20u);
  }
}

TEST_P(AtomicFileFaultsTest, ShortWritesMakeAWholeFile) {
  for (size_t most : {size_t{1}, size_t{4095}}) {
    const Scene scene(GetParam());
    FaultyFileSystem files([&](const SystemCall&) { return Fate{.most_bytes = most}; });
    EXPECT_EQ(WriteNew(scene.output(), files), absl::OkStatus());
    EXPECT_EQ(scene.Now(), scene.After());
  }
}

TEST_P(AtomicFileFaultsTest, AnEmptyWriteIsMadeAgain) {
  const Scene scene(GetParam());
  int n = 0;
  FaultyFileSystem files([&](const SystemCall& call) {
    return Fate{.most_bytes = call.name == "Write" && ++n % 2 == 1 ? size_t{0} : size_t{5000}};
  });
  EXPECT_EQ(WriteNew(scene.output(), files), absl::OkStatus());
  EXPECT_EQ(scene.Now(), scene.After());
}

TEST_P(AtomicFileFaultsTest, WritesThatStayEmptyEnd) {
  const Scene scene(GetParam());
  FaultyFileSystem files([&](const SystemCall&) { return Fate{.most_bytes = 0}; });
  EXPECT_EQ(WriteNew(scene.output(), files).message(),
            absl::StrCat("error: ", scene.output(),
                         ": cannot be written: No space left on device; free some space, or name a "
                         "file on another disk"));
  CheckFolder(scene, files);
}

TEST_P(AtomicFileFaultsTest, ASignalAtEveryCallChangesNothing) {
  const Scene scene(GetParam());
  bool again = false;
  FaultyFileSystem files([&](const SystemCall& call) {
    again = !again || call.name == "Close";
    return Fate{.error = again ? EINTR : 0};
  });
  EXPECT_EQ(WriteNew(scene.output(), files), absl::OkStatus());
  EXPECT_EQ(scene.Now(), scene.After());
}

TEST_F(AtomicFileCallsTest, MakesTheseCalls) {
  const Scene scene(Kind::kReplaced);
  FaultyFileSystem files;
  ASSERT_EQ(WriteNew(scene.output(), files), absl::OkStatus());
  std::vector<std::string> calls;
  for (const SystemCall& call : files.calls()) {
    calls.push_back(absl::StrCat(call.name, " ",
                                 call.path == scene.folder() ? "the folder" : NameOf(call.path)));
  }
  const auto temporary = [](absl::string_view name) { return absl::StrCat(name, " ", kTemporary); };
  EXPECT_THAT(calls, ElementsAre("RealPath the folder", "ReadLink output", "Stat output",
                                 "CheckWritable output", "Stat the folder", "List the folder",
                                 temporary("Open"), temporary("OpenStat"), temporary("Lock"),
                                 temporary("LinkStat"), temporary("SetMode"), temporary("Write"),
                                 temporary("Write"), temporary("Write"), temporary("Sync"),
                                 temporary("LinkStat"), temporary("Rename"), "Close output",
                                 "Open the folder", "Sync the folder", "Close the folder"));
}

// As if others took each for a leftover before it has its lock.
TEST_F(AtomicFileCallsTest, TemporariesThatOthersAlwaysLockEnd) {
  const Scene scene(Kind::kReplaced);
  FaultyFileSystem files(
      [](const SystemCall& call) { return Fate{.error = call.name == "Lock" ? EWOULDBLOCK : 0}; });
  EXPECT_EQ(WriteNew(scene.output(), files).message(),
            absl::StrCat("error: ", scene.output(), ": cannot be written: File exists"));
  EXPECT_EQ(scene.Now(), scene.Before());
}

// --- what is written where it stands: a descriptor that the program was given

TEST_F(AtomicFileCallsTest, AnyFailureOfAnOpenFileIsTold) {
  const auto run = [](const Fault& fault) {
    const Scene scene(Kind::kReplaced);
    const int given = open(scene.Path("output").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    const std::string path = absl::StrCat("/dev/fd/", given);
    FaultyFileSystem files(fault.Script());
    const absl::Status status = WriteNew(path, files);
    close(given);
    SCOPED_TRACE(absl::StrCat(fault.ToString(), " ", status.message()));
    FolderSnapshot now = scene.Now();
    const std::string bytes = FileBytes(scene.Path("output"));
    EXPECT_EQ(status.ok(), files.failed().empty() || fault.error == EINTR);
    if (status.ok()) {
      EXPECT_EQ(bytes, absl::StrCat(kOld, NewBytes()));
    } else {
      EXPECT_THAT(std::string(status.message()), HasSubstr(path));
      EXPECT_TRUE(TellsReason(status.message(), fault.error));
      EXPECT_TRUE(absl::StartsWith(absl::StrCat(kOld, NewBytes()), bytes));
    }
    now["output"] = scene.Before().at("output");
    EXPECT_EQ(now, scene.Before());
    EXPECT_EQ(files.open_files(), 0u);
    return !files.failed().empty();
  };
  EXPECT_GT(SweepFaults(run), 100u);
}

}  // namespace
}  // namespace q_implant
