// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_JOBS_IMPLANT_JOB_H_
#define Q_IMPLANT_DRIVER_JOBS_IMPLANT_JOB_H_

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "driver/jobs/implant_settings.h"
#include "export/same_file.h"

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
  std::string dot;     // a Graphviz file to write: the model before and after; none where empty
  std::string report;  // a JSON file to write, also where the job fails; none where empty

  // What the command reads and writes around the job: also these are not overwritten by one
  // another.
  std::vector<std::string> also_read = {};
  std::vector<std::string> also_written = {};
};

// The file that the job would destroy. `named` are those that its param file names, once they are
// known. The model itself may be replaced by the output.
std::optional<Overwrite> FindOverwritten(const ImplantJob& job,
                                         const std::vector<std::string>& named = {});

// Does the job and returns an exit code. Texts and the closing line go to `out`, errors and
// warnings to `err`. The output file appears only where all went well. kExitBadCommand where a file
// that is read would be overwritten: nothing has been written then, the report neither.
int RunImplant(const ImplantJob& job, std::ostream& out, std::ostream& err);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_JOBS_IMPLANT_JOB_H_
