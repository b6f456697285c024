// SPDX-License-Identifier: Apache-2.0
#include "driver/onecc/quantize_command.h"

#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "driver/jobs/implant_job.h"
#include "driver/jobs/messages.h"
#include "driver/onecc/one_quantize_options.h"
#include "driver/onecc/quantize_job.h"
#include "driver/process/one_tools.h"
#include "driver/python/arguments.h"
#include "driver/python/cfg_file.h"
#include "ir/version.h"

namespace q_implant {
namespace {

int WrongCommand(const std::string& name, const absl::Status& problems) {
  PrintStatus(problems, std::cerr);
  std::cerr << "usage: " << name << " --import_qparam JSON -i MODEL -o MODEL"
            << "\n       " << name << " -C CFG"
            << "\n       " << name << " --help tells the rest\n";
  return kExitBadCommand;
}

int HandOverTheRest(const QuantizeCommand& command) {
  if (command.ones.has_value()) return HandOver(*command.ones);
  std::cerr << "error: " << command.name << " without --import_qparam needs ONE's " << command.needs
            << ", which no folder of PATH contains behind " << OwnFolder()
            << "; with --import_qparam JSON, "
            << "parameters that are there already are put into the model, without ONE\n";
  return kExitBadCommand;
}

constexpr char kOwnSection[] = "one-quantize";

// Whether parameters are imported, or ONE's command does the work.
absl::StatusOr<bool> Imports(const Arguments& arguments,
                             const std::optional<QuantizeSection>& section) {
  if (arguments.Has("import_qparam")) return true;
  if (!section.has_value()) return false;
  const absl::StatusOr<bool> imports = ImportsParams(*section);
  if (!imports.ok() || *imports || section->name == kOwnSection) return imports;
  // ONE's command knows no -S: it would read the other section and pass over the import.
  const absl::StatusOr<bool> other = ImportsParams({section->file, section->path, kOwnSection});
  if (!other.ok() || !*other) return false;
  return absl::InvalidArgumentError(absl::StrCat(
      section->path, ": [", section->name, "] has no import_qparam, but [", kOwnSection,
      "] has, which ONE's one-quantize would ignore; leave -S out, or put import_qparam there"));
}

}  // namespace

int HandOver(const std::vector<std::string>& command) {
  PrintStatus(ExecTool(command), std::cerr);
  return kExitBadData;
}

int RunQuantizeCommand(const QuantizeCommand& command) {
  const Arguments arguments = ParseArguments(QuantizeArguments(), command.words);
  if (arguments.help) {
    std::cout << QuantizeHelp(command.name);
    return kExitDone;
  }
  if (arguments.problem.empty() && arguments.Has("version")) {
    std::cout << command.name << " of q-implant " << kVersion << '\n';
    return kExitDone;
  }
  const std::string path = arguments.Value("config");
  std::optional<CfgFile> file;
  std::optional<QuantizeSection> section;
  if (!path.empty()) {
    absl::StatusOr<CfgFile> read = CfgFile::Read(path);
    if (!read.ok()) {
      PrintStatus(read.status(), std::cerr);
      return kExitBadData;
    }
    file = *std::move(read);
    const std::string name = arguments.Value("section");
    section = {&*file, path, name.empty() ? kOwnSection : name};
  }
  const absl::StatusOr<bool> imports = Imports(arguments, section);
  if (!imports.ok()) return WrongCommand(command.name, imports.status());
  if (!*imports) return HandOverTheRest(command);
  if (!arguments.problem.empty()) {
    return WrongCommand(command.name, absl::InvalidArgumentError(arguments.problem));
  }
  const absl::StatusOr<QuantizeJob> job = MakeQuantizeJob(arguments.given, section);
  if (!job.ok()) return WrongCommand(command.name, job.status());
  return RunQuantizeJob(*job);
}

}  // namespace q_implant
