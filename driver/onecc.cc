// SPDX-License-Identifier: Apache-2.0
// The command onecc.

#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "driver/jobs/implant_job.h"
#include "driver/jobs/messages.h"
#include "driver/onecc/onecc_stages.h"
#include "driver/onecc/quantize_command.h"
#include "driver/process/one_tools.h"
#include "driver/process/run_main.h"
#include "driver/python/arguments.h"
#include "ir/version.h"

namespace q_implant {
namespace {

constexpr char kHelp[] =
    R"(Runs ONE's compiler, with quantization parameters that another toolchain made.
usage: onecc quantize --import_qparam JSON -i MODEL -o MODEL
       onecc -C CFG
       onecc COMMAND ...

Commands:
  quantize                    With --import_qparam: put parameters into a float32 model;
                              'onecc quantize --help' tells the rest
  import, optimize, ...       ONE's commands, and quantize without --import_qparam: by ONE's onecc

Options:
  -C, --config CFG            Run the stages that [onecc] of a cfg file turns on. Where the section
                              [one-quantize] has import_qparam, that stage is done here and the
                              others by ONE's tools; else all by ONE's onecc
  -O NAME                     With -C: the group of optimizations for one-optimize
  -b, --backend NAME          With -C: the backend for one-codegen and one-profile
  -T, --target NAME           With -C: the target for ONE's tools
  -W, --workflow JSON         Run a workflow file: by ONE's onecc
  -V, --verbose               Say also why operators stay float32
  -v, --version               Print the version
  -h, --help                  Print this text

Examples:
  onecc quantize --import_qparam param.json -i model.circle -o quantized.circle
  onecc -C model.cfg

In model.cfg:
  [onecc]
  one-import-tflite=True
  one-quantize=True
  [one-import-tflite]
  input_path=model.tflite
  output_path=model.circle
  [one-quantize]
  import_qparam=param.json
  input_path=model.circle
  output_path=quantized.circle

ONE's tools are those that PATH has behind this command's own folder.

Exit codes: 0 done, 1 the data is wrong, 2 the command is wrong, or that of ONE's tool.
)";

const ArgumentOption kOptions[] = {
    {"config", 'C', true},  {"section", 'S', true},  {"O", 0, true},
    {"backend", 'b', true}, {"target", 'T', true},   {"workflow", 'W', true},
    {"help", 'h', false},   {"verbose", 'V', false}, {"version", 'v', false},
};

using Words = std::vector<std::string>;

Words Behind(const std::string& tool, Words words) {
  words.insert(words.begin(), tool);
  return words;
}

int WrongCommand(const std::string& problem) {
  std::cerr << "error: " << problem
            << "\nusage: onecc quantize --import_qparam JSON -i MODEL -o MODEL"
            << "\n       onecc -C CFG"
            << "\n       onecc --help tells the rest\n";
  return kExitBadCommand;
}

// ONE's onecc, if it is there, does it.
std::optional<int> HandOverToOnecc(const Words& words) {
  const std::optional<std::string> tool = FindFurtherAlongPath("onecc");
  if (!tool.has_value()) return std::nullopt;
  return HandOver(Behind(*tool, words));
}

// It must be there.
int NeedOnecc(const Words& words, const std::string& what) {
  if (const std::optional<int> code = HandOverToOnecc(words)) return *code;
  std::cerr << "error: " << what << " needs ONE's onecc, which no folder of PATH contains behind "
            << OwnFolder() << "; without ONE, parameters are imported by 'onecc quantize "
            << "--import_qparam JSON' and by a cfg file whose [one-quantize] has import_qparam\n";
  return kExitBadCommand;
}

int Quantize(const Words& words) {
  QuantizeCommand command{.name = "onecc quantize", .needs = "onecc"};
  command.words.assign(words.begin() + 1, words.end());
  if (const std::optional<std::string> tool = FindFurtherAlongPath("onecc")) {
    command.ones = Behind(*tool, words);
  } else if (const std::optional<std::string> quantize = FindFurtherAlongPath("one-quantize")) {
    command.ones = Behind(*quantize, command.words);
  }
  return RunQuantizeCommand(command);
}

// "~/model.cfg" as ONE's onecc reads it, where no shell did. Its other tools don't.
std::string ExpandUser(const std::string& path) {
  const char* home = std::getenv("HOME");
  const bool expands = home != nullptr && absl::StartsWith(path, "~/");
  return expands ? home + path.substr(1) : path;
}

int RunConfig(const Words& words, const Arguments& arguments) {
  OneccRun run{.config = ExpandUser(arguments.Value("config")),
               .optimization = arguments.Value("O"),
               .backend = arguments.Value("backend"),
               .target = arguments.Value("target"),
               .verbose = arguments.Has("verbose")};
  const absl::StatusOr<CfgFile> file = CfgFile::Read(run.config);
  if (!file.ok()) {
    PrintStatus(file.status(), std::cerr);
    return kExitBadData;
  }
  const absl::StatusOr<bool> imports = ImportsParams(*file, run);
  if (!imports.ok()) {
    PrintStatus(imports.status(), std::cerr);
    return kExitBadCommand;
  }
  if (*imports) {
    return arguments.problem.empty() ? RunStages(*file, run) : WrongCommand(arguments.problem);
  }
  return NeedOnecc(words, absl::StrCat("onecc -C ", run.config));
}

int Main(const Words& words) {
  if (!words.empty() && words[0] == "quantize") return Quantize(words);
  if (!words.empty() && !absl::StartsWith(words[0], "-")) {
    return NeedOnecc(words, "onecc " + words[0]);
  }
  const Arguments arguments = ParseArguments(kOptions, words);
  if (arguments.help) {
    std::cout << kHelp;
    return kExitDone;
  }
  if (arguments.problem.empty() && arguments.Has("version")) {
    std::cout << "onecc of q-implant " << kVersion << '\n';
    return kExitDone;
  }
  if (!arguments.Value("config").empty()) return RunConfig(words, arguments);
  if (arguments.problem.empty() && arguments.Has("workflow")) return NeedOnecc(words, "onecc -W");
  if (const std::optional<int> code = HandOverToOnecc(words)) return *code;
  return WrongCommand(arguments.problem.empty()
                          ? "what to do is missing: a command, or -C and a cfg file"
                          : arguments.problem);
}

}  // namespace
}  // namespace q_implant

int main(int argc, char** argv) {
  return q_implant::RunMain(q_implant::kExitBadData, [&] {
    return q_implant::Main(std::vector<std::string>(argv + 1, argv + argc));
  });
}
