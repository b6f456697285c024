// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_IMPLANT_H_
#define Q_IMPLANT_DRIVER_IMPLANT_H_

#include <ostream>
#include <string>

#include "driver/implant_settings.h"

namespace q_implant {

// Exit codes of the commands.
inline constexpr int kExitDone = 0;
inline constexpr int kExitBadData = 1;
inline constexpr int kExitBadCommand = 2;

// One job: a model and parameters in, a model out.
struct ImplantJob {
  std::string input;
  std::string param;
  std::string output;
  ImplantSettings settings;
  bool verbose = false;       // tell the notes too
  bool print_before = false;  // the model as text, before the pass
  bool print_after = false;   // and after it
  bool dry_run = false;       // write nothing
  std::string report;         // a JSON file to write, also where the job fails; none where empty
};

// Does the job and returns an exit code. Texts and the closing line go to `out`, errors and
// warnings to `err`. The output file appears only where all went well.
int RunImplant(const ImplantJob& job, std::ostream& out, std::ostream& err);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_IMPLANT_H_
