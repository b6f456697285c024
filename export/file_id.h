// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_FILE_ID_H_
#define Q_IMPLANT_EXPORT_FILE_ID_H_

#include <sys/stat.h>

namespace q_implant {

// Which file it is, whatever it is called. Async-signal-safe.
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;  // no file has 0

  bool operator==(const FileId&) const = default;

  static FileId Of(const struct stat& info) { return {info.st_dev, info.st_ino}; }
  // Of what stands there, not of what a link leads to; no file's where nothing does.
  static FileId AtPath(const char* path) {
    struct stat info;
    return lstat(path, &info) == 0 ? Of(info) : FileId{};
  }
  bool StandsAt(const char* path) const { return inode != 0 && AtPath(path) == *this; }
};

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_FILE_ID_H_
