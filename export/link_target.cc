// SPDX-License-Identifier: Apache-2.0
#include "export/link_target.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace q_implant {
namespace {

constexpr int kMaxLinks = 40;  // the kernel's own limit

bool IsNotThere(int error) { return error == ENOENT || error == ENOTDIR; }

// Whether the path is "/proc/<this process>/fd/N", however it is written: then that is the target,
// or the error is why that can't be told.
bool IsOwnDescriptor(const std::string& path, FileSystem& files, LinkTarget* target) {
  std::string folder;
  if (files.RealPath(FolderOf(path), &folder) != 0) {
    if (!IsNotThere(errno) && errno != ENAMETOOLONG) target->error = errno;
    return false;
  }
  int number;
  if (folder != absl::StrCat("/proc/", getpid(), "/fd") ||
      !absl::SimpleAtoi(NameOf(path), &number)) {
    return false;
  }
  target->descriptor = number;
  return true;
}

}  // namespace

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return path.substr(0, std::max<size_t>(slash, 1));
}

std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

LinkTarget FollowLinks(std::string path, FileSystem& files) {
  LinkTarget target{std::move(path)};
  for (int i = 0; i < kMaxLinks; ++i) {
    if (IsOwnDescriptor(target.path, files, &target) || target.error != 0) break;
    std::string to;
    if (files.ReadLink(target.path, &to) != 0) {
      // Not a link: EINVAL. A link that can't be read must not be taken for a file.
      if (errno != EINVAL && !IsNotThere(errno)) target.error = errno;
      break;
    }
    target.path = absl::StartsWith(to, "/") ? to : absl::StrCat(FolderOf(target.path), "/", to);
  }
  return target;
}

}  // namespace q_implant
