// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_PARAM_FILES_H_
#define Q_IMPLANT_IMPORT_PARAM_FILES_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "ir/bytes.h"
#include "ir/params.h"

namespace q_implant {

// The .npy files that a param file names. A file named several times is read once.
class ParamFiles {
 public:
  // Names are relative to the folder of `param_file`. Without `allow_outside`, a name that leads
  // out of that folder, by itself, `..` or a symbolic link, is an error.
  ParamFiles(const std::string& param_file, bool allow_outside);

  // The array in the file of that name. The error begins with the name.
  absl::StatusOr<Array> Read(const std::string& name);

  // Where the file of that name would be. It may be missing, or outside.
  std::string PathOf(const std::string& name) const;

 private:
  absl::StatusOr<std::string> Resolve(const std::string& name) const;
  absl::StatusOr<Bytes> Load(const std::string& name);

  std::string folder_;
  std::string real_folder_;  // without symbolic links
  bool allow_outside_;
  absl::flat_hash_map<std::string, Bytes> loaded_;  // by real path
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_PARAM_FILES_H_
