// SPDX-License-Identifier: Apache-2.0
// An example of a plugin for circle2circle: a pass that quantizes with a calibration table.
//
//   circle2circle --load_pass_plugin libcalibration_table.so --calibration_table table.txt IN OUT
//
// A line of the table is a tensor: its name, type, scale and zero point, with blanks between them.
//
//   conv1/input  uint8 0.0078125 128

#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "ir/params.h"
#include "ir/tensor_type.h"
#include "pass/pass_plugin.h"
#include "pass/quantize/quantize_with_imported_params_pass.h"

namespace {

using q_implant::ParamEntry;
using q_implant::Params;

// The line as the entry that a param file would have for it; nullopt where it is none.
std::optional<ParamEntry> ParseLine(const std::string& line) {
  std::istringstream words(line);
  std::string type;
  ParamEntry entry{.scale = {0}, .zero_point = {0}};
  if (!(words >> entry.key >> type >> entry.scale[0] >> entry.zero_point[0])) return std::nullopt;
  const auto dtype = q_implant::TypeFromName(type);
  if (!dtype.has_value()) return std::nullopt;
  entry.target = entry.key;
  entry.dtype = *dtype;
  return entry;
}

class CalibrationTablePass : public q_implant::Pass {
 public:
  explicit CalibrationTablePass(std::string path) : path_(std::move(path)) {}

  absl::string_view name() const override { return "calibration_table"; }

  absl::StatusOr<bool> Run(q_implant::Model& model, q_implant::Diagnostics& diagnostics) override {
    std::ifstream file(path_);
    if (!file) diagnostics.Add({.file = path_, .problem = "the table can't be read"});
    Params params;
    params.path = path_;
    int number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      std::optional<ParamEntry> entry = ParseLine(line);
      if (entry.has_value()) {
        params.entries.push_back(*std::move(entry));
      } else {
        diagnostics.Add({.file = path_,
                         .problem = absl::StrCat("line ", number, " is no tensor"),
                         .expected = "name, type, scale and zero point",
                         .found = absl::StrCat("'", line, "'")});
      }
    }
    if (diagnostics.has_errors()) return diagnostics.ToStatus();
    return q_implant::QuantizeWithImportedParamsPass(std::move(params)).Run(model, diagnostics);
  }

 private:
  std::string path_;
};

absl::Status RegisterPasses(q_implant::PassRegistry& registry) {
  return registry.Register(
      {.name = "calibration_table",
       .help = "Quantize with the scales and zero points of a calibration table",
       .argument = "TABLE",
       .make = [](const q_implant::PassArguments& arguments)
           -> absl::StatusOr<std::unique_ptr<q_implant::Pass>> {
         return std::make_unique<CalibrationTablePass>(arguments.argument);
       }});
}

}  // namespace

extern "C" const q_implant::PassPlugin* q_implant_pass_plugin() {
  static constexpr q_implant::PassPlugin plugin = {q_implant::kVersion, RegisterPasses};
  return &plugin;
}
