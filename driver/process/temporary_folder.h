// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_PROCESS_TEMPORARY_FOLDER_H_
#define Q_IMPLANT_DRIVER_PROCESS_TEMPORARY_FOLDER_H_

#include <string>

#include "absl/status/statusor.h"

namespace q_implant {

// A folder of this run's own, in TMPDIR or /tmp, which goes with all that is in it.
class TemporaryFolder {
 public:
  static absl::StatusOr<TemporaryFolder> Create();

  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;  // empty once moved from
};

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_PROCESS_TEMPORARY_FOLDER_H_
