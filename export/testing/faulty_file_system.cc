// SPDX-License-Identifier: Apache-2.0
#include "export/testing/faulty_file_system.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "export/link_target.h"
#include "export/testing/scratch_folder.h"
#include "gtest/gtest.h"

namespace q_implant {

FaultyFileSystem::FaultyFileSystem(Script script)
    : script_(std::move(script)), backups_(MakeScratchFolder()) {}

FaultyFileSystem::~FaultyFileSystem() {
  End();
  std::error_code ignored;
  std::filesystem::remove_all(backups_, ignored);
}

void FaultyFileSystem::LosePower(bool keep_renames) {
  End();
  for (const File& file : files_) {
    struct stat info;
    if (file.synced == file.written || stat(file.path.c_str(), &info) != 0) continue;
    EXPECT_EQ(truncate(file.path.c_str(), info.st_size - (file.written - file.synced)), 0);
  }
  if (keep_renames) return;
  for (auto undo = renamings_.rbegin(); undo != renamings_.rend(); ++undo) {
    EXPECT_EQ(rename(undo->to.c_str(), undo->from.c_str()), 0);
    if (undo->backup.empty()) continue;
    EXPECT_EQ(rename(undo->backup.c_str(), undo->to.c_str()), 0);
  }
}

// The kernel closes what a process has open when it ends, and so unlocks it.
void FaultyFileSystem::End() {
  ended_ = true;
  for (const auto& [descriptor, file] : open_) close(descriptor);
  open_.clear();
}

Fate FaultyFileSystem::Meet(const char* name, const std::string& path) {
  Fate fate;
  if (!ended_) {
    const SystemCall& call = calls_.emplace_back(SystemCall{calls_.size() + 1, name, path});
    fate = script_(call);
    if (fate.error != 0) failed_.push_back(call);
  }
  errno = fate.error;
  return fate;
}

// 0 where the call is made.
int FaultyFileSystem::Failure(const char* name, const std::string& path) {
  const Fate fate = Meet(name, path);
  if (fate.ends) End();
  if (ended_) errno = EIO;  // nobody reads it
  return ended_ || fate.error != 0 ? -1 : 0;
}

const std::string& FaultyFileSystem::PathOf(int descriptor) const {
  static const auto& other = *new std::string("?");
  const auto found = open_.find(descriptor);
  return found == open_.end() ? other : files_[found->second].path;
}

int FaultyFileSystem::DoOpen(const std::string& path, int flags, mode_t mode) {
  if (Failure("Open", path) != 0) return -1;
  const int descriptor = Real().Open(path, flags, mode);
  if (descriptor >= 0) {
    open_[descriptor] = files_.size();
    files_.push_back({path});
  }
  return descriptor;
}

int FaultyFileSystem::DoDuplicate(int descriptor) {
  const std::string path = absl::StrCat("/dev/fd/", descriptor);
  if (Failure("Duplicate", path) != 0) return -1;
  const int copy = Real().Duplicate(descriptor);
  if (copy >= 0) {
    open_[copy] = files_.size();
    files_.push_back({path});
  }
  return copy;
}

int FaultyFileSystem::DoClose(int descriptor) {
  const int failure = Failure("Close", PathOf(descriptor));
  const int error = errno;
  if (open_.erase(descriptor) > 0) Real().Close(descriptor);
  errno = error;
  return failure;
}

ssize_t FaultyFileSystem::DoWrite(int descriptor, absl::Span<const uint8_t> bytes) {
  const Fate fate = Meet("Write", PathOf(descriptor));
  if (ended_ || fate.error != 0) return -1;
  const absl::Span<const uint8_t> done = bytes.subspan(0, fate.most_bytes);
  const ssize_t size = done.empty() ? 0 : Real().Write(descriptor, done);
  if (size > 0) files_[open_.at(descriptor)].written += size;
  if (fate.ends) End();
  return fate.ends ? -1 : size;
}

int FaultyFileSystem::DoSync(int descriptor) {
  if (Failure("Sync", PathOf(descriptor)) != 0) return -1;
  File& file = files_[open_.at(descriptor)];
  file.synced = file.written;
  renamings_.erase(
      std::remove_if(renamings_.begin(), renamings_.end(),
                     [&](const Renaming& renaming) { return FolderOf(renaming.to) == file.path; }),
      renamings_.end());
  return 0;
}

int FaultyFileSystem::DoSetMode(int descriptor, mode_t mode) {
  return Failure("SetMode", PathOf(descriptor)) != 0 ? -1 : Real().SetMode(descriptor, mode);
}

int FaultyFileSystem::DoLock(int descriptor) {
  return Failure("Lock", PathOf(descriptor)) != 0 ? -1 : Real().Lock(descriptor);
}

int FaultyFileSystem::DoStat(const std::string& path, struct stat* info) {
  return Failure("Stat", path) != 0 ? -1 : Real().Stat(path, info);
}

int FaultyFileSystem::DoLinkStat(const std::string& path, struct stat* info) {
  return Failure("LinkStat", path) != 0 ? -1 : Real().LinkStat(path, info);
}

int FaultyFileSystem::DoOpenStat(int descriptor, struct stat* info) {
  return Failure("OpenStat", PathOf(descriptor)) != 0 ? -1 : Real().OpenStat(descriptor, info);
}

int FaultyFileSystem::DoCheckWritable(const std::string& path) {
  return Failure("CheckWritable", path) != 0 ? -1 : Real().CheckWritable(path);
}

int FaultyFileSystem::DoReadLink(const std::string& path, std::string* to) {
  return Failure("ReadLink", path) != 0 ? -1 : Real().ReadLink(path, to);
}

int FaultyFileSystem::DoRealPath(const std::string& path, std::string* real) {
  return Failure("RealPath", path) != 0 ? -1 : Real().RealPath(path, real);
}

int FaultyFileSystem::DoRename(const std::string& from, const std::string& to) {
  if (Failure("Rename", from) != 0) return -1;
  std::string backup = absl::StrCat(backups_, "/", renamings_.size());
  if (link(to.c_str(), backup.c_str()) != 0) backup.clear();
  if (Real().Rename(from, to) != 0) return -1;
  renamed_ = true;
  renamings_.push_back({from, to, backup});
  for (File& file : files_) {
    if (file.path == from) file.path = to;
  }
  return 0;
}

int FaultyFileSystem::DoRemove(const std::string& path) {
  return Failure("Remove", path) != 0 ? -1 : Real().Remove(path);
}

int FaultyFileSystem::DoList(const std::string& folder,
                             absl::FunctionRef<void(absl::string_view)> tell) {
  return Failure("List", folder) != 0 ? -1 : Real().List(folder, tell);
}

int FaultyFileSystem::DoMakeFolders(const std::string& path) {
  return Failure("MakeFolders", path) != 0 ? -1 : Real().MakeFolders(path);
}

}  // namespace q_implant
