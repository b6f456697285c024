// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_PIPELINE_HELP_H_
#define Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_PIPELINE_HELP_H_

#include <string>

#include "pass/pass_registry.h"

namespace q_implant {

// The help text of circle2circle.
std::string PipelineHelp(const PassRegistry& registry);

// A line for each pass: how it is called, and what it does.
std::string PassList(const PassRegistry& registry);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_PIPELINE_HELP_H_
