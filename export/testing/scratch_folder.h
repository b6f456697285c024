// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_TESTING_SCRATCH_FOLDER_H_
#define Q_IMPLANT_EXPORT_TESTING_SCRATCH_FOLDER_H_

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace q_implant {

// A new folder; in memory where that can be, as thousands of files on a disk take minutes.
inline std::string MakeScratchFolder() {
  const bool in_memory = access("/dev/shm", W_OK) == 0;
  std::string folder =
      absl::StrCat(in_memory ? "/dev/shm" : ::testing::TempDir(), "/q_implant_test_XXXXXX");
  if (mkdtemp(folder.data()) == nullptr) ADD_FAILURE() << folder << " can't be made";
  return folder;
}

// What is in a folder and in those below: "sub/name" → mode and bytes, or where a link leads.
using FolderSnapshot = std::map<std::string, std::string>;

inline std::string FileEntry(std::filesystem::perms mode, const std::string& bytes) {
  return absl::StrCat(absl::Hex(static_cast<unsigned>(mode)), " ", bytes);
}

inline std::string FileBytes(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline FolderSnapshot SnapshotOf(const std::filesystem::path& folder) {
  FolderSnapshot snapshot;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).string();
    if (entry.is_symlink()) {
      snapshot[name] = absl::StrCat("-> ", std::filesystem::read_symlink(entry.path()).string());
    } else if (entry.is_regular_file()) {
      snapshot[name] = FileEntry(entry.status().permissions(), FileBytes(entry.path()));
    } else {
      snapshot[name] = "no file";
    }
  }
  return snapshot;
}

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_TESTING_SCRATCH_FOLDER_H_
