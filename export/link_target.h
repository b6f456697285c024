// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_LINK_TARGET_H_
#define Q_IMPLANT_EXPORT_LINK_TARGET_H_

#include <string>

#include "export/file_system.h"

namespace q_implant {

// What a path stands for once the links at its end are followed.
struct LinkTarget {
  std::string path;     // need not exist
  int descriptor = -1;  // for /dev/stdout, /dev/fd/3 and the like: an open file of this process
  int error = 0;        // the errno where it can't be told, and the path is as far as one got
};

LinkTarget FollowLinks(std::string path, FileSystem& files = FileSystem::Real());

// "a/b" is "b" in "a", "b" is "b" in ".".
std::string FolderOf(const std::string& path);
std::string NameOf(const std::string& path);

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_LINK_TARGET_H_
