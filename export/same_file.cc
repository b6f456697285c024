// SPDX-License-Identifier: Apache-2.0
#include "export/same_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "export/link_target.h"

namespace q_implant {
namespace {

// Equal for the paths of one file; empty for what is no regular file and for no path. A file that
// is not there yet is a name in a folder, or where that isn't there either, a name without links.
std::string KeyOf(const std::string& path) {
  if (path.empty()) return "";
  struct stat info;
  if (stat(path.c_str(), &info) == 0) {
    return S_ISREG(info.st_mode) ? absl::StrCat(info.st_dev, ":", info.st_ino) : "";
  }
  const std::string target = FollowLinks(path).path;
  if (stat(FolderOf(target).c_str(), &info) == 0) {
    return absl::StrCat(info.st_dev, ":", info.st_ino, "/", NameOf(target));
  }
  std::error_code ignored;
  return std::filesystem::weakly_canonical(std::filesystem::absolute(target, ignored), ignored)
      .string();
}

}  // namespace

bool SameFile(const std::string& a, const std::string& b) {
  const std::string key = KeyOf(a);
  return !key.empty() && key == KeyOf(b);
}

std::string Overwrite::ToString() const {
  return absl::StrCat(lost, " would be overwritten", by == lost ? "" : " by ", by == lost ? "" : by,
                      "; write to another file");
}

std::optional<Overwrite> FirstOverwritten(absl::Span<const std::string> outputs,
                                          absl::Span<const std::string> inputs) {
  absl::flat_hash_map<std::string, std::string> known;  // by key
  for (const std::string& input : inputs) {
    if (std::string key = KeyOf(input); !key.empty()) known.emplace(std::move(key), input);
  }
  for (const std::string& output : outputs) {
    std::string key = KeyOf(output);
    if (key.empty()) continue;
    const auto [found, is_new] = known.emplace(std::move(key), output);
    if (!is_new) return Overwrite{found->second, output};
  }
  return std::nullopt;
}

}  // namespace q_implant
