// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_ONECC_QUANTIZE_COMMAND_H_
#define Q_IMPLANT_DRIVER_ONECC_QUANTIZE_COMMAND_H_

#include <optional>
#include <string>
#include <vector>

namespace q_implant {

// A command line of one-quantize, under either of its names.
struct QuantizeCommand {
  std::string name;                     // "one-quantize" or "onecc quantize"
  std::string needs;                    // ONE's command that does the rest, for messages
  std::vector<std::string> words = {};  // behind the name
  std::optional<std::vector<std::string>> ones = std::nullopt;  // what hands it to ONE, if there
};

// Does it where it imports parameters, else becomes ONE's command. Returns an exit code.
int RunQuantizeCommand(const QuantizeCommand& command);

// Becomes that command. Returns an exit code where it can't.
int HandOver(const std::vector<std::string>& command);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_ONECC_QUANTIZE_COMMAND_H_
