// SPDX-License-Identifier: Apache-2.0
#include "driver/jobs/import_qparam_pass.h"

#include "import/param_importer.h"
#include "pass/quantize/plan_messages.h"
#include "pass/rewrite/convert_eight_bit_pass.h"
#include "pass/verify/check_luci.h"
#include "pass/verify/runtime_warnings.h"

namespace q_implant {

void ImportQparamPass::Read(Diagnostics& diagnostics) {
  params_ = ImportParams(param_, settings_.import_options, diagnostics);
  files_ = params_->files;
  files_.insert(files_.end(), {param_, settings_.import_options.name_map_path});
}

absl::StatusOr<bool> ImportQparamPass::Run(Model& model, Diagnostics& diagnostics) {
  if (!params_.has_value()) Read(diagnostics);
  const bool converts = settings_.eight_bit != circle::TensorType_FLOAT32;
  QuantizeWithImportedParamsPass quantize(*std::exchange(params_, std::nullopt),
                                          settings_.quantize_options,
                                          {.later_eight_bit = settings_.eight_bit,
                                           .warn_of_runtimes = !converts,  // what is written counts
                                           .report = settings_.report});
  absl::StatusOr<bool> changed = quantize.Run(model, diagnostics);
  if (changed.ok() && converts) {
    const absl::StatusOr<bool> converted =
        ConvertEightBitPass(settings_.eight_bit).Run(model, diagnostics);
    changed = converted.ok() ? absl::StatusOr<bool>(*changed || *converted) : converted;
  }
  summary_ = quantize.summary();
  report_ = quantize.report();
  if (converts) report_.TakeParamsFrom(model);
  if (!changed.ok()) return changed;
  if (converts) WarnOfRuntimes(Target::kAny, model, diagnostics);
  if (settings_.check_luci) CheckLuci(model, diagnostics);
  return changed;
}

}  // namespace q_implant
