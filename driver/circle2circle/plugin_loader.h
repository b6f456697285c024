// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_PLUGIN_LOADER_H_
#define Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_PLUGIN_LOADER_H_

#include <string>

#include "absl/status/status.h"
#include "pass/pass_registry.h"

namespace q_implant {

// Loads a plugin (pass/pass_plugin.h) and registers its passes. It stays loaded until the process
// ends. A path without a slash means a file of the working directory, or else what the system's
// search for shared libraries finds. The message of an error begins with the path.
absl::Status LoadPassPlugin(const std::string& path, PassRegistry& registry);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_PLUGIN_LOADER_H_
