// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_JOBS_IMPORT_QPARAM_PASS_H_
#define Q_IMPLANT_DRIVER_JOBS_IMPORT_QPARAM_PASS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driver/jobs/implant_settings.h"
#include "ir/params.h"
#include "pass/pass.h"
#include "pass/quantize/quantize_with_imported_params_pass.h"

namespace q_implant {

// Everything that a param file and a command's options do to a model: what q-implant, onecc and
// circle2circle have in common. Reads the file, quantizes with what it holds, and converts and
// checks the result where the settings say so.
class ImportQparamPass : public Pass {
 public:
  ImportQparamPass(std::string param, ImplantSettings settings)
      : param_(std::move(param)), settings_(std::move(settings)) {}

  absl::string_view name() const override { return "import_qparam"; }

  // Reads the param file before the model is at hand, for those who want to tell all problems at
  // once; Run does it otherwise.
  void Read(Diagnostics& diagnostics);

  absl::StatusOr<bool> Run(Model& model, Diagnostics& diagnostics) override;

  // The files that have been read, or named by one that has, since Read or Run.
  const std::vector<std::string>& files() const { return files_; }

  // Of the last run. The report is gathered only where the settings say so.
  const QuantizeSummary& summary() const { return summary_; }
  const QuantizeReport& report() const { return report_; }

 private:
  std::string param_;
  ImplantSettings settings_;
  std::optional<Params> params_;
  std::vector<std::string> files_;
  QuantizeSummary summary_;
  QuantizeReport report_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_JOBS_IMPORT_QPARAM_PASS_H_
