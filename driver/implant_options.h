// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_IMPLANT_OPTIONS_H_
#define Q_IMPLANT_DRIVER_IMPLANT_OPTIONS_H_

#include "CLI/CLI.hpp"
#include "driver/implant.h"

namespace q_implant {

// Adds to a command the options that say how parameters are read and implanted. They write into
// `job`, which must outlive the parsing.
void AddImplantOptions(CLI::App& app, ImplantJob& job);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_IMPLANT_OPTIONS_H_
