// SPDX-License-Identifier: Apache-2.0
#include "driver/jobs/messages.h"

#include <sys/stat.h>
#include <unistd.h>

#include <iostream>
#include <string>

namespace q_implant {

void PrintDiagnostics(const Diagnostics& diagnostics, bool verbose, std::ostream& err) {
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (diagnostic.severity == Severity::kNote && !verbose) continue;
    err << diagnostic.ToString() << '\n';
  }
  if (const std::string more = diagnostics.MoreErrors(); !more.empty()) err << more << '\n';
}

void PrintStatus(const absl::Status& status, std::ostream& err) {
  Diagnostics diagnostics;
  diagnostics.AddStatus(status);
  PrintDiagnostics(diagnostics, false, err);
}

void PrintRefusal(size_t errors, std::ostream& err) {
  err << errors << (errors == 1 ? " error" : " errors") << "; nothing was written\n";
}

std::ostream& TextsBeside(const std::string& output) {
  struct stat file = {};
  struct stat standard = {};
  const bool same = stat(output.c_str(), &file) == 0 && fstat(STDOUT_FILENO, &standard) == 0 &&
                    file.st_dev == standard.st_dev && file.st_ino == standard.st_ino;
  return same ? std::cerr : std::cout;
}

}  // namespace q_implant
