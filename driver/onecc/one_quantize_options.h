// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_ONECC_ONE_QUANTIZE_OPTIONS_H_
#define Q_IMPLANT_DRIVER_ONECC_ONE_QUANTIZE_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "driver/python/arguments.h"

namespace q_implant {

// What an import makes of an option of one-quantize.
enum class QuantizeOptionUse {
  kJob,         // says what to do
  kCommand,     // says how to read the rest, or what to print instead
  kEvaluation,  // asks for a comparison with the float32 model
  kDataFormat,  // goes with kEvaluation
  kFloat32,     // is right where it says float32
  kRefused,     // contradicts an import
};

// An option of one-quantize: all of ONE's, and what importing adds.
struct QuantizeOption {
  const char* name;   // without dashes: also its key in cfg files
  char letter;        // 0: none
  const char* value;  // what follows it, for the help text; empty for flags
  const char* group;  // where it stands in the help text
  const char* text;   // what it does; where it contradicts an import, why
  QuantizeOptionUse use;

  bool is_flag() const { return *value == '\0'; }
  bool contradicts() const {
    return use == QuantizeOptionUse::kRefused || use == QuantizeOptionUse::kFloat32;
  }
};

// All of them but those that every importing command has (driver/jobs/implant_options.h).
absl::Span<const QuantizeOption> OneQuantizeOptions();

// The option of this name, or null.
const QuantizeOption* FindQuantizeOption(absl::string_view name);

// What a command line of one-quantize may hold: those, and those of every importing command.
std::vector<ArgumentOption> QuantizeArguments();

// The help text of `command`, "one-quantize" or "onecc quantize".
std::string QuantizeHelp(const std::string& command);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_ONECC_ONE_QUANTIZE_OPTIONS_H_
