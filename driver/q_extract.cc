// SPDX-License-Identifier: Apache-2.0
// The command q-extract.

#include <algorithm>
#include <iostream>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "driver/jobs/extract_job.h"
#include "driver/jobs/implant_job.h"
#include "driver/process/run_main.h"
#include "ir/version.h"

namespace q_implant {
namespace {

constexpr char kDescription[] =
    "Takes quantization parameters out of a quantized circle or TFLite model: the inverse of "
    "q-implant. Or shows how those of two models differ.";

constexpr char kFooter[] = R"(
Examples:
  q-extract --input quantized.circle --output_dir params
  q-extract --input quantized.circle --diff other.circle

params/param.json and the .npy files beside it are what q-implant reads; the command that puts
them into the float32 model is printed.

Exit codes: 0 done, 1 the data is wrong, 2 the command is wrong.
With --diff: 0 the same, 1 different, 2 trouble.)";

int WrongCommand(const std::string& problem) {
  std::cerr << "error: " << problem << "\nusage: q-extract --input MODEL --output_dir FOLDER"
            << "\n       q-extract --input MODEL --diff MODEL [--json]"
            << "\n       q-extract --help tells the rest\n";
  return kExitBadCommand;
}

int Main(int argc, char** argv) {
  CLI::App app(kDescription, "q-extract");
  app.footer(kFooter);
  app.set_help_flag();  // given again as the last option, so that it stands last
  std::string input;
  std::string output_dir;
  std::string other;
  bool json = false;
  app.add_option("--input,-i", input, "The quantized model (.circle or .tflite)")
      ->type_name("MODEL")
      ->group("Files");
  app.add_option("--output_dir,-o", output_dir,
                 "The folder for param.json and its .npy files; made where it is not there")
      ->type_name("FOLDER")
      ->group("Files");
  app.add_option("--diff", other,
                 "Write nothing: show tensor by tensor how this model's parameters differ")
      ->type_name("MODEL")
      ->group("Files");
  app.add_flag("--json", json, "With --diff: as JSON")->group("Output");
  app.set_version_flag("--version,-v", std::string("q-extract ") + kVersion, "Print the version")
      ->group("Output");
  app.set_help_flag("--help,-h", "Print this text")->group("Output");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::Error& error) {
    return WrongCommand(error.what());
  }
  if (input.empty()) return WrongCommand("--input is missing: the quantized model");
  if (output_dir.empty() == other.empty()) {
    return WrongCommand(other.empty() ? "--output_dir is missing: where to write param.json"
                                      : "--output_dir and --diff exclude each other");
  }
  if (json && other.empty()) return WrongCommand("--json goes with --diff");
  if (!other.empty()) return RunDiff(input, other, json, std::cout, std::cerr);
  return RunExtract(input, output_dir, std::cout, std::cerr);
}

// What a failure of the process itself means: 1 says already that two models differ.
int TroubleOf(int argc, char** argv) {
  const bool compares = std::any_of(
      argv + 1, argv + argc, [](const char* word) { return absl::StartsWith(word, "--diff"); });
  return compares ? kExitTrouble : kExitBadData;
}

}  // namespace
}  // namespace q_implant

int main(int argc, char** argv) {
  return q_implant::RunMain(q_implant::TroubleOf(argc, argv),
                            [&] { return q_implant::Main(argc, argv); });
}
