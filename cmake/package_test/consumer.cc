// SPDX-License-Identifier: Apache-2.0
// Builds a model in memory, exports it and imports it again.

#include <iostream>

#include "export/circle_exporter.h"
#include "import/circle_importer.h"
#include "pass/pass_pipeline.h"

int main() {
  q_implant::Model model;
  model.version = 3;
  auto bytes = q_implant::ExportCircleToBytes(model);
  if (!bytes.ok()) {
    std::cerr << bytes.status() << "\n";
    return 1;
  }
  auto again = q_implant::ImportCircle(q_implant::Bytes::Own(*std::move(bytes)), "in memory");
  if (!again.ok()) {
    std::cerr << again.status() << "\n";
    return 1;
  }
  q_implant::Diagnostics diagnostics;
  auto changed = q_implant::PassPipeline().Run(*again, diagnostics);
  return changed.ok() && !*changed ? 0 : 1;
}
