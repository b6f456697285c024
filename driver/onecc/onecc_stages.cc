// SPDX-License-Identifier: Apache-2.0
#include "driver/onecc/onecc_stages.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "driver/jobs/implant_job.h"
#include "driver/jobs/messages.h"
#include "driver/onecc/quantize_job.h"
#include "driver/process/one_tools.h"

namespace q_implant {
namespace {

constexpr char kQuantize[] = "one-quantize";
constexpr const char* kSections[] = {"onecc", "one-build"};
constexpr const char* kImports[] = {"one-import-bcq", "one-import-onnx", "one-import-tf",
                                    "one-import-tflite"};
// Without their importers; newer versions of ONE have one-resize.
constexpr const char* kStages[] = {"one-resize",  "one-optimize", kQuantize,       "one-pack",
                                   "one-codegen", "one-profile",  "one-partition", "one-infer"};

absl::StatusOr<bool> IsOn(const CfgFile& file, const std::string& stage) {
  for (const char* section : kSections) {
    if (!file.HasOption(section, stage)) continue;
    const absl::StatusOr<bool> on = file.GetBoolean(section, stage);
    if (!on.ok() || *on) return on;
  }
  return false;
}

// Every stage that there may be. ONE has more importers in some versions.
std::vector<std::string> PossibleStages(const CfgFile& file) {
  std::vector<std::string> stages(std::begin(kImports), std::end(kImports));
  for (const char* section : kSections) {
    for (const std::string& key : file.Keys(section)) {
      if (absl::StartsWith(key, "one-import-") &&
          std::find(stages.begin(), stages.end(), key) == stages.end()) {
        stages.push_back(key);
      }
    }
  }
  stages.insert(stages.end(), std::begin(kStages), std::end(kStages));
  return stages;
}

// ONE passes over what it does not know; here the stage of another ONE would be left out unsaid.
absl::Status CheckStages(const CfgFile& file, const OneccRun& run,
                         const std::vector<std::string>& possible) {
  for (const char* section : kSections) {
    for (const std::string& key : file.Keys(section)) {
      const bool known = std::find(possible.begin(), possible.end(), key) != possible.end();
      if (known || !absl::StartsWith(key, "one-")) continue;
      if (!file.GetBoolean(section, key).value_or(false)) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(run.config, ": [", section, "] ", key, ": there is no such stage; expected ",
                       "one-import-... or one of ", absl::StrJoin(kStages, ", ")));
    }
  }
  return absl::OkStatus();
}

// The stages that the file turns on, in ONE's order.
absl::StatusOr<std::vector<std::string>> StagesOf(const CfgFile& file, const OneccRun& run) {
  const std::vector<std::string> possible = PossibleStages(file);
  if (absl::Status status = CheckStages(file, run, possible); !status.ok()) return status;
  std::vector<std::string> stages;
  for (const std::string& stage : possible) {
    const absl::StatusOr<bool> on = IsOn(file, stage);
    if (!on.ok()) return on.status();
    if (*on) stages.push_back(stage);
  }
  return stages;
}

QuantizeSection SectionOf(const CfgFile& file, const OneccRun& run) {
  return {&file, run.config, kQuantize};
}

// The name of the last group of [onecc] include, which is what counts to ONE: "O1" is "1".
absl::StatusOr<std::string> IncludedOptimization(const CfgFile& file, const OneccRun& run) {
  if (!file.HasOption("onecc", "include")) return std::string();
  const absl::StatusOr<std::string> value = file.Get("onecc", "include");
  if (!value.ok()) return value.status();
  const std::vector<std::string> groups =
      absl::StrSplit(*value, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
  for (const std::string& group : groups) {
    if (group[0] == 'O' && group.size() > 1) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(run.config, ": [onecc] include: '", group,
                     "' is no group of optimizations; their names begin with O: O1"));
  }
  return groups.empty() ? std::string() : groups.back().substr(1);
}

std::vector<std::string> CommandOf(const std::string& stage, const std::string& tool,
                                   const OneccRun& run) {
  std::vector<std::string> command = {tool, "--config", run.config, "--section", stage};
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) command.insert(command.end(), {option, value});
  };
  if (stage == "one-optimize") add("-O", run.optimization);
  if (stage == "one-codegen" || stage == "one-profile") add("-b", run.backend);
  add("-T", run.target);
  return command;
}

absl::Status SetEnvironment(const CfgFile& file) {
  for (const std::string& key : file.Keys("Environment")) {
    const absl::StatusOr<std::string> value = file.Get("Environment", key);
    if (!value.ok()) return value.status();
    setenv(key.c_str(), value->c_str(), 1);
  }
  return absl::OkStatus();
}

// ONE's tools for the stages; says which are missing.
FoundOneTools FindTools(std::vector<std::string> stages, const OneccRun& run) {
  stages.erase(std::remove(stages.begin(), stages.end(), kQuantize), stages.end());
  FoundOneTools tools = FindOneTools(stages);
  if (!tools.missing.empty()) {
    std::cerr << "error: onecc -C " << run.config << " needs ONE's "
              << absl::StrJoin(tools.missing, ", ") << ", which " << tools.WhereNot()
              << "; nothing was run\n";
  }
  return tools;
}

int RunStage(const std::vector<std::string>& command) {
  const absl::StatusOr<int> code = RunTool(command);
  if (code.ok()) return *code;
  PrintStatus(code.status(), std::cerr);
  return kExitBadData;
}

int Problem(const absl::Status& status, int exit_code) {
  PrintStatus(status, std::cerr);
  return exit_code;
}

}  // namespace

absl::StatusOr<bool> ImportsParams(const CfgFile& file, const OneccRun& run) {
  // The switches come second: where nothing is imported, their text is ONE's business.
  const absl::StatusOr<bool> imports = ImportsParams(SectionOf(file, run));
  if (!imports.ok() || !*imports) return imports;
  return IsOn(file, kQuantize);
}

int RunStages(const CfgFile& file, const OneccRun& given) {
  OneccRun run = given;
  const absl::StatusOr<std::vector<std::string>> stages = StagesOf(file, run);
  if (!stages.ok()) return Problem(stages.status(), kExitBadCommand);
  if (run.optimization.empty()) {
    absl::StatusOr<std::string> included = IncludedOptimization(file, run);
    if (!included.ok()) return Problem(included.status(), kExitBadCommand);
    run.optimization = *std::move(included);
  }
  std::vector<GivenOption> options;
  if (run.verbose) options.push_back({"verbose", ""});
  const absl::StatusOr<QuantizeJob> job = MakeQuantizeJob(options, SectionOf(file, run));
  if (!job.ok()) return Problem(job.status(), kExitBadCommand);
  const FoundOneTools tools = FindTools(*stages, run);
  if (!tools.missing.empty()) return kExitBadCommand;
  if (const absl::Status status = SetEnvironment(file); !status.ok()) {
    return Problem(status, kExitBadCommand);
  }
  if (!file.HasSection("onecc")) {
    std::cerr << "warning: " << run.config << ": [one-build] is an old name; write [onecc]\n";
  }
  for (const std::string& stage : *stages) {
    const int code = stage == kQuantize ? RunQuantizeJob(*job)
                                        : RunStage(CommandOf(stage, tools.paths.at(stage), run));
    if (code == 0) continue;
    if (stage != kQuantize) {
      std::cerr << "error: " << tools.paths.at(stage) << " failed with exit code " << code << '\n';
    }
    return code;
  }
  return kExitDone;
}

}  // namespace q_implant
