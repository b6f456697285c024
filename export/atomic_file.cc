// SPDX-License-Identifier: Apache-2.0
#include "export/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "export/link_target.h"
#include "ir/diagnostics.h"

namespace q_implant {
namespace {

constexpr size_t kPendingBytes = 64 << 10;

}  // namespace

absl::StatusOr<AtomicFile> AtomicFile::Create(const std::string& path,
                                              const TemporaryFile::NameSource& names) {
  AtomicFile file;
  file.path_ = path;
  absl::Status opened = file.Open(names);
  if (!opened.ok()) return opened;
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::move(other.temporary_)),
      direct_(std::exchange(other.direct_, -1)),
      pending_(std::move(other.pending_)) {}

AtomicFile::~AtomicFile() {
  if (direct_ >= 0) close(direct_);
}

absl::Status AtomicFile::Open(const TemporaryFile::NameSource& names) {
  if (path_.empty()) return Error("no name of an output file is given", "name one");
  const LinkTarget target = FollowLinks(path_);
  target_ = target.path;
  if (target.descriptor >= 0) {
    direct_ = fcntl(target.descriptor, F_DUPFD_CLOEXEC, 0);
    return direct_ >= 0 ? absl::OkStatus() : WriteError(errno);
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
    direct_ = open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    return direct_ >= 0 ? absl::OkStatus() : WriteError(errno);
  }

  absl::Status opened = OpenTemporary(names);
  if (opened.ok() && exists && fchmod(descriptor(), old.st_mode & 07777) != 0)
    return WriteError(errno);
  return opened;
}

absl::Status AtomicFile::OpenTemporary(const TemporaryFile::NameSource& names) {
  const std::string folder = FolderOf(target_);
  temporary_ = TemporaryFile::Create(folder, names);
  if (temporary_ != nullptr) return absl::OkStatus();
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
  if (temporary_ == nullptr) {
    fsync(direct_);  // what is not a file on a disk can't, which is all right
    return close(std::exchange(direct_, -1)) == 0 ? absl::OkStatus() : WriteError(errno);
  }
  if (fsync(descriptor()) != 0) return WriteError(errno);
  if (const int error = temporary_->TakePlaceOf(target_); error != 0) return WriteError(error);
  temporary_.reset();
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
    const ssize_t size = write(descriptor(), bytes.data(), bytes.size());
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
    case EMFILE:
      return Error(std::move(problem), "write fewer files at a time");
    case ESTALE:
      return Error(absl::StrCat("cannot be written: another program removed or replaced ",
                                temporary_ == nullptr ? "its temporary file" : temporary_->path(),
                                ", which holds the new content"),
                   "run again, and let no other program clear the folder meanwhile");
    default:
      return Error(std::move(problem), "");
  }
}

}  // namespace q_implant
