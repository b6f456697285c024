// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_PIPELINE_COMMAND_H_
#define Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_PIPELINE_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "pass/pass_registry.h"

namespace q_implant {

// One step of what circle2circle does.
struct PipelineStep {
  const PassRegistry::Entry* pass =
      nullptr;  // null: unknown switches, passed to ONE's circle2circle
  PassArguments arguments = {};
  std::vector<std::string> switches = {};  // with what follows them
};

// What circle2circle was asked to do.
struct PipelineCommand {
  std::vector<PipelineStep> steps;  // in the order of the command line
  std::string input;
  std::string output;
  std::vector<std::string> plugins;  // the files of FindPlugins
  bool verify_each = false;
  bool time_passes = false;
  bool verbose = false;
  bool print_after_all = false;
  std::vector<std::string> print_after;  // names of passes

  // Nothing in it is for this program: another circle2circle takes it as it stands, and knows which
  // of its arguments are the models.
  bool is_foreign = false;

  // What can be asked instead of a run.
  bool help = false;
  bool version = false;
  bool list_passes = false;
};

// The plugins that a command line names, in order: they are loaded before the rest can be read.
absl::StatusOr<std::vector<std::string>> FindPlugins(absl::Span<const std::string> args);

// InvalidArgument where a pass or an option of one has the name of a switch of the command itself,
// so that nobody could call it.
absl::Status CheckNames(const PassRegistry& registry);

// Reads a command line. Options stand behind the pass they belong to; `--name value` and
// `--name=value` are the same. A switch that is neither a pass nor anything else starts a step of
// another circle2circle; neighbours make one step. The input and the output are the two
// arguments that belong to no switch, the last two where a foreign switch leaves it open.
// InvalidArgument says what is wrong with it.
absl::StatusOr<PipelineCommand> ParsePipelineCommand(absl::Span<const std::string> args,
                                                     const PassRegistry& registry);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_PIPELINE_COMMAND_H_
