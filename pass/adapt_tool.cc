// SPDX-License-Identifier: Apache-2.0
// adapt_tool TARGET IN OUT: adapts a quantized model to a runtime, for retarget_test.py. Prints
// what there is to tell, and "unchanged" where nothing was to be done.

#include <iostream>
#include <optional>
#include <string>

#include "export/circle_exporter.h"
#include "import/circle_importer.h"
#include "pass/adapt_to_target_pass.h"

namespace q_implant {
namespace {

int Adapt(Target target, const std::string& in, const std::string& out) {
  absl::StatusOr<Model> model = ImportCircle(in);
  if (!model.ok()) {
    std::cerr << model.status().message() << "\n";
    return 1;
  }
  Diagnostics diagnostics;
  const absl::StatusOr<bool> changed = AdaptToTargetPass(target).Run(*model, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) std::cerr << diagnostic.ToString() << "\n";
  if (!changed.ok()) {
    if (!diagnostics.has_errors()) std::cerr << changed.status().message() << "\n";
    return 1;
  }
  if (!*changed) std::cout << "unchanged\n";
  const absl::Status status = ExportCircle(*model, out);
  if (status.ok()) return 0;
  std::cerr << status.message() << "\n";
  return 1;
}

}  // namespace
}  // namespace q_implant

int main(int argc, char** argv) {
  using q_implant::Target;
  for (Target target : q_implant::kTargets) {
    if (argc == 4 && argv[1] == std::string(q_implant::TargetOption(target))) {
      return q_implant::Adapt(target, argv[2], argv[3]);
    }
  }
  std::cerr << "usage: adapt_tool litert|onert IN OUT\n";
  return 2;
}
