// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_ONECC_ONECC_STAGES_H_
#define Q_IMPLANT_DRIVER_ONECC_ONECC_STAGES_H_

#include <string>

#include "absl/status/statusor.h"
#include "driver/python/cfg_file.h"

namespace q_implant {

// What `onecc -C model.cfg` was asked.
struct OneccRun {
  std::string config;  // the cfg file as it was given, and is given on to ONE's tools
  std::string optimization;
  std::string backend;
  std::string target;
  bool verbose = false;
};

// Whether one-quantize is among the stages and its section imports parameters.
absl::StatusOr<bool> ImportsParams(const CfgFile& file, const OneccRun& run);

// Runs the stages that [onecc], or its old name [one-build], turns on: one-quantize here, the
// others by ONE's tools, of which all must be there before the first runs. Returns an exit code,
// that of the stage which failed.
int RunStages(const CfgFile& file, const OneccRun& run);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_ONECC_ONECC_STAGES_H_
