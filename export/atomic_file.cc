// SPDX-License-Identifier: Apache-2.0
#include "export/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>

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

// fsync of what is no file on a disk, and of folders on file systems that can't.
bool KnowsNoSync(int error) { return error == EINVAL || error == ENOTSUP; }

}  // namespace

absl::StatusOr<AtomicFile> AtomicFile::Create(const std::string& path, FileSystem& files,
                                              const TemporaryFile::NameSource& names) {
  AtomicFile file(path, files);
  absl::Status opened = file.Open(names);
  if (!opened.ok()) return opened;
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : files_(other.files_),
      path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::move(other.temporary_)),
      direct_(std::exchange(other.direct_, -1)),
      pending_(std::move(other.pending_)) {}

AtomicFile::~AtomicFile() {
  if (direct_ >= 0) files_.Close(direct_);
}

absl::Status AtomicFile::Open(const TemporaryFile::NameSource& names) {
  if (path_.empty()) return Error("no name of an output file is given", "name one");
  const LinkTarget target = FollowLinks(path_, files_);
  if (target.error != 0) return WriteError(target.error);
  target_ = target.path;
  if (target.descriptor >= 0) {
    direct_ = files_.Duplicate(target.descriptor);
    return direct_ >= 0 ? absl::OkStatus() : WriteError(errno);
  }

  struct stat old;
  const bool exists = files_.Stat(target_, &old) == 0;
  if (!exists && errno != ENOENT && errno != ENOTDIR) return WriteError(errno);
  if (exists ? S_ISDIR(old.st_mode) : absl::EndsWith(target_, "/")) {
    return Error("is a folder", "name a file inside it");
  }
  if (exists && files_.CheckWritable(target_) != 0) {
    if (errno != EACCES && errno != EPERM) return WriteError(errno);
    return Error("may not be overwritten", "check its permissions, or name another file");
  }
  if (exists && !S_ISREG(old.st_mode)) {
    direct_ = files_.Open(target_, O_WRONLY | O_CLOEXEC);
    return direct_ >= 0 ? absl::OkStatus() : WriteError(errno);
  }

  absl::Status opened = OpenTemporary(names);
  if (opened.ok() && exists && files_.SetMode(descriptor(), old.st_mode & 07777) != 0) {
    return WriteError(errno);
  }
  return opened;
}

absl::Status AtomicFile::OpenTemporary(const TemporaryFile::NameSource& names) {
  const std::string folder = FolderOf(target_);
  temporary_ = TemporaryFile::Create(folder, files_, names);
  if (temporary_ != nullptr) return absl::OkStatus();
  switch (errno) {
    case ENOENT:
      return Error(absl::StrCat("the folder '", folder, "' does not exist"),
                   "make it, or name another file");
    case ENOTDIR:
      return Error(absl::StrCat("'", folder, "' is not a folder"), "name another file");
    case EACCES:
    case EPERM:
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
  if (temporary_ == nullptr) return CommitDirect();
  if (files_.Sync(descriptor()) != 0) return WriteError(errno);
  if (const int error = temporary_->TakePlaceOf(target_); error != 0) return WriteError(error);
  temporary_.reset();
  return SyncFolder();
}

absl::Status AtomicFile::CommitDirect() {
  int error = files_.Sync(direct_) == 0 || KnowsNoSync(errno) ? 0 : errno;
  // A descriptor is closed also where close was interrupted, and all is on the disk already.
  if (files_.Close(std::exchange(direct_, -1)) != 0 && error == 0 && errno != EINTR) error = errno;
  return error == 0 ? absl::OkStatus() : WriteError(error);
}

// The new entry of the folder: until it is on the disk a power cut may bring the old file back.
absl::Status AtomicFile::SyncFolder() const {
  const std::string name = FolderOf(target_);
  const int folder = files_.Open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int error = folder >= 0 ? 0 : errno;
  // A folder that may be written to but not read is all right.
  if (error == EACCES || error == EPERM) return absl::OkStatus();
  if (folder >= 0) {
    if (files_.Sync(folder) != 0 && !KnowsNoSync(errno)) error = errno;
    files_.Close(folder);
  }
  if (error == 0) return absl::OkStatus();
  return ErrorStatus(absl::StatusCode::kDataLoss,
                     {.file = path_,
                      .problem = absl::StrCat("is written, but its folder '", name,
                                              "' cannot be brought to the disk: ", strerror(error)),
                      .advice = "check the disk: a power cut may bring the file from before back"});
}

absl::Status AtomicFile::Flush() {
  absl::Status written = Write(pending_);
  pending_.clear();
  return written;
}

absl::Status AtomicFile::Write(absl::Span<const uint8_t> bytes) {
  return files_.WriteAll(descriptor(), bytes) == 0 ? absl::OkStatus() : WriteError(errno);
}

absl::Status AtomicFile::Error(std::string problem, std::string advice) const {
  return ErrorStatus(absl::StatusCode::kFailedPrecondition,
                     {.file = path_, .problem = std::move(problem), .advice = std::move(advice)});
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
    case EROFS:
      return Error(std::move(problem), "name a file on another disk");
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

absl::Status WriteFileAtomically(const std::string& path,
                                 std::initializer_list<absl::Span<const uint8_t>> pieces,
                                 FileSystem& files) {
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(path, files);
  if (!file.ok()) return file.status();
  for (absl::Span<const uint8_t> piece : pieces) {
    if (absl::Status status = file->Append(piece); !status.ok()) return status;
  }
  return file->Commit();
}

absl::Status WriteFileAtomically(const std::string& path, absl::string_view text,
                                 FileSystem& files) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  return WriteFileAtomically(path, {absl::MakeConstSpan(bytes, text.size())}, files);
}

}  // namespace q_implant
