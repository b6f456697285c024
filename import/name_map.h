// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_NAME_MAP_H_
#define Q_IMPLANT_IMPORT_NAME_MAP_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "ir/diagnostics.h"

namespace q_implant {

// Which tensor of the model a key of a param file means, where another toolchain named it: a JSON
// object, external name -> key.
class NameMap {
 public:
  // The map of no names.
  NameMap() = default;

  // Reads a file. Each problem becomes an error; what is sound is in the map.
  static NameMap Read(const std::string& path, Diagnostics& diagnostics);

  // The key itself where the map doesn't have it.
  const std::string& TargetOf(const std::string& key) const;

  // One note that counts the names of the map that no key has, if there are any.
  void NoteUnused(absl::Span<const std::string> keys, Diagnostics& diagnostics) const;

 private:
  std::string path_;
  std::vector<std::pair<std::string, std::string>> names_;  // in the order of the file
  absl::flat_hash_map<std::string, size_t> index_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_NAME_MAP_H_
