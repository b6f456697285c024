// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_TESTING_WRITER_CHECK_H_
#define Q_IMPLANT_EXPORT_TESTING_WRITER_CHECK_H_

#include <cstddef>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "export/file_system.h"

namespace q_implant {

// Writes files into a folder that is there.
using WriterOfFiles = absl::FunctionRef<absl::Status(const std::string& folder, FileSystem& files)>;

// Lets a writer of outputs replace files while each of its system calls fails or is its last, and
// expects of every run: each file is the old or the new one, all are new where it says OK and else
// the message names the folder and the reason, no temporary stays, and what else is in the folder
// is as before. Returns the number of runs.
size_t CheckWriter(WriterOfFiles write);

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_TESTING_WRITER_CHECK_H_
