// SPDX-License-Identifier: Apache-2.0
#include "export/link_target.h"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace q_implant {
namespace {

constexpr int kMaxLinks = 40;  // the kernel's own limit

// N for "/proc/<this process>/fd/N" however it is written, else -1.
int OwnDescriptor(const std::string& path) {
  char folder[PATH_MAX];
  if (realpath(FolderOf(path).c_str(), folder) == nullptr) return -1;
  int descriptor;
  const bool is_own = folder == absl::StrCat("/proc/", getpid(), "/fd") &&
                      absl::SimpleAtoi(NameOf(path), &descriptor);
  return is_own ? descriptor : -1;
}

}  // namespace

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return path.substr(0, std::max<size_t>(slash, 1));
}

std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

LinkTarget FollowLinks(std::string path) {
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

}  // namespace q_implant
