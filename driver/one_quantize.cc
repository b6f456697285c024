// SPDX-License-Identifier: Apache-2.0
// The command one-quantize.

#include <optional>
#include <string>
#include <vector>

#include "driver/lost_input.h"
#include "driver/one/one_tools.h"
#include "driver/one/quantize_command.h"

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
  q_implant::ExitOnLostInput();
  return q_implant::Main(argc, argv);
}
