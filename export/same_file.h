// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_SAME_FILE_H_
#define Q_IMPLANT_EXPORT_SAME_FILE_H_

#include <string>

#include "absl/types/span.h"

namespace q_implant {

// Whether two paths stand for one regular file, however they are written: through `.`, `..`,
// symbolic and hard links, and also where the file is not there yet. False where one is empty, and
// for what is no regular file (/dev/null, a pipe, a terminal): writing there destroys nothing.
bool SameFile(const std::string& a, const std::string& b);

// The file that writing all the `outputs` would destroy, as it is written in the arguments: an
// input, or an output that another one replaces. Empty where there is none. Empty paths count as
// none.
//
// The one notion that all commands have of it: what one of them reads, whatever option names it,
// it does not write.
std::string FirstOverwritten(absl::Span<const std::string> outputs,
                             absl::Span<const std::string> inputs);

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_SAME_FILE_H_
