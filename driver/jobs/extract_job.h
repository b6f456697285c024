// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_JOBS_EXTRACT_JOB_H_
#define Q_IMPLANT_DRIVER_JOBS_EXTRACT_JOB_H_

#include <ostream>
#include <string>

namespace q_implant {

// Exit codes of q-extract --diff.
inline constexpr int kExitSame = 0;
inline constexpr int kExitDifferent = 1;
inline constexpr int kExitTrouble = 2;

// Writes the parameters of the quantized model `input` into `folder` and prints the q-implant
// command that puts them into the float32 model. Returns 0, or 1 with the errors on `err`.
int RunExtract(const std::string& input, const std::string& folder, std::ostream& out,
               std::ostream& err);

// Prints how the parameters of two models differ, a tensor a line, or as JSON. Returns kExitSame,
// kExitDifferent, or kExitTrouble with the errors on `err`.
int RunDiff(const std::string& first, const std::string& second, bool json, std::ostream& out,
            std::ostream& err);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_JOBS_EXTRACT_JOB_H_
