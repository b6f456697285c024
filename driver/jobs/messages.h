// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_JOBS_MESSAGES_H_
#define Q_IMPLANT_DRIVER_JOBS_MESSAGES_H_

#include <cstddef>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "ir/diagnostics.h"

// How the commands tell what went wrong.

namespace q_implant {

// A line each; notes only where `verbose`.
void PrintDiagnostics(const Diagnostics& diagnostics, bool verbose, std::ostream& err);

// "error: ..." for each of the status's problems.
void PrintStatus(const absl::Status& status, std::ostream& err);

// "2 errors; nothing was written".
void PrintRefusal(size_t errors, std::ostream& err);

// Where texts go beside an output file: standard output, or standard error where the output is
// that (/dev/stdout, /dev/fd/1, a pipe's name).
std::ostream& TextsBeside(const std::string& output);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_JOBS_MESSAGES_H_
