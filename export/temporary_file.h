// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_TEMPORARY_FILE_H_
#define Q_IMPLANT_EXPORT_TEMPORARY_FILE_H_

#include <functional>
#include <memory>
#include <string>

#include "export/file_id.h"
#include "export/file_system.h"
#include "export/remove_on_signal.h"

namespace q_implant {

// A new file in a folder that takes another file's place when it is whole. Any number of processes
// may work in one folder, also ones that can't see each other (containers): the name is random and
// the file is never one that was there, it is locked (flock) while it is used, and a file is
// removed or renamed only while its path still leads to it.
//
// The lock tells what a killed run left behind from what is in use: the first Create in a folder
// removes the leftovers in it. Where the file system knows no locks, leftovers stay.
class TemporaryFile {
 public:
  // Makes names without a folder. Tests give their own.
  using NameSource = std::function<std::string()>;

  // ".q-implant-<16 random hexadecimal digits>.tmp"
  static std::string RandomName();

  // Null with errno where it can't be; EMFILE also where RemoveOnSignal watches as many files as it
  // can. The mode is what the umask leaves of 0666.
  static std::unique_ptr<TemporaryFile> Create(const std::string& folder, FileSystem& files,
                                               const NameSource& names);

  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  // Removes it where it took nobody's place.
  ~TemporaryFile();

  int descriptor() const { return descriptor_; }
  const std::string& path() const { return path_; }

  // Renames it. The errno where that failed; ESTALE where the path leads to another file or none,
  // which no rename may give the target's name. (Linux cannot rename by descriptor: between this
  // look and the rename a program that takes no lock could still come.)
  int TakePlaceOf(const std::string& target);

 private:
  TemporaryFile(std::string path, int descriptor, FileId id, FileSystem& files);

  static std::unique_ptr<TemporaryFile> CreateAt(const std::string& path, FileSystem& files);
  int Lock() const;

  FileSystem& files_;
  std::string path_;  // empty when it is renamed
  int descriptor_;
  FileId id_;
  std::unique_ptr<RemoveOnSignal> on_signal_;
};

// Removes from a folder what killed runs left there: regular files with a name of a TemporaryFile
// (or ".q-implant-<process>-<number>.tmp", as earlier versions named theirs) that nobody locks.
// What can't be removed stays, which is no error.
void RemoveLeftovers(const std::string& folder, FileSystem& files = FileSystem::Real());

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_TEMPORARY_FILE_H_
