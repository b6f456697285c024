// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_PROCESS_ONE_TOOLS_H_
#define Q_IMPLANT_DRIVER_PROCESS_ONE_TOOLS_H_

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace q_implant {

// The program `name` that PATH has behind the running program: what would run if this one were not
// there. Programs of this project that share a name with ONE's hand over to it, so each looks only
// behind itself; two installations then never call each other in circles.
std::optional<std::string> FindFurtherAlongPath(const std::string& name);

// A tool of the ONE installation further along PATH: beside its onecc or one-quantize, where those
// look for it themselves (PATH may hold no more than a link to onecc), else further along PATH.
std::optional<std::string> FindOneTool(const std::string& name);

// Several of them, by name, and the names of those that are not there.
struct FoundOneTools {
  std::map<std::string, std::string> paths;
  std::vector<std::string> missing;

  // Where the missing ones were looked for: "is neither in PATH behind <folder> nor beside an onecc
  // there".
  std::string WhereNot() const;
};
FoundOneTools FindOneTools(const std::vector<std::string>& names);

// The folder of the running program.
std::string OwnFolder();

// The first and second with PATH and the file of the running program given. Where a folder of PATH
// holds the running program (under its name, or as a link to it), only folders behind the first
// such are searched, else all. A folder that PATH repeats counts where it stands first, an empty
// one is the working directory. Never the running program itself.
std::optional<std::string> FindFurtherAlong(const std::string& path, const std::string& self,
                                            const std::string& name);
std::optional<std::string> FindOneToolAlong(const std::string& path, const std::string& self,
                                            const std::string& name);

// Runs a program, command[0] being its path, and waits. Returns its exit code, 128 + N where signal
// N ended it; SIGINT and SIGQUIT of the keyboard are the child's alone. Without a log it shares
// standard output and error with this program. With one, its lines go to both; as ONE's tools do,
// lines of its standard error begin with "<its path>: ".
absl::StatusOr<int> RunTool(const std::vector<std::string>& command, std::ostream* log = nullptr);

// Becomes that program: exit code and signals are then its own. Returns only where it can't.
absl::Status ExecTool(const std::vector<std::string>& command);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_PROCESS_ONE_TOOLS_H_
