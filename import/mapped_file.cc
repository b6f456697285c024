// SPDX-License-Identifier: Apache-2.0
#include "import/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ir/diagnostics.h"

namespace q_implant {
namespace {

absl::Status Error(absl::StatusCode code, const std::string& path, std::string problem,
                   std::string advice) {
  return ErrorStatus(code,
                     {.file = path, .problem = std::move(problem), .advice = std::move(advice)});
}

absl::Status OpenError(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Error(absl::StatusCode::kNotFound, path, "there is no such file",
                   "check the name and the folder");
    case EACCES:
    case EPERM:
      return Error(absl::StatusCode::kPermissionDenied, path, "may not be read",
                   "check the permissions of the file and of its folders");
    default:
      return Error(absl::ErrnoToStatusCode(error), path,
                   absl::StrCat("cannot be opened: ", strerror(error)), "");
  }
}

absl::Status ReadError(const std::string& path, int error) {
  if (error == ENOMEM) {
    return Error(
        absl::StatusCode::kResourceExhausted, path, "there is not enough memory to read it",
        "raise the limit (ulimit -v, that of the container), or run on a machine with more");
  }
  return Error(absl::StatusCode::kUnavailable, path,
               absl::StrCat("cannot be read: ", strerror(error)),
               "check the disk, or copy the file elsewhere");
}

absl::StatusOr<Bytes> ReadStream(int fd, const std::string& path, size_t limit) {
  std::vector<uint8_t> content;
  for (size_t end = 0;;) {
    content.resize(std::max<size_t>(64 << 10, 2 * end));
    const ssize_t got = read(fd, content.data() + end, content.size() - end);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ReadError(path, errno);
    end += static_cast<size_t>(got);
    if (got == 0) {
      content.resize(end);
      content.shrink_to_fit();
      return Bytes::Own(std::move(content));
    }
    if (end > limit) {
      return Error(absl::StatusCode::kOutOfRange, path,
                   absl::StrCat("is a stream that does not end within ", limit, " bytes"),
                   "write it to a file first, which may be larger");
    }
  }
}

absl::StatusOr<Bytes> Map(const std::string& path, bool streams, size_t stream_limit) {
  // Opening a pipe waits for somebody who writes to it, unless told not to.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | (streams ? 0 : O_NONBLOCK));
  if (fd < 0) return OpenError(path, errno);
  const auto close_file = absl::MakeCleanup([fd] { close(fd); });

  struct stat info;
  if (fstat(fd, &info) != 0) return ReadError(path, errno);
  if (S_ISDIR(info.st_mode)) {
    return Error(absl::StatusCode::kFailedPrecondition, path, "is a folder",
                 "name a file inside it");
  }
  const bool regular = S_ISREG(info.st_mode);
  if (!regular && !streams) {
    return Error(absl::StatusCode::kFailedPrecondition, path, "is a pipe or a device",
                 "name a file");
  }
  if (!regular || info.st_size == 0) return ReadStream(fd, path, stream_limit);

  const size_t size = static_cast<size_t>(info.st_size);
  void* memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (memory == MAP_FAILED) return ReadError(path, errno);
  std::shared_ptr<const void> owner(memory, [size](void* start) { munmap(start, size); });
  return Bytes(absl::MakeConstSpan(static_cast<const uint8_t*>(memory), size), std::move(owner));
}

}  // namespace

absl::StatusOr<Bytes> MapFile(const std::string& path, size_t stream_limit) {
  return Map(path, /*streams=*/true, stream_limit);
}

absl::StatusOr<Bytes> MapRegularFile(const std::string& path) {
  return Map(path, /*streams=*/false, kMaxStreamBytes);
}

}  // namespace q_implant
