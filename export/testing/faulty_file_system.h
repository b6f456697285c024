// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_TESTING_FAULTY_FILE_SYSTEM_H_
#define Q_IMPLANT_EXPORT_TESTING_FAULTY_FILE_SYSTEM_H_

#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "export/file_system.h"

namespace q_implant {

struct SystemCall {
  size_t number = 0;  // the first is 1
  std::string name;   // of the function of FileSystem
  std::string path;   // of what it acts on, also where that is open; the first of two

  std::string ToString() const { return name + " " + path; }
};

// What becomes of a system call.
struct Fate {
  int error = 0;      // it does nothing and fails so (Close closes all the same, as Linux does)
  bool ends = false;  // the process ends before it is done, as by kill -9
  size_t most_bytes = std::numeric_limits<size_t>::max();  // of a write: what is done of it, before
                                                           // it succeeds or the process ends
};

// The machine's file system, but each call meets the fate that a script gives it. fsync is not
// made, but remembered: what it has not brought to the disk goes in LosePower.
class FaultyFileSystem : public FileSystem {
 public:
  using Script = std::function<Fate(const SystemCall&)>;

  explicit FaultyFileSystem(Script script = [](const SystemCall&) { return Fate{}; });
  ~FaultyFileSystem() override;

  // Those that a process has made while it lived.
  const std::vector<SystemCall>& calls() const { return calls_; }
  // Those of them that were made to fail.
  const std::vector<SystemCall>& failed() const { return failed_; }
  bool ended() const { return ended_; }
  bool renamed() const { return renamed_; }
  size_t open_files() const { return open_.size(); }

  // Takes from the disk what may not have got there: the bytes of files that were not synced, and
  // unless `keep_renames`, the renames in folders that were not.
  void LosePower(bool keep_renames);

 private:
  struct File {
    std::string path;
    off_t written = 0;
    off_t synced = 0;
  };
  struct Renaming {
    std::string from;
    std::string to;
    std::string backup;  // empty where `to` was not there
  };

  Fate Meet(const char* name, const std::string& path);
  int Failure(const char* name, const std::string& path);
  void End();
  const std::string& PathOf(int descriptor) const;

  int DoOpen(const std::string& path, int flags, mode_t mode) override;
  int DoDuplicate(int descriptor) override;
  int DoClose(int descriptor) override;
  ssize_t DoWrite(int descriptor, absl::Span<const uint8_t> bytes) override;
  int DoSync(int descriptor) override;
  int DoSetMode(int descriptor, mode_t mode) override;
  int DoLock(int descriptor) override;
  int DoStat(const std::string& path, struct stat* info) override;
  int DoLinkStat(const std::string& path, struct stat* info) override;
  int DoOpenStat(int descriptor, struct stat* info) override;
  int DoCheckWritable(const std::string& path) override;
  int DoReadLink(const std::string& path, std::string* to) override;
  int DoRealPath(const std::string& path, std::string* real) override;
  int DoRename(const std::string& from, const std::string& to) override;
  int DoRemove(const std::string& path) override;
  int DoList(const std::string& folder, absl::FunctionRef<void(absl::string_view)> tell) override;
  int DoMakeFolders(const std::string& path) override;

  Script script_;
  std::string backups_;  // a folder
  std::vector<SystemCall> calls_;
  std::vector<SystemCall> failed_;
  bool ended_ = false;
  bool renamed_ = false;
  std::vector<File> files_;          // all that were opened
  std::map<int, size_t> open_;       // descriptor → index in files_
  std::vector<Renaming> renamings_;  // that no folder's fsync has brought to the disk
};

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_TESTING_FAULTY_FILE_SYSTEM_H_
