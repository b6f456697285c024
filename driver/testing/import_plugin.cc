// SPDX-License-Identifier: Apache-2.0
// A plugin that does q-implant's job as a pass of its own: for same_bytes_test.py.
#include <memory>
#include <string>
#include <utility>

#include "import/param_importer.h"
#include "pass/pass_plugin.h"
#include "pass/quantize/quantize_with_imported_params_pass.h"

namespace {

class ImportingPass : public q_implant::Pass {
 public:
  ImportingPass(std::string param, q_implant::ParamImportOptions options)
      : param_(std::move(param)), options_(std::move(options)) {}

  absl::string_view name() const override { return "my_import"; }

  absl::StatusOr<bool> Run(q_implant::Model& model, q_implant::Diagnostics& diagnostics) override {
    q_implant::Params params = q_implant::ImportParams(param_, options_, diagnostics);
    return q_implant::QuantizeWithImportedParamsPass(std::move(params)).Run(model, diagnostics);
  }

 private:
  std::string param_;
  q_implant::ParamImportOptions options_;
};

absl::StatusOr<std::unique_ptr<q_implant::Pass>> Make(const q_implant::PassArguments& arguments) {
  q_implant::ParamImportOptions options;
  for (const auto& [name, value] : arguments.options) options.name_map_path = value;
  return std::make_unique<ImportingPass>(arguments.argument, std::move(options));
}

absl::Status RegisterPasses(q_implant::PassRegistry& registry) {
  return registry.Register({.name = "my_import",
                            .help = "Import parameters",
                            .argument = "JSON",
                            .options = {{"name_map", "JSON", "Their names in the model"}},
                            .make = Make});
}

}  // namespace

extern "C" const q_implant::PassPlugin* q_implant_pass_plugin() {
  static constexpr q_implant::PassPlugin plugin = {q_implant::kVersion, RegisterPasses};
  return &plugin;
}
