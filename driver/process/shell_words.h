// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_PROCESS_SHELL_WORDS_H_
#define Q_IMPLANT_DRIVER_PROCESS_SHELL_WORDS_H_

#include <string>
#include <vector>

namespace q_implant {

// An argument as a shell takes it.
std::string ShellQuoted(const std::string& word);

// A command as one types it.
std::string ShellCommand(const std::vector<std::string>& words);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_PROCESS_SHELL_WORDS_H_
