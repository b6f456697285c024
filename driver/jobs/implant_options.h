// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_JOBS_IMPLANT_OPTIONS_H_
#define Q_IMPLANT_DRIVER_JOBS_IMPLANT_OPTIONS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "driver/jobs/implant_settings.h"

namespace CLI {
class App;
}

namespace q_implant {

// An option that every command which imports parameters has.
struct ImplantOption {
  const char* name;   // without dashes
  const char* value;  // what follows it: nothing, one of several words ("litert|onert"), or a name
  const char* group;  // where it stands in help texts
  const char* help;
  absl::Status (*set)(const std::string& value, ImplantSettings& settings);

  bool is_flag() const { return *value == '\0'; }
};

// All of them, in the order of the help texts.
absl::Span<const ImplantOption> ImplantOptions();

// The option of this name, or null.
const ImplantOption* FindImplantOption(absl::string_view name);

// Sets an option; a flag's value is empty. InvalidArgument where the value is none of the option's
// words: "'tpu' is not litert or onert".
absl::Status SetImplantOption(const ImplantOption& option, const std::string& value,
                              ImplantSettings& settings);

// InvalidArgument where options exclude each other.
absl::Status CheckSettings(const ImplantSettings& settings);

// Adds them to a command. They write into `settings`, which must outlive the parsing.
void AddImplantOptions(CLI::App& app, ImplantSettings& settings);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_JOBS_IMPLANT_OPTIONS_H_
