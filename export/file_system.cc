// SPDX-License-Identifier: Apache-2.0
#include "export/file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace q_implant {
namespace {

constexpr int kMaxEmptyWrites = 100;

class RealFileSystem final : public FileSystem {
  int DoOpen(const std::string& path, int flags, mode_t mode) override {
    return open(path.c_str(), flags, mode);
  }
  int DoDuplicate(int descriptor) override { return fcntl(descriptor, F_DUPFD_CLOEXEC, 0); }
  int DoClose(int descriptor) override { return close(descriptor); }
  ssize_t DoWrite(int descriptor, absl::Span<const uint8_t> bytes) override {
    return write(descriptor, bytes.data(), bytes.size());
  }
  int DoSync(int descriptor) override { return fsync(descriptor); }
  int DoSetMode(int descriptor, mode_t mode) override { return fchmod(descriptor, mode); }
  int DoLock(int descriptor) override { return flock(descriptor, LOCK_EX | LOCK_NB); }
  int DoStat(const std::string& path, struct stat* info) override {
    return stat(path.c_str(), info);
  }
  int DoLinkStat(const std::string& path, struct stat* info) override {
    return lstat(path.c_str(), info);
  }
  int DoOpenStat(int descriptor, struct stat* info) override { return fstat(descriptor, info); }
  int DoCheckWritable(const std::string& path) override {
    return faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS);
  }
  int DoReadLink(const std::string& path, std::string* to) override {
    char link[PATH_MAX];
    const ssize_t size = readlink(path.c_str(), link, sizeof(link));
    if (size < 0) return -1;
    to->assign(link, static_cast<size_t>(size));
    return 0;
  }
  int DoRealPath(const std::string& path, std::string* real) override {
    char resolved[PATH_MAX];
    if (realpath(path.c_str(), resolved) == nullptr) return -1;
    *real = resolved;
    return 0;
  }
  int DoRename(const std::string& from, const std::string& to) override {
    return rename(from.c_str(), to.c_str());
  }
  int DoRemove(const std::string& path) override { return unlink(path.c_str()); }
  int DoList(const std::string& folder, absl::FunctionRef<void(absl::string_view)> tell) override {
    DIR* entries = opendir(folder.c_str());
    if (entries == nullptr) return -1;
    errno = 0;
    while (const dirent* entry = readdir(entries)) tell(entry->d_name);
    const int error = errno;
    closedir(entries);
    errno = error;
    return error == 0 ? 0 : -1;
  }
  int DoMakeFolders(const std::string& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    errno = error.value();
    return error ? -1 : 0;
  }
};

template <typename Call>
auto Retry(const Call& call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

}  // namespace

FileSystem& FileSystem::Real() {
  static auto& real = *new RealFileSystem;
  return real;
}

int FileSystem::Open(const std::string& path, int flags, mode_t mode) {
  return Retry([&] { return DoOpen(path, flags, mode); });
}

int FileSystem::Duplicate(int descriptor) {
  return Retry([&] { return DoDuplicate(descriptor); });
}

int FileSystem::Close(int descriptor) { return DoClose(descriptor); }

ssize_t FileSystem::Write(int descriptor, absl::Span<const uint8_t> bytes) {
  return Retry([&] { return DoWrite(descriptor, bytes); });
}

int FileSystem::WriteAll(int descriptor, absl::Span<const uint8_t> bytes) {
  for (int empty_writes = 0; !bytes.empty();) {
    const ssize_t size = Write(descriptor, bytes);
    if (size < 0) return -1;
    empty_writes = size == 0 ? empty_writes + 1 : 0;
    if (empty_writes == kMaxEmptyWrites) {
      errno = ENOSPC;
      return -1;
    }
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return 0;
}

int FileSystem::Sync(int descriptor) {
  return Retry([&] { return DoSync(descriptor); });
}

int FileSystem::SetMode(int descriptor, mode_t mode) {
  return Retry([&] { return DoSetMode(descriptor, mode); });
}

int FileSystem::Lock(int descriptor) {
  return Retry([&] { return DoLock(descriptor); });
}

int FileSystem::Stat(const std::string& path, struct stat* info) {
  return Retry([&] { return DoStat(path, info); });
}

int FileSystem::LinkStat(const std::string& path, struct stat* info) {
  return Retry([&] { return DoLinkStat(path, info); });
}

int FileSystem::OpenStat(int descriptor, struct stat* info) {
  return Retry([&] { return DoOpenStat(descriptor, info); });
}

int FileSystem::CheckWritable(const std::string& path) {
  return Retry([&] { return DoCheckWritable(path); });
}

int FileSystem::ReadLink(const std::string& path, std::string* to) {
  return Retry([&] { return DoReadLink(path, to); });
}

int FileSystem::RealPath(const std::string& path, std::string* real) {
  return Retry([&] { return DoRealPath(path, real); });
}

int FileSystem::Rename(const std::string& from, const std::string& to) {
  return Retry([&] { return DoRename(from, to); });
}

int FileSystem::Remove(const std::string& path) {
  return Retry([&] { return DoRemove(path); });
}

int FileSystem::List(const std::string& folder, absl::FunctionRef<void(absl::string_view)> tell) {
  return Retry([&] { return DoList(folder, tell); });
}

int FileSystem::MakeFolders(const std::string& path) {
  return Retry([&] { return DoMakeFolders(path); });
}

}  // namespace q_implant
