// SPDX-License-Identifier: Apache-2.0
// The command one-quantize.

#include <optional>
#include <string>
#include <vector>

#include "driver/jobs/implant_job.h"
#include "driver/onecc/quantize_command.h"
#include "driver/process/one_tools.h"
#include "driver/process/run_main.h"

namespace q_implant {
namespace {

int Main(int argc, char** argv) {
  QuantizeCommand command{.name = "one-quantize", .needs = "one-quantize"};
  command.words.assign(argv + 1, argv + argc);
  if (const std::optional<std::string> tool = FindOneTool("one-quantize")) {
    command.ones = {*tool};
    command.ones->insert(command.ones->end(), command.words.begin(), command.words.end());
  }
  return RunQuantizeCommand(command);
}

}  // namespace
}  // namespace q_implant

int main(int argc, char** argv) {
  return q_implant::RunMain(q_implant::kExitBadData, [&] { return q_implant::Main(argc, argv); });
}
