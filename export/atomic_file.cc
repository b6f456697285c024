// SPDX-License-Identifier: Apache-2.0
#include "export/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ir/diagnostics.h"

namespace q_implant {
namespace {

constexpr size_t kPendingBytes = 64 << 10;
constexpr int kMaxLinks = 40;  // the kernel's own limit

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return path.substr(0, std::max<size_t>(slash, 1));
}

std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// What a path stands for once the links at its end are followed.
struct Target {
  std::string path;     // need not exist
  int descriptor = -1;  // for /dev/stdout, /dev/fd/3 and the like: an open file of this process
};

// N for "/proc/<this process>/fd/N" however it is written, else -1.
int OwnDescriptor(const std::string& path) {
  char folder[PATH_MAX];
  if (realpath(FolderOf(path).c_str(), folder) == nullptr) return -1;
  int descriptor;
  const bool is_own = folder == absl::StrCat("/proc/", getpid(), "/fd") &&
                      absl::SimpleAtoi(NameOf(path), &descriptor);
  return is_own ? descriptor : -1;
}

Target FollowLinks(std::string path) {
  for (int i = 0; i < kMaxLinks; ++i) {
    const int descriptor = OwnDescriptor(path);
    if (descriptor >= 0) return {path, descriptor};
    char link[PATH_MAX];
    const ssize_t size = readlink(path.c_str(), link, sizeof(link));
    if (size < 0) break;
    const std::string to(link, static_cast<size_t>(size));
    path = absl::StartsWith(to, "/") ? to : absl::StrCat(FolderOf(path), "/", to);
  }
  return {path};
}

// A name in `folder` that no other run uses. A leftover of a run that was killed by SIGKILL may
// have it, if the process number comes again.
std::string TemporaryName(const std::string& folder) {
  static std::atomic<int> count{0};
  return absl::StrCat(folder, "/.q-implant-", getpid(), "-", count++, ".tmp");
}

}  // namespace

absl::StatusOr<AtomicFile> AtomicFile::Create(const std::string& path) {
  AtomicFile file;
  file.path_ = path;
  absl::Status opened = file.Open();
  if (!opened.ok()) return opened;
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, "")),
      on_signal_(std::move(other.on_signal_)),
      fd_(std::exchange(other.fd_, -1)),
      pending_(std::move(other.pending_)) {}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) close(fd_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

absl::Status AtomicFile::Open() {
  if (path_.empty()) return Error("no name of an output file is given", "name one");
  const Target target = FollowLinks(path_);
  target_ = target.path;
  if (target.descriptor >= 0) {
    fd_ = fcntl(target.descriptor, F_DUPFD_CLOEXEC, 0);
    return fd_ >= 0 ? absl::OkStatus() : WriteError(errno);
  }

  struct stat old;
  const bool exists = stat(target_.c_str(), &old) == 0;
  if (!exists && errno != ENOENT && errno != ENOTDIR) return WriteError(errno);
  if (exists ? S_ISDIR(old.st_mode) : absl::EndsWith(target_, "/")) {
    return Error("is a folder", "name a file inside it");
  }
  if (exists && faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0) {
    return Error("may not be overwritten", "check its permissions, or name another file");
  }
  if (exists && !S_ISREG(old.st_mode)) {
    fd_ = open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    return fd_ >= 0 ? absl::OkStatus() : WriteError(errno);
  }

  absl::Status opened = OpenTemporary();
  if (opened.ok() && exists && fchmod(fd_, old.st_mode & 07777) != 0) return WriteError(errno);
  return opened;
}

absl::Status AtomicFile::OpenTemporary() {
  const std::string folder = FolderOf(target_);
  std::string temporary = TemporaryName(folder);
  // First, so that no signal finds the file unwatched.
  on_signal_ = RemoveOnSignal::Watch(temporary);
  if (on_signal_ == nullptr) {
    return Error(
        absl::StrCat("cannot be written while ", RemoveOnSignal::kMaxFiles, " other files are"),
        "write fewer files at a time");
  }
  unlink(temporary.c_str());
  fd_ = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd_ >= 0) {
    temporary_ = std::move(temporary);
    return absl::OkStatus();
  }
  switch (errno) {
    case ENOENT:
      return Error(absl::StrCat("the folder '", folder, "' does not exist"),
                   "make it, or name another file");
    case ENOTDIR:
      return Error(absl::StrCat("'", folder, "' is not a folder"), "name another file");
    case EACCES:
    case EPERM:
    case EROFS:
      return Error(absl::StrCat("the folder '", folder, "' may not be written to"),
                   "check its permissions, or name another file");
    default:
      return WriteError(errno);
  }
}

absl::Status AtomicFile::Append(absl::Span<const uint8_t> bytes) {
  if (bytes.size() >= kPendingBytes) {
    absl::Status flushed = Flush();
    return flushed.ok() ? Write(bytes) : flushed;
  }
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  return pending_.size() >= kPendingBytes ? Flush() : absl::OkStatus();
}

absl::Status AtomicFile::Commit() {
  absl::Status flushed = Flush();
  if (!flushed.ok()) return flushed;
  // What is not a file on a disk cannot be synchronized, which is all right.
  if (fsync(fd_) != 0 && !temporary_.empty()) return WriteError(errno);
  if (close(std::exchange(fd_, -1)) != 0) return WriteError(errno);
  if (temporary_.empty()) return absl::OkStatus();

  if (rename(temporary_.c_str(), target_.c_str()) != 0) return WriteError(errno);
  temporary_.clear();
  on_signal_.reset();
  // The new entry of the folder. The file is there: a folder that may not be opened is no error.
  const int folder = open(FolderOf(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    fsync(folder);
    close(folder);
  }
  return absl::OkStatus();
}

absl::Status AtomicFile::Flush() {
  absl::Status written = Write(pending_);
  pending_.clear();
  return written;
}

absl::Status AtomicFile::Write(absl::Span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t size = write(fd_, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return WriteError(errno);
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return absl::OkStatus();
}

absl::Status AtomicFile::Error(std::string problem, std::string advice) const {
  const Diagnostic diagnostic{
      .file = path_, .problem = std::move(problem), .advice = std::move(advice)};
  return absl::FailedPreconditionError(diagnostic.ToString());
}

absl::Status AtomicFile::WriteError(int error) const {
  std::string problem = absl::StrCat("cannot be written: ", strerror(error));
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return Error(std::move(problem), "free some space, or name a file on another disk");
    case EFBIG:
      return Error(std::move(problem), "raise the limit of file sizes (ulimit -f)");
    case EFAULT:
      return Error("cannot be written: an input file became shorter while it was read",
                   "leave the input files alone until the output is there");
    default:
      return Error(std::move(problem), "");
  }
}

}  // namespace q_implant
