// SPDX-License-Identifier: Apache-2.0
// The command circle2circle.

#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "driver/circle2circle/builtin_passes.h"
#include "driver/circle2circle/pipeline_command.h"
#include "driver/circle2circle/pipeline_help.h"
#include "driver/circle2circle/plugin_loader.h"
#include "driver/circle2circle/run_pipeline.h"
#include "driver/jobs/implant_job.h"
#include "driver/jobs/messages.h"
#include "driver/process/one_tools.h"
#include "driver/process/run_main.h"
#include "ir/version.h"

namespace q_implant {
namespace {

int WrongCommand(const absl::Status& problem) {
  std::cerr << "error: " << problem.message()
            << "\nusage: circle2circle [passes in order] INPUT OUTPUT"
            << "\n       circle2circle --help tells the rest\n";
  return kExitWrongUsage;
}

// The first switch that only another circle2circle may know, or null.
const std::string* FirstForeignSwitch(const PipelineCommand& command) {
  for (const PipelineStep& step : command.steps) {
    if (step.pass == nullptr) return &step.switches.front();
  }
  return nullptr;
}

absl::Status NobodyKnows(const PipelineCommand& command, const std::string& foreign) {
  std::string whose = "no pass of this circle2circle (--list_passes names them)";
  for (size_t s = 1; s < command.steps.size(); ++s) {
    const PipelineStep& before = command.steps[s - 1];
    if (command.steps[s].pass == nullptr && before.pass && !before.pass->options.empty()) {
      absl::StrAppend(&whose, ", no option of --", before.pass->name);
      break;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat(foreign, " is ", whose,
                   ", and PATH has no other circle2circle behind this one to hand it to"));
}

int RunCommand(const PipelineCommand& command, const std::vector<std::string>& args) {
  std::optional<std::string> upstream;
  if (const std::string* foreign = FirstForeignSwitch(command)) {
    upstream = FindFurtherAlongPath("circle2circle");
    if (!upstream.has_value()) upstream = FindOneTool("circle2circle");
    if (!upstream.has_value()) return WrongCommand(NobodyKnows(command, *foreign));
  }
  if (command.is_foreign) {
    std::vector<std::string> tool = {*upstream};
    tool.insert(tool.end(), args.begin(), args.end());
    const absl::Status failed = ExecTool(tool);  // returns only then
    std::cerr << "error: " << failed.message() << '\n';
    return kExitBadData;
  }
  return RunPipeline(command, upstream.value_or(""), TextsBeside(command.output), std::cerr);
}

absl::Status LoadPlugin(const std::string& path, PassRegistry& registry) {
  const absl::Status loaded = LoadPassPlugin(path, registry);
  if (!loaded.ok()) return loaded;
  const absl::Status callable = CheckNames(registry);
  if (callable.ok()) return callable;
  return absl::Status(callable.code(), absl::StrCat(path, ": ", callable.message()));
}

int Main(const std::vector<std::string>& args) {
  PassRegistry registry = BuiltinPasses();
  const absl::StatusOr<std::vector<std::string>> plugins = FindPlugins(args);
  if (!plugins.ok()) return WrongCommand(plugins.status());
  for (const std::string& plugin : *plugins) {
    const absl::Status loaded = LoadPlugin(plugin, registry);
    if (!loaded.ok()) {
      std::cerr << "error: " << loaded.message() << '\n';
      return kExitWrongUsage;
    }
  }
  absl::StatusOr<PipelineCommand> command = ParsePipelineCommand(args, registry);
  if (!command.ok()) return WrongCommand(command.status());
  command->plugins = *plugins;
  if (command->help) {
    std::cout << PipelineHelp(registry);
  } else if (command->version) {
    std::cout << "circle2circle (q-implant) " << kVersion << '\n';
  } else if (command->list_passes) {
    std::cout << PassList(registry);
  } else {
    return RunCommand(*command, args);
  }
  return kExitDone;
}

}  // namespace
}  // namespace q_implant

int main(int argc, char** argv) {
  return q_implant::RunMain(q_implant::kExitBadData, [&] {
    return q_implant::Main(std::vector<std::string>(argv + 1, argv + argc));
  });
}
