// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_FILE_SYSTEM_H_
#define Q_IMPLANT_EXPORT_FILE_SYSTEM_H_

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace q_implant {

// The system calls by which an output gets to the disk. All writers of outputs make them through
// here, so that a test can let any of them fail (testing/faulty_file_system.h).
//
// The public functions are what callers use: results and errno are those of the system call, which
// is made again when a signal interrupts it. The private ones are one call each.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // That of the machine.
  static FileSystem& Real();

  int Open(const std::string& path, int flags, mode_t mode = 0);
  // A copy of a descriptor that programs run by this one don't get.
  int Duplicate(int descriptor);
  // Not made again: Linux has closed the descriptor before it says EINTR.
  int Close(int descriptor);
  ssize_t Write(int descriptor, absl::Span<const uint8_t> bytes);
  // Writes until all is written: 0, or -1 with the errno, which is ENOSPC where the file takes no
  // more bytes without saying why.
  int WriteAll(int descriptor, absl::Span<const uint8_t> bytes);
  int Sync(int descriptor);
  int SetMode(int descriptor, mode_t mode);
  // flock, for this descriptor alone; EWOULDBLOCK where another one has the lock.
  int Lock(int descriptor);
  int Stat(const std::string& path, struct stat* info);
  int LinkStat(const std::string& path, struct stat* info);
  int OpenStat(int descriptor, struct stat* info);
  // 0 where the user whose rights the process has may write the file.
  int CheckWritable(const std::string& path);
  int ReadLink(const std::string& path, std::string* to);
  // The path without links, `.` and `..`; what it names must be there.
  int RealPath(const std::string& path, std::string* real);
  int Rename(const std::string& from, const std::string& to);
  int Remove(const std::string& path);
  // Tells the names in a folder, of which some may have been told when it fails.
  int List(const std::string& folder, absl::FunctionRef<void(absl::string_view)> tell);
  // Makes a folder and those that it stands in, where they aren't there.
  int MakeFolders(const std::string& path);

 private:
  virtual int DoOpen(const std::string& path, int flags, mode_t mode) = 0;
  virtual int DoDuplicate(int descriptor) = 0;
  virtual int DoClose(int descriptor) = 0;
  virtual ssize_t DoWrite(int descriptor, absl::Span<const uint8_t> bytes) = 0;
  virtual int DoSync(int descriptor) = 0;
  virtual int DoSetMode(int descriptor, mode_t mode) = 0;
  virtual int DoLock(int descriptor) = 0;
  virtual int DoStat(const std::string& path, struct stat* info) = 0;
  virtual int DoLinkStat(const std::string& path, struct stat* info) = 0;
  virtual int DoOpenStat(int descriptor, struct stat* info) = 0;
  virtual int DoCheckWritable(const std::string& path) = 0;
  virtual int DoReadLink(const std::string& path, std::string* to) = 0;
  virtual int DoRealPath(const std::string& path, std::string* real) = 0;
  virtual int DoRename(const std::string& from, const std::string& to) = 0;
  virtual int DoRemove(const std::string& path) = 0;
  virtual int DoList(const std::string& folder,
                     absl::FunctionRef<void(absl::string_view)> tell) = 0;
  virtual int DoMakeFolders(const std::string& path) = 0;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_FILE_SYSTEM_H_
