// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_SAME_FILE_H_
#define Q_IMPLANT_EXPORT_SAME_FILE_H_

#include <optional>
#include <string>

#include "absl/types/span.h"

namespace q_implant {

// Whether two paths stand for one regular file, however they are written: through `.`, `..`,
// symbolic and hard links, and also where the file is not there yet. False where one is empty, and
// for what is no regular file (/dev/null, a pipe, a terminal): writing there destroys nothing.
bool SameFile(const std::string& a, const std::string& b);

// A file that would be destroyed by writing another one, both as they are written in a command.
struct Overwrite {
  std::string lost;
  std::string by;

  // "a.json would be overwritten by ./a.json; write to another file"
  std::string ToString() const;
};

// The first file that writing all the `outputs` would destroy: an input, or an output that a later
// one replaces. Empty paths count as none.
//
// The one notion that all commands have of it: what one of them reads, whatever option names it,
// it does not write.
std::optional<Overwrite> FirstOverwritten(absl::Span<const std::string> outputs,
                                          absl::Span<const std::string> inputs);

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_SAME_FILE_H_
