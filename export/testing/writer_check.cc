// SPDX-License-Identifier: Apache-2.0
#include "export/testing/writer_check.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "export/temporary_file.h"
#include "export/testing/fault_sweep.h"
#include "export/testing/faulty_file_system.h"
#include "export/testing/scratch_folder.h"
#include "gtest/gtest.h"

namespace q_implant {
namespace {

class OwnFolder {
 public:
  OwnFolder() : path_(MakeScratchFolder()) {}
  ~OwnFolder() { std::filesystem::remove_all(path_); }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void Put(const std::string& folder, const std::string& name, const std::string& bytes) {
  std::ofstream(absl::StrCat(folder, "/", name), std::ios::binary) << bytes;
}

// The folder before the run, with other bytes in the files that it replaces.
void PutOldFiles(const std::string& folder, const FolderSnapshot& written) {
  Put(folder, "neighbour", "somebody's");
  for (const auto& [name, entry] : written) Put(folder, name, absl::StrCat("old ", name));
}

bool IsTemporary(const std::string& name) {
  return absl::StartsWith(name, ".q-implant-") && absl::EndsWith(name, ".tmp");
}

size_t RemoveTemporaries(FolderSnapshot& snapshot) {
  return std::erase_if(snapshot, [](const auto& entry) { return IsTemporary(entry.first); });
}

void ExpectOldOrNew(const FolderSnapshot& now, const FolderSnapshot& before,
                    const FolderSnapshot& after) {
  EXPECT_EQ(now.size(), before.size());
  for (const auto& [name, entry] : now) {
    ASSERT_EQ(before.count(name), 1u) << name;
    EXPECT_TRUE(entry == before.at(name) || entry == after.at(name)) << name;
  }
}

class WriterCheck {
 public:
  explicit WriterCheck(WriterOfFiles write) : write_(write) {
    const OwnFolder folder;
    FaultyFileSystem files;
    EXPECT_EQ(write_(folder.path(), files), absl::OkStatus());
    written_ = SnapshotOf(folder.path());
    EXPECT_FALSE(written_.empty());
  }

  size_t Run() {
    const size_t faults = SweepFaults([this](const Fault& fault) { return MeetsFault(fault); });
    return faults + SweepEndings([this](const Ending& ending) { return Ends(ending); });
  }

 private:
  bool MeetsFault(const Fault& fault) {
    const OwnFolder folder;
    PutOldFiles(folder.path(), written_);
    const FolderSnapshot before = SnapshotOf(folder.path());
    FaultyFileSystem files(fault.Script());
    const absl::Status status = write_(folder.path(), files);
    SCOPED_TRACE(absl::StrCat(fault.ToString(), " ", status.message()));
    FolderSnapshot now = SnapshotOf(folder.path());
    const bool removal_failed =
        std::any_of(files.failed().begin(), files.failed().end(),
                    [](const SystemCall& call) { return call.name == "Remove"; });
    EXPECT_TRUE(RemoveTemporaries(now) == 0 || removal_failed);
    ExpectOldOrNew(now, before, After());
    EXPECT_EQ(files.open_files(), 0u);
    if (status.ok()) {
      EXPECT_EQ(now, After());
    } else {
      EXPECT_TRUE(absl::StrContains(status.message(), folder.path()));
      EXPECT_TRUE(TellsReason(status.message(), fault.error));
    }
    ExpectThatTheNextRunIsWell(folder.path());
    return !files.failed().empty();
  }

  bool Ends(const Ending& ending) {
    const OwnFolder folder;
    PutOldFiles(folder.path(), written_);
    const FolderSnapshot before = SnapshotOf(folder.path());
    FaultyFileSystem files(ending.Script());
    const bool told_ok = write_(folder.path(), files).ok();
    if (!files.ended()) return false;
    SCOPED_TRACE(absl::StrCat("ended at ", files.calls().back().ToString()));
    files.LosePower(/*keep_renames=*/true);
    FolderSnapshot now = SnapshotOf(folder.path());
    RemoveTemporaries(now);
    ExpectOldOrNew(now, before, After());
    EXPECT_TRUE(now == After() || !told_ok);
    ExpectThatTheNextRunIsWell(folder.path());
    return true;
  }

  // Old files and new ones have the same modes: those that the umask leaves.
  FolderSnapshot After() const {
    FolderSnapshot after = written_;
    after["neighbour"] = NeighbourEntry();
    return after;
  }
  static std::string NeighbourEntry() {
    const OwnFolder folder;
    Put(folder.path(), "neighbour", "somebody's");
    return SnapshotOf(folder.path()).at("neighbour");
  }

  void ExpectThatTheNextRunIsWell(const std::string& folder) {
    FaultyFileSystem well;
    RemoveLeftovers(folder, well);  // Create does so once in a process
    EXPECT_EQ(write_(folder, well), absl::OkStatus());
    EXPECT_EQ(SnapshotOf(folder), After());
  }

  WriterOfFiles write_;
  FolderSnapshot written_;
};

}  // namespace

size_t CheckWriter(WriterOfFiles write) { return WriterCheck(write).Run(); }

}  // namespace q_implant
