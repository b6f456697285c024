// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_RUN_PIPELINE_H_
#define Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_RUN_PIPELINE_H_

#include <ostream>
#include <string>

#include "driver/circle2circle/pipeline_command.h"

namespace q_implant {

// What circle2circle returns for a wrong command, as upstream's does.
inline constexpr int kExitWrongUsage = 255;

// Runs a pipeline and returns an exit code: that of the other circle2circle, at `upstream`, where
// it failed. Texts that were asked for go to `out`, errors and warnings to `err`. The output
// appears only where all went well.
int RunPipeline(const PipelineCommand& command, const std::string& upstream, std::ostream& out,
                std::ostream& err);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_RUN_PIPELINE_H_
