// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_ONECC_QUANTIZE_JOB_H_
#define Q_IMPLANT_DRIVER_ONECC_QUANTIZE_JOB_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "driver/jobs/implant_job.h"
#include "driver/onecc/quantize_evaluation.h"
#include "driver/python/arguments.h"
#include "driver/python/cfg_file.h"

namespace q_implant {

// A section of a cfg file that holds options of one-quantize.
struct QuantizeSection {
  const CfgFile* file = nullptr;
  std::string path;  // of the file
  std::string name;  // of the section
};

// Whether the section is there and names parameters to import. InvalidArgument where its text is
// wrong.
absl::StatusOr<bool> ImportsParams(const QuantizeSection& section);

// What one-quantize does where it imports parameters.
struct QuantizeJob {
  ImplantJob implant;
  std::optional<QuantizeEvaluation> evaluation;
  std::vector<std::string> warnings;  // of the cfg file
  std::vector<std::string> command;   // the whole job as one command line, for the log
};

// Puts the job together from a command line and, where there is one, a cfg section; the command
// line wins. InvalidArgument with a line for each problem: what contradicts an import, what is
// missing, what is no option.
absl::StatusOr<QuantizeJob> MakeQuantizeJob(const std::vector<GivenOption>& given,
                                            const std::optional<QuantizeSection>& section);

// Does it, with <output>.log beside the output: the commands run, and all that was said. Returns an
// exit code.
int RunQuantizeJob(const QuantizeJob& job);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_ONECC_QUANTIZE_JOB_H_
