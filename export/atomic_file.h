// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_ATOMIC_FILE_H_
#define Q_IMPLANT_EXPORT_ATOMIC_FILE_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "export/file_system.h"
#include "export/temporary_file.h"

namespace q_implant {

// An output file that appears whole or not at all. The bytes go to a temporary file in the same
// folder, which takes the target's place in Commit; until then whoever reads or has mapped the
// target sees the old file. If that never happens the temporary file goes, also when a signal ends
// the process; after SIGKILL the next run in the folder removes it (see temporary_file.h).
//
// The file keeps the mode of the one it replaces, or gets what the umask leaves of 0666. A symbolic
// link stays, what it points to is replaced. What is not a regular file (/dev/null, /dev/stdout, a
// pipe) is written directly.
//
// Errors, one line each, name the path as it was given. They leave the old file as it is, but for
// one: DataLoss says that the new file is there, and a power cut could bring the old one back.
class AtomicFile {
 public:
  // The file system must live as long as the file.
  static absl::StatusOr<AtomicFile> Create(
      const std::string& path, FileSystem& files = FileSystem::Real(),
      const TemporaryFile::NameSource& names = TemporaryFile::RandomName);

  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  // Adds bytes at the end.
  absl::Status Append(absl::Span<const uint8_t> bytes);

  // Makes the file appear, on the disk too. Nothing may be called after it.
  absl::Status Commit();

 private:
  AtomicFile(const std::string& path, FileSystem& files) : files_(files), path_(path) {}

  absl::Status Open(const TemporaryFile::NameSource& names);
  absl::Status OpenTemporary(const TemporaryFile::NameSource& names);
  absl::Status CommitDirect();
  absl::Status SyncFolder() const;
  absl::Status Flush();
  absl::Status Write(absl::Span<const uint8_t> bytes);
  absl::Status Error(std::string problem, std::string advice) const;
  absl::Status WriteError(int error) const;

  int descriptor() const { return temporary_ != nullptr ? temporary_->descriptor() : direct_; }

  FileSystem& files_;
  std::string path_;                          // as the caller wrote it: for messages
  std::string target_;                        // what it stands for, behind all links
  std::unique_ptr<TemporaryFile> temporary_;  // null where the target is written directly
  int direct_ = -1;                           // the target, then
  std::vector<uint8_t> pending_;              // small pieces wait here for a large write
};

// A file of these pieces, whole or not at all.
absl::Status WriteFileAtomically(const std::string& path,
                                 std::initializer_list<absl::Span<const uint8_t>> pieces,
                                 FileSystem& files = FileSystem::Real());
absl::Status WriteFileAtomically(const std::string& path, absl::string_view text,
                                 FileSystem& files = FileSystem::Real());

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_ATOMIC_FILE_H_
