// SPDX-License-Identifier: Apache-2.0
// The command q-implant.

#include <iostream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "driver/jobs/implant_job.h"
#include "driver/jobs/implant_options.h"
#include "driver/jobs/messages.h"
#include "driver/process/run_main.h"
#include "ir/version.h"

namespace q_implant {
namespace {

constexpr char kDescription[] =
    "Puts quantization parameters that another toolchain made (scales, zero points, integer "
    "weights) into a float32 "
    "circle or TFLite model.";

constexpr char kFooter[] = R"(
Example:
  q-implant --input model.circle --param param.json --output quantized.circle

param.json maps tensor names to parameters in .npy files beside it:
  { "conv1/weight": { "dtype": "int8", "scale": "w_scale.npy", "zerop": "w_zerop.npy",
                      "value": "w.npy", "quantized_dimension": 0 } }

Exit codes: 0 done, 1 the data is wrong (nothing was written), 2 the command is wrong.)";

// input, param and output stand in options or, as upstream's q-implant takes them, in this order
// behind each other. Empty where all three are there, else what is wrong.
std::string PlacePositionals(const std::vector<std::string>& positionals, ImplantJob& job) {
  size_t next = 0;
  for (std::string* place : {&job.input, &job.param, &job.output}) {
    if (place->empty() && next < positionals.size()) *place = positionals[next++];
  }
  if (next < positionals.size()) return "'" + positionals[next] + "' is one argument too many";
  if (job.input.empty()) return "--input is missing: the float32 model";
  if (job.param.empty()) return "--param is missing: the parameters, a JSON file";
  if (job.output.empty()) return "--output is missing: the file to write";
  return "";
}

int WrongCommand(const std::string& problem) {
  std::cerr << "error: " << problem
            << "\nusage: q-implant --input MODEL --param JSON --output MODEL"
            << "\n       q-implant --help tells the rest\n";
  return kExitBadCommand;
}

int Main(int argc, char** argv) {
  CLI::App app(kDescription, "q-implant");
  app.footer(kFooter);
  app.set_help_flag();  // given again as the last option, so that it stands last
  ImplantJob job;
  std::vector<std::string> positionals;
  app.add_option("--input,-i", job.input, "The float32 model (.circle or .tflite)")
      ->type_name("MODEL")
      ->group("Files");
  app.add_option("--param,-p", job.param, "The parameters: a JSON file that names .npy files")
      ->type_name("JSON")
      ->group("Files");
  app.add_option("--output,-o", job.output,
                 "The file to write. It appears whole or not at all, and may be the input")
      ->type_name("MODEL")
      ->group("Files");
  app.add_option("positionals", positionals, "input, param and output without their options")
      ->group("");
  AddImplantOptions(app, job.settings);
  app.add_flag("--verbose,-V", job.verbose, "Say also why operators stay float32")->group("Output");
  app.add_option(
         "--report", job.report,
         "Write a JSON file that says of each tensor and operator what became of it and why, "
         "also where the job fails")
      ->type_name("FILE")
      ->group("Output");
  app.add_option("--dot", job.dot,
                 "Write a Graphviz file that shows the model before and after the change; "
                 "'dot -Tsvg FILE' draws it")
      ->type_name("FILE")
      ->group("Output");
  app.add_flag("--dry_run", job.dry_run, "Do everything but write the output")->group("Output");
  app.add_flag("--print_before", job.print_before, "Print the model as text before the change")
      ->group("Output");
  app.add_flag("--print_after", job.print_after, "Print the model as text after the change")
      ->group("Output");
  app.set_version_flag("--version,-v", std::string("q-implant ") + kVersion, "Print the version")
      ->group("Output");
  app.set_help_flag("--help,-h", "Print this text")->group("Output");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::Error& error) {
    return WrongCommand(error.what());
  }
  for (const char* name : {"--input", "--param", "--output"}) {
    const CLI::Option* option = app.get_option(name);
    if (option->count() > 0 && option->as<std::string>().empty()) {
      return WrongCommand(std::string(name) + " is empty");
    }
  }
  const std::string problem = PlacePositionals(positionals, job);
  if (!problem.empty()) return WrongCommand(problem);
  if (const absl::Status settings = CheckSettings(job.settings); !settings.ok()) {
    return WrongCommand(std::string(settings.message()));
  }
  return RunImplant(job, TextsBeside(job.output), std::cerr);
}

}  // namespace
}  // namespace q_implant

int main(int argc, char** argv) {
  return q_implant::RunMain(q_implant::kExitBadData, [&] { return q_implant::Main(argc, argv); });
}
